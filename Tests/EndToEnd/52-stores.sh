#!/bin/bash
# Stores in trouble: a full disk, a missing home, a spool that may not be written to, for mbox, Maildir and MH: exit
# status 75 and everything as it was. `maildirsize`: written by us, by Courier's code and by Dovecot in turn; over quota
# at every door.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
install_malleposte
install_access
users alice bob
newest() { ls -t "$PROJECT"/.build/{release,debug}/"$1" 2>/dev/null | head -1; }
tree() { (cd "$1" && find . -not -name maildirsize -printf '%p %y %m %s %U %i\n' | sort; find . -type f -not -name maildirsize -exec sha256sum {} + | sort -k2); }
# unchanged DIR COMMAND...: the command ends with 75, and what lies below DIR is as it was.
unchanged() {
    local dir=$1 code; shift
    tree "$dir" > /tmp/tree.before
    "$@"; code=$?
    tree "$dir" > /tmp/tree.after
    echo "exit status $code"; diff /tmp/tree.before /tmp/tree.after && [ $code = 75 ]
}
printf 'From: a@b\nSubject: small\n\nbody\n' > /tmp/small
{ printf 'From: a@b\nSubject: large\n\n'; for i in $(seq 1500); do printf '%070d\n' $i; done; } > /tmp/large
chmod 644 /tmp/small /tmp/large
# as USER FILE RECIPES: mda as this user with these recipes.
as() { printf 'LOCKSLEEP=0\n%s\n' "$3" > /tmp/rc; chmod 644 /tmp/rc; su "$1" -c "cd /; mda DEFAULT=/none/default/ ORGMAIL=/none/orgmail/ /tmp/rc < $2"; }

# --- a full disk of 64 KiB
mkdir /full; mount -t tmpfs -o size=64k,mode=777 tmpfs /full
for kind in mbox maildir mh; do
    case $kind in mbox) target=/full/box ;; maildir) target=/full/Maildir/ ;; mh) target=/full/mh/. ;; esac
    lock=; [ $kind = mbox ] && lock=:
    # An mbox that is made stays, empty: another program may wait for its lock already.
    [ $kind = mbox ] && su alice -c 'touch /full/box'
    check "$kind: the first letter finds no room, and nothing is left" unchanged /full as alice /tmp/large ":0 $lock
$target"
    check "$kind: a small one has room" as alice /tmp/small ":0 $lock
$target"
    check "$kind: the next finds no room, and the folder is as it was" unchanged /full as alice /tmp/large ":0 $lock
$target"
done
check "hard links: one letter in two Maildirs and an MH folder is one file" sh -c '
    printf ":0\n/full/one/ /full/two/ /full/three/.\n" > /tmp/rc; su alice -c "mda /tmp/rc < /tmp/small" && cd /full && [ "$(stat -c %i one/new/* two/new/* three/1 | sort -u | wc -l)" = 1 ] && [ "$(stat -c %h one/new/*)" = 3 ]'
check "names have exact sizes" sh -c 'cd /full/one/new && f=$(ls) && [ "${f##*,S=}" = "$(stat -c %s "$f"),W=$(unix=$(wc -l < "$f"); echo $(($(stat -c %s "$f") + unix)))" ]'
head -c 65536 /dev/zero > /full/filler 2>/dev/null
check "mbox: a disk without a free block" unchanged /full as alice /tmp/small ":0:
/full/box"
umount /full

# --- home, spool
# What is locked in vain is not tried for a minute.
echo LOCKSLEEP=0 > /etc/procmailrc
userdel bob; useradd -d /nowhere/bob -s /bin/sh bob
rm -f /var/mail/bob; chmod 755 /var/mail
printf '#!/bin/sh\nexec mda -d bob < /tmp/small\n' > /tmp/for-bob; chmod 755 /tmp/for-bob
check "a missing home: the letter goes to the system mailbox" /tmp/for-bob
check "there it is" grep -q 'Subject: small' /var/mail/bob
printf 'LOCKSLEEP=0\n:0\n$HOME/Maildir/\n' > /etc/procmailrc
check "a missing home that recipes name: the letter goes to the system mailbox, too" sh -c '/tmp/for-bob && [ $(grep -c "^Subject: small" /var/mail/bob) = 2 ]'
echo LOCKSLEEP=0 > /etc/procmailrc
chown root /var/mail/bob; chmod 600 /var/mail/bob
check "a mailbox of somebody else's waits" unchanged /var/mail /tmp/for-bob
rm /var/mail/bob; chown nobody /var/mail
check "a spool where no mailbox can be made waits" unchanged /var/mail /tmp/for-bob
chown root /var/mail; chmod 1777 /var/mail
su alice -c 'mkdir -p ~/closed/cur ~/closed/new ~/closed/tmp ~/mh; chmod 500 ~/closed/new ~/closed/tmp ~/mh'
check "a Maildir that is closed waits" unchanged /home/alice as alice /tmp/small ':0
$HOME/closed/'
check "an MH folder that is closed waits" unchanged /home/alice as alice /tmp/small ':0
$HOME/mh/.'

# --- MBOXRD: what stands in an mbox comes back as it was
users exact
printf 'From: a@b\nContent-Length: 7\nSubject: exact\n\nFrom the start\n>From here\n>>From there\n> From not\nlast\n' > /tmp/exact
read_back() { # NUMBER: the letter as imapd shows it, without what Content-Length says, which no mbox keeps
    printf 'a SELECT INBOX\r\nb FETCH %s BODY.PEEK[]\r\nc LOGOUT\r\n' "$1" | su exact -c 'cd; imapd' | tr -d '\r' | sed -n '/FETCH (/,/^b OK/p' | sed '1d;/^Content-Length/d;/^b OK/d' | sed '$d'
}
su exact -c 'cd; mda DEFAULT=/var/mail/exact ORGMAIL=/var/mail/exact MBOXRD=yes /dev/null < /tmp/exact; mda DEFAULT=/var/mail/exact ORGMAIL=/var/mail/exact /dev/null < /tmp/exact
    mda DEFAULT=/var/mail/exact ORGMAIL=/var/mail/exact MBOXRD=yes /dev/null < /tmp/small'
check "with MBOXRD a letter with From lines is read as it was sent" diff <(grep -v ^Content-Length /tmp/exact) <(read_back 1)
check "without it is as procmail leaves it" diff <(sed '/^Content-Length/d;s/^From t/>&/' /tmp/exact) <(read_back 2)
check "the From_ line of other letters is as ever" sh -c 'grep "^From " /var/mail/exact | cut -d" " -f2 | tr "\n" " " | grep -qx "mboxrd@localhost MAILER-DAEMON MAILER-DAEMON "'
check "to others they are three letters" sh -c "[ \"\$(formail -s echo < /var/mail/exact | wc -l)\" = 3 ] && su exact -c 's-nail -H -f /var/mail/exact' | grep -c @b | grep -qx 3"

# --- maildirsize
su alice -c 'mkdir -p ~/Maildir/cur ~/Maildir/new ~/Maildir/tmp; echo 1000S,5C > ~/Maildir/maildirsize; echo "0 0" >> ~/Maildir/maildirsize'
size() { tail -n +2 /home/alice/Maildir/maildirsize | awk '{ s += $1; c += $2 } END { print s, c }'; }
counted() { (cd /home/alice/Maildir && find . -path '*/new/*' -o -path '*/cur/*' | while read -r f; do stat -c %s "$f"; done | awk '{ s += $1 } END { print s + 0, NR }'); }
agrees() { size; counted; [ "$(size)" = "$(counted)" ]; }
check "mda delivers and writes it down" sh -c 'printf ":0\n\$HOME/Maildir/\n" > /tmp/rc; su alice -c "mda /tmp/rc < /tmp/small"'
check "the sum is what is there" agrees
check "mda makes a folder with maildirfolder, and counts its letter" sh -c 'printf ":0\n\$HOME/Maildir/.lists/\n" > /tmp/rc; su alice -c "mda /tmp/rc < /tmp/small" && [ -e /home/alice/Maildir/.lists/maildirfolder ]'
check "the sum is still what is there" agrees
check "over quota a letter waits" unchanged /home/alice as alice /tmp/large ':0
$HOME/Maildir/'
as alice /tmp/large ':0
$HOME/Maildir/' 2> /tmp/err
check "and says so as mail systems understand it" sh -c 'head -1 /tmp/err | grep -q "^4\.2\.2 "'
su alice -c 'mda QUOTA_FULL_TEMPFAIL=no DEFAULT=$HOME/Maildir/ ORGMAIL=$HOME/Maildir/ /dev/null < /tmp/large' 2> /tmp/err; code=$?
check "with QUOTA_FULL_TEMPFAIL=no it goes back" sh -c "[ $code = 73 ] && head -1 /tmp/err | grep -q '^5\.2\.2 '"
imap() { printf '%b' "$1" | su alice -c 'cd; imapd' | tr -d '\r' > /tmp/said; }
imap "a APPEND INBOX {27+}\r\nSubject: by imap\r\n\r\nhello\r\n\r\nb APPEND INBOX {27+}\r\nSubject: by imap\r\n\r\nhello\r\n\r\nc SELECT INBOX\r\nd STORE 1 +FLAGS (\\\\Deleted)\r\ne EXPUNGE\r\nf LOGOUT\r\n"
check "imapd adds and expunges" sh -c "for t in a b e; do grep -q \"^\$t OK\" /tmp/said || { cat /tmp/said; exit 1; }; done"
check "and the sum is what is there" agrees
imap 'a APPEND INBOX {2000}\r\nSubject: x\r\n\r\n'"$(head -c 1986 /dev/zero | tr '\0' x)"'\r\nb APPEND INBOX {27+}\r\nSubject: by imap\r\n\r\nhello\r\n\r\nc SELECT INBOX\r\nd COPY 1,1,1 lists\r\ne COPY 1 lists\r\nf LOGOUT\r\n'
check "imapd refuses what is too much" sh -c "grep -q '^a NO \[OVERQUOTA\]' /tmp/said && grep -q '^e NO \[OVERQUOTA\]' /tmp/said && grep -q '^d OK' /tmp/said || { cat /tmp/said; exit 1; }"
check "and nothing has changed" agrees

# --- our mail system
configure 'home_mailbox = Maildir/' 'queue_run_delay = 1s' 'minimal_backoff_time = 1s'
check "the mail system starts" start_mta
sendmail -f bob@formatux.lan alice < /tmp/large
check "local keeps a letter for a full Maildir" logged 'to=<alice@.*dsn=4\.2\.2, status=deferred'
postfix stop 2> /dev/null
echo 'quota_full_tempfail = no' >> /etc/postfix/main.cf
start_mta
postfix flush
check "or sends it back, by quota_full_tempfail = no" logged 'to=<alice@.*dsn=5\.2\.2, status=bounced'
postfix stop 2> /dev/null
check "the sum is what is there" agrees

# --- LMTP
printf 'LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<alice>\r\nDATA\r\n%s\r\n.\r\nQUIT\r\n' "$(sed 's/$/\r/' /tmp/large)" > /tmp/session
mda --lmtp < /tmp/session > /tmp/said
check "LMTP says 452 4.2.2" grep -q '^452 4\.2\.2 <alice>' /tmp/said
printf 'quota_full_tempfail = no\n' > /tmp/d.conf
mda --lmtp -c /tmp/d.conf < /tmp/session > /tmp/said
check "or 552 5.2.2" grep -q '^552 5\.2\.2 <alice>' /tmp/said

# --- Courier's code beside us
if peer maildrop /tmp/courier; then
    su alice -c 'rm -rf ~/Maildir; PATH=/tmp/courier/usr/bin:$PATH; maildirmake.maildrop ~/Maildir && maildirmake.maildrop -q 1000S,5C ~/Maildir'
    courier() { su alice -c "/tmp/courier/usr/sbin/deliverquota.maildrop ~/Maildir < $1"; }
    ours() { su alice -c "mda DEFAULT=\$HOME/Maildir/ ORGMAIL=\$HOME/Maildir/ /dev/null < $1"; }
    check "Courier's code and ours deliver by turns" sh -c "$(declare -f courier ours); courier /tmp/small && ours /tmp/small && courier /tmp/small && ours /tmp/small"
    check "the sum is what is there, by both their lines" sh -c "$(declare -f size counted agrees); agrees && [ \$(wc -l < /home/alice/Maildir/maildirsize) -ge 3 ]"
    check "neither goes over the quota that the other reckons with" sh -c "$(declare -f courier ours); ! courier /tmp/large && ! ours /tmp/large"
    check "both fill it to the last letter" sh -c "$(declare -f courier ours); courier /tmp/small && ! ours /tmp/small && ! courier /tmp/small"
    check "and the sum is what is there" agrees
else echo "skipped - stores: Courier's code takes no part, the package maildrop could not be had"; fi

# --- Dovecot beside us
PEERS=$PROJECT/.build/peers
ls "$PEERS"/dovecot-imapd_*.deb > /dev/null 2>&1 || { echo "skipped - Dovecot shares maildirsize: no dovecot-core and dovecot-imapd packages in $PEERS"; exit 0; }
dpkg -i --force-depends "$PEERS"/dovecot-core_*.deb "$PEERS"/dovecot-imapd_*.deb > /tmp/dpkg.log 2>&1
cat > /etc/dovecot/dovecot.conf <<'C'
protocols = imap
ssl = no
mail_location = maildir:~/Maildir
log_path = /tmp/dovecot.log
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = maildir:User quota
}
userdb {
  driver = passwd
}
C
install -m 666 /dev/null /tmp/dovecot.log
dovecot() { printf '%b' "$1" | su alice -c 'cd; /usr/lib/dovecot/imap' 2>&1 | tr -d '\r' > /tmp/said; }
counts() { [ "$(grep -o 'STORAGE [0-9]* 1 MESSAGE [0-9]* 5' /tmp/said | head -1)" = "STORAGE $(size | awk '{ print int(($1 + 1023) / 1024) }') 1 MESSAGE $(size | cut -d' ' -f2) 5" ] || { cat /tmp/said; size; false; }; }
rm -rf /home/alice/Maildir/.lists /home/alice/Maildir/maildirsize /home/alice/Maildir/new/* /home/alice/Maildir/cur/*
su alice -c 'echo 1000S,5C > ~/Maildir/maildirsize; echo "0 0" >> ~/Maildir/maildirsize'
as alice /tmp/small ':0
$HOME/Maildir/'
dovecot 'a GETQUOTAROOT INBOX\r\nb APPEND INBOX {27+}\r\nSubject: by dovecot\r\n\r\nhi\r\n\r\nc LOGOUT\r\n'
check "Dovecot reads what we wrote" grep -q 'MESSAGE 1 5' /tmp/said
check "Dovecot adds a message" grep -q '^b OK' /tmp/said
check "the sum of both is what is there" agrees
imap 'a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Deleted)\r\nc EXPUNGE\r\nd APPEND INBOX {27+}\r\nSubject: by imap\r\n\r\nhello\r\n\r\ne LOGOUT\r\n'
dovecot 'a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Deleted)\r\nc EXPUNGE\r\nd LOGOUT\r\n'
dovecot 'a GETQUOTAROOT INBOX\r\nb LOGOUT\r\n'
check "after both have expunged, too" agrees
check "Dovecot has the same count" counts
for i in 1 2 3 4; do as alice /tmp/small ':0
$HOME/Maildir/'; done
check "ours fills it" agrees
check "then it takes no more" unchanged /home/alice as alice /tmp/small ':0
$HOME/Maildir/'
dovecot 'a APPEND INBOX {27+}\r\nSubject: by dovecot\r\n\r\nhi\r\n\r\nb LOGOUT\r\n'
check "nor does Dovecot" grep -q '^a NO \[OVERQUOTA\]' /tmp/said
# A sum that has gone wrong: both count again, and come to the same.
su alice -c 'printf "1000S,5C\n1900 5\n1 0\n" > ~/Maildir/maildirsize; rm -f ~/Maildir/new/*'
dovecot 'a GETQUOTAROOT INBOX\r\nb LOGOUT\r\n'
cp /home/alice/Maildir/maildirsize /tmp/theirs
su alice -c 'printf "1000S,5C\n1900 5\n1 0\n" > ~/Maildir/maildirsize'
as alice /tmp/small ':0
$HOME/Maildir/'
check "both count anew when the sum says there is no room" sh -c 'cat /tmp/theirs; head -2 /home/alice/Maildir/maildirsize | diff - /tmp/theirs'
check "and ours goes on from there" agrees
check "Dovecot has nothing to complain of" sh -c '! grep -E "Error|Warning|Panic" /tmp/dovecot.log'
