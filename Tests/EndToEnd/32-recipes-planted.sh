#!/bin/bash
# What mallory plants in victim's way when mda, started by root as a mail system does, delivers to victim: recipe
# files, links, FIFOs, hard links, locks; and letters of strange sizes.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users victim mallory
chmod 755 /home/victim; chmod 1777 /var/mail
home=/home/victim
M=/usr/local/bin/mda; [ -x $M ] || M=$(command -v mda)
LETTER=/tmp/letter; printf 'From j@x  Tue Mar  5 09:00:00 2019\nSubject: x\n\nbody\n' > $LETTER
# to [LETTER]: delivers to victim, within a time that nothing planted may exceed.
to() { timeout 60 $M -d victim < "${1:-$LETTER}" > /tmp/to.out 2>&1; }
clean() { rm -rf $home/.procmailrc $home/inc $home/box* $home/Mail /var/mail/victim* /srv/out; mkdir -p /srv/out; chmod 777 /srv/out; rm -f /tmp/to.out; }
arrived() { grep -q body /var/mail/victim; }
evil='| id > /srv/out/pwn'
recipe() { printf ':0 c\n%s\n' "$evil"; }

for planted in world-writable mallory-owned link-to-mallory fifo directory socket hard-link-to-mallory; do
    clean
    recipe > /srv/out/rc; chown mallory /srv/out/rc
    case $planted in
    world-writable) recipe > $home/.procmailrc; chown victim $home/.procmailrc; chmod 666 $home/.procmailrc ;;
    mallory-owned) recipe > $home/.procmailrc; chown mallory $home/.procmailrc ;;
    link-to-mallory) ln -s /srv/out/rc $home/.procmailrc ;;
    fifo) mkfifo $home/.procmailrc; chown victim $home/.procmailrc ;;
    directory) mkdir $home/.procmailrc; chown victim $home/.procmailrc ;;
    socket) python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('$home/.procmailrc')"; chown victim $home/.procmailrc ;;
    hard-link-to-mallory) recipe > $home/rc; chown mallory $home/rc; ln $home/rc $home/.procmailrc; rm $home/rc ;;
    esac
    check "recipes $planted: mail arrives" to
    check "recipes $planted: in the mailbox" arrived
    check "recipes $planted: nothing of them runs" test ! -e /srv/out/pwn
done
clean; recipe > $home/.procmailrc; chown victim $home/.procmailrc; chmod 777 $home
to; check "a home that others write in: nothing of its recipes runs" test ! -e /srv/out/pwn; chmod 755 $home
for planted in world-writable mallory-owned fifo; do
    clean; printf 'INCLUDERC=%s/inc\n' $home > $home/.procmailrc; chown victim $home/.procmailrc
    case $planted in
    world-writable) recipe > $home/inc; chown victim $home/inc; chmod 666 $home/inc ;;
    mallory-owned) recipe > $home/inc; chown mallory $home/inc ;;
    fifo) mkfifo $home/inc; chown victim $home/inc ;;
    esac
    check "an included file $planted: mail arrives" to
    check "an included file $planted: in the mailbox" arrived
    check "an included file $planted: nothing of it runs" test ! -e /srv/out/pwn
done

cp /etc/shadow /root/shadow
for planted in link-to-shadow hard-link fifo directory mallorys; do
    clean; touch $home/other; chown victim $home/other
    case $planted in
    link-to-shadow) su mallory -c 'ln -s /etc/shadow /var/mail/victim' ;;
    hard-link) ln $home/other /var/mail/victim ;;
    fifo) su mallory -c 'mkfifo -m 666 /var/mail/victim' ;;
    directory) su mallory -c 'mkdir -m 777 /var/mail/victim' ;;
    mallorys) su mallory -c 'touch /var/mail/victim; chmod 666 /var/mail/victim' ;;
    esac
    to; code=$?
    check "a mailbox that is a $planted: the letter waits" test $code = 75
    check "a mailbox that is a $planted: nothing is written through it" sh -c "cmp /etc/shadow /root/shadow && ! find $home/other /var/mail/victim -type f -exec grep -lx body {} + 2> /dev/null | grep -q ."
done
clean; printf 'LOCKSLEEP=1\n:0:\nbox\n' > $home/.procmailrc; chown victim $home/.procmailrc
ln -s /etc/cron.d/x $home/box.lock
( sleep 3; rm -f $home/box.lock ) &
check "a lock that is a link is waited for" to
check "nothing is made where it leads" test ! -e /etc/cron.d/x
check "the letter is in its folder" grep -q body $home/box
clean; su mallory -c 'touch /var/mail/victim.lock'; touch /var/mail/victim; chown victim:mail /var/mail/victim
printf 'LOCKSLEEP=1\nLOCKTIMEOUT=2\n' > $home/.procmailrc; chown victim $home/.procmailrc
to; code=$?
check "a lock that mallory plants in the spool never loses the letter" sh -c "[ $code = 75 ] || grep -q body /var/mail/victim"

clean; printf ':0 w\n| (id; grep -E "CapEff|Groups" /proc/self/status; ls -l /proc/self/fd | wc -l; umask) > /srv/out/who; cat > /dev/null\n' > $home/.procmailrc; chown victim $home/.procmailrc
check "a program of the recipes runs" to
check "as victim" grep -q "uid=$(id -u victim)(victim)" /srv/out/who
check "without capabilities" grep -q 'CapEff:.*0000000000000000' /srv/out/who
check "without another's groups" sh -c "! grep -q '(root)' /srv/out/who"

# Letters of strange sizes and kinds; each is delivered whole or waits.
clean; printf ':0\n* ^Subject: big\nbig/\n:0\nmd/\n' > $home/.procmailrc; chown victim $home/.procmailrc
: > /tmp/empty; to /tmp/empty; check "an empty letter waits" test $? = 75
head -c 3000 /dev/urandom > /tmp/noise; check "random octets are delivered" to /tmp/noise
check "and all of them" sh -c "tail -c 2000 /tmp/noise > /tmp/tail; cat $home/md/new/* | tail -c 2000 | cmp - /tmp/tail"
python3 - <<'P'
with open("/tmp/line", "wb") as f:
    f.write(b"Subject: big\nX: ")
    for _ in range(100): f.write(b"a" * 1000000)
    f.write(b"\n\nend")
with open("/tmp/huge", "wb") as f:
    f.write(b"Subject: big\n\n")
    for _ in range(1024): f.write((b"x" * 1023 + b"\n") * 1024)
P
check "a line of 100 MB is delivered" to /tmp/line
check "and a letter of 1 GiB" sh -c "ulimit -v 4000000; timeout 120 $M -d victim < /tmp/huge"
check "whole" sh -c "[ \$(stat -c %s $home/big/new/* | sort -n | tail -1) -ge 1073741824 ]"
for n in 1 2 3 4 5 6 7 8 9 10; do
    head -c 2000 /dev/urandom > $home/.procmailrc; chown victim $home/.procmailrc; rm -f /var/mail/victim*
    ( cd $home && timeout 60 $M -d victim < $LETTER > /dev/null 2>&1 ); code=$?
    [ $code = 0 ] || [ $code = 75 ] || [ $code = 73 ] || { echo "not ok - random recipes: status $code"; continue; }
    echo "ok - random recipes $n"
done
