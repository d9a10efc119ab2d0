#!/bin/bash
# Local submission: set-gid postdrop, a mail system that is down, hostile files, a kill at every call.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users stagiaire alice mallory
configure
newaliases && postfix check
queue=/var/spool/postfix

check "postdrop has the rights of its group and no more" test "$(stat -c '%a %U %G' /usr/local/sbin/postdrop)" = "2755 root postdrop"
su stagiaire -c 'printf "Subject: waits\n\nwaits\n" | sendmail alice'
check "a message is taken while the mail system is down" test $? = 0
check "it lies in maildrop" sh -c "[ \$(ls $queue/maildrop | wc -l) = 1 ]"
check "the user cannot look into maildrop" su stagiaire -c "! ls $queue/maildrop"

# The caller's environment and configuration count for nothing.
mkdir -p /tmp/evil/maildrop; echo "queue_directory = /tmp/evil" > /tmp/evil/main.cf; chmod -R 777 /tmp/evil
check "a user's own configuration directory is refused" su mallory -c \
    '! MAIL_CONFIG=/tmp/evil postdrop < /dev/null 2> /tmp/evil/said && grep -q unauthorized /tmp/evil/said'

# Files that only someone with the group could make: none is read, each is warned about once.
cd $queue/maildrop
ln -s /etc/shadow symlink; mkfifo -m 744 fifo; printf 'SXXX' > garbage; chmod 744 garbage
printf 'S\0\0\0\001aR\0\0\0\003a\nbE\0\0\0\0' > newline; chmod 744 newline
printf 'S\177\377\377\377' > huge; chmod 744 huge; : > empty; chmod 744 empty
printf 'S\0\0\0\001aR\0\0\0\005aliceN\0\0\0\002x\nE\0\0\0\0' > hard; chmod 744 hard; ln hard /tmp/evil/second 2>/dev/null || ln hard ../second
mkdir dir; printf 'half' > unfinished; chmod 600 unfinished
chown -h mallory symlink fifo garbage newline huge empty hard unfinished
cd /
check "the mail system starts" start_mta
check "the message that waited is delivered" holds /var/mail/alice '^waits$'
for f in symlink fifo garbage newline huge empty hard; do
    check "$f is set aside with one warning" logged "pickup\\[[0-9]+\\]: warning: maildrop/$f: moved to corrupt/$f"
done
check "a directory does no harm" sh -c "[ \$(grep -c 'maildrop/dir' $LOG) = 1 ]"
check "an unfinished file is left alone" test -e $queue/maildrop/unfinished
check "nothing of them was delivered" sh -c "[ \$(grep -c '^From ' /var/mail/alice) = 1 ]"
rm -rf $queue/maildrop/unfinished $queue/maildrop/dir

# postdrop killed before each of its calls: what it reported is delivered, what it did not is whole or absent.
sent=0; kills=0
for call in openat write fchmod fsync read connect rename; do
    for when in 1 2 3 4 5 6 7 8; do
        tag="kill-$call-$when"
        python3 - "$tag" > /tmp/records <<'P'
import sys,struct
def r(k,b): return k+struct.pack('>I',len(b))+b
sys.stdout.buffer.write(r(b'S',b'root')+r(b'R',b'alice')+r(b'N',b'Subject: t\n\n'+sys.argv[1].encode()+b'\n')+r(b'E',b''))
P
        # In a shell of its own, which keeps what bash says of a killed child to itself.
        if bash -c "strace -qq -o /dev/null -e trace=$call -e inject=$call:signal=SIGKILL:when=$when postdrop < /tmp/records" 2> /dev/null; then
            sent=$((sent + 1)); echo "$tag" >> /tmp/reported
        else kills=$((kills + 1)); echo "$tag" >> /tmp/killed; fi
    done
done
sleep 3; eventually 20 sh -c "[ -z \"\$(mailq | grep -v empty)\" ]"
lost=0; while read -r tag; do grep -qx "$tag" /var/mail/alice || lost=$((lost + 1)); done < /tmp/reported
twice=$(grep '^kill-' /var/mail/alice | sort | uniq -d | wc -l)
check "of $sent reported submissions none is lost ($lost), of $kills killed ones none is doubled ($twice)" test "$lost $twice" = "0 0"
check "no killed submission is set aside as bad" sh -c "! ls $queue/corrupt | grep -q '[0-9]\\.'"
check "some were killed and some were not" test "$kills" -gt 5 -a "$sent" -gt 5

# pickup killed before each of its calls, with one message before it: nothing is lost, and at most doubled.
lib=/usr/local/libexec/malleposte
kill_pickup() { # kill_pickup CALL WHEN: as master starts it
    rm $lib/pickup
    printf '#!/bin/sh\nexec strace -qq -o /dev/null -e trace=%s -e inject=%s:signal=SIGKILL:when=%s %s/minimta pickup "$@"\n' "$1" "$1" "$2" $lib > $lib/pickup
    chmod 755 $lib/pickup
}
real_pickup() { ln -f $lib/minimta $lib/pickup; }
points="read:1 read:2 read:3 write:1 write:2 write:3 write:4 write:6 recvmsg:1 recvmsg:2 poll:2 unlink:1"
restart() { postfix stop; postfix start; } 2> /dev/null
for point in $points; do
    postfix stop 2> /dev/null
    kill_pickup "${point%:*}" "${point#*:}"
    printf 'Subject: t\n\npickup-%s\n' "$point" | sendmail alice
    postfix start 2> /dev/null
    eventually 1 grep -q "pickup-$point" /var/mail/alice 2> /dev/null
    real_pickup
    restart
    # What killed postdrops left unfinished stays.
    eventually 20 sh -c "! find $queue/maildrop -type f -perm -100 | grep -q ."
done
eventually 20 sh -c "[ -z \"\$(mailq | grep -v empty)\" ]"
lost=0; more=0
for point in $points; do
    n=$(grep -c "^pickup-$point\$" /var/mail/alice)
    [ "$n" -ge 1 ] || { lost=$((lost + 1)); echo "lost: $point"; }
    [ "$n" -le 2 ] || { more=$((more + 1)); echo "$n times: $point"; }
done
check "with pickup killed nothing is lost ($lost) and nothing comes more than twice ($more)" test "$lost $more" = "0 0"
check "pickup was killed" sh -c "[ \$(grep -c 'pickup pid [0-9]* killed by signal 9' $LOG) -ge 5 ]"
