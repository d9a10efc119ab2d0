#!/bin/bash
# `mda --lmtp`: Debian's own Postfix delivers through it to users of this machine and of a passwd-file; one recipient
# that fails among others; inetd, systemd's sockets, `procmail -z`; whose rights each process has; stop and reload.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
LOG=/var/log/mail.log
install -m 755 "$(ls -t "$PROJECT"/.build/{release,debug}/mda 2>/dev/null | head -1)" /usr/local/bin/mda || { echo "not ok - install mda"; exit 1; }
rm -rf /etc/dovecot /etc/malleposte
users alice bob carol slow
start_syslog

# lmtp PLACE < lines: types the lines, waiting for each reply (after the dot for one of each recipient).
cat > /tmp/lmtp.py <<'P'
import os, socket, subprocess, sys
place = sys.argv[1]
if place.startswith("/"):
    link = socket.socket(socket.AF_UNIX); link.connect(place)
else:
    link = socket.create_connection(("127.0.0.1", int(place)))
link.settimeout(60)
stream = link.makefile("rwb")
accepted = 0
def reply():
    while True:
        line = stream.readline()
        sys.stdout.write(line.decode("latin1").replace("\r", "")); sys.stdout.flush()
        if line[3:4] != b"-": return line
reply()
content = False
for line in sys.stdin.buffer.read().split(b"\n")[:-1]:
    stream.write(line + b"\r\n"); stream.flush()
    if content:
        if line != b".": continue
        content = False
        for _ in range(accepted): reply()
        continue
    answer = reply()
    if line.upper().startswith((b"MAIL", b"RSET")): accepted = 0
    if line.upper().startswith(b"RCPT") and answer.startswith(b"250"): accepted += 1
    if line.upper() == b"DATA" and answer.startswith(b"354"): content = True
P
lmtp() { python3 /tmp/lmtp.py "$@"; }
letter_to() { echo "LHLO x"; echo "MAIL FROM:<sender@x.example>"; for r in "$@"; do echo "RCPT TO:<$r>"; done; printf 'DATA\nSubject: letter\n\nbody\n.\nQUIT\n'; }

# --- the users of this machine, without any configuration
mda --lmtp --listen unix:/run/lmtp --listen 127.0.0.1:2424 & server=$!
check "it listens" eventually 10 test -S /run/lmtp
check "it says where" logged 'listening at .*/run/lmtp, 127\.0\.0\.1:2424'
check "it has warned of nothing" sh -c "! grep -q warning: $LOG"
su carol -c 'mkdir -p ~/Maildir/cur ~/Maildir/new ~/Maildir/tmp'
su bob -c "printf 'EXTENSION=\$1\n:0 w\n* ? test \"\$EXTENSION\" = lists\n\$HOME/lists\n' > ~/.procmailrc"
letter_to alice@mail.formatux.lan nobody-here@mail.formatux.lan bob+lists@mail.formatux.lan carol bob | lmtp /run/lmtp > /tmp/said
check "each recipient has an answer of its own, in order" diff - /tmp/said <<'S'
220 mail.formatux.lan LMTP Malleposte
250-mail.formatux.lan
250-PIPELINING
250-SIZE 104857600
250-ENHANCEDSTATUSCODES
250 8BITMIME
250 2.1.0 OK
250 2.1.5 OK
550 5.1.1 <nobody-here@mail.formatux.lan> User doesn't exist
250 2.1.5 OK
250 2.1.5 OK
250 2.1.5 OK
354 OK
250 2.0.0 <alice@mail.formatux.lan> Saved
250 2.0.0 <bob+lists@mail.formatux.lan> Saved
250 2.0.0 <carol> Saved
250 2.0.0 <bob> Saved
221 2.0.0 Bye
S
printf 'Return-Path: <sender@x.example>\nDelivered-To: alice@mail.formatux.lan\nSubject: letter\n\nbody\n\n' > /tmp/want
check "a system mailbox has the letter, as its owner's" sh -c 'tail -n +2 /var/mail/alice | diff - /tmp/want && [ "$(stat -c %U:%a /var/mail/alice)" = alice:600 ]'
check "the recipes of a user see the extension as \$1" grep -q 'Delivered-To: bob+lists@' /home/bob/lists
check "and the letter without it goes to the mailbox" sh -c 'grep -q "Delivered-To: bob$" /var/mail/bob && ! grep -q lists /var/mail/bob'
check "a Maildir that is there is the mailbox, with sizes in the name" sh -c 'cd /home/carol/Maildir/new && f=$(ls) && [ "${f#*,S=}" = "$(stat -c %s "$f"),W=$(($(stat -c %s "$f") + $(wc -l < "$f")))" ]'
check "it is logged per recipient" logged 'mda/lmtp\[[0-9]+\]: to=<bob\+lists@mail\.formatux\.lan>, user=bob, dsn=2\.0\.0, status=sent'
check "the sender and the size are logged" logged 'mda/lmtp\[[0-9]+\]: from=<sender@x\.example>, size=22, nrcpt=4'

# --- whose rights
exec 9<>/dev/tcp/127.0.0.1/2424; read -r _ <&9
speaker_is_confined() {
    local pid front=
    for pid in $(pgrep -x mda); do [ "$(awk '/^Uid/{print $2}' "/proc/$pid/status")" = "$(id -u nobody)" ] && front=$pid; done
    [ -n "$front" ] || { echo "no process of nobody"; return 1; }
    cat "/proc/$front/status"; readlink "/proc/$front/root"; ls -l "/proc/$front/fd"
    awk -v n="$(id -u nobody)" '/^Uid/{for(i=2;i<=5;i++) if($i!=n) bad=1} /^CapEff/{if($2!~/^0+$/) bad=1} /^NoNewPrivs/{if($2!=1) bad=1} /^Groups/{if(NF>1) bad=1} END{exit bad}' "/proc/$front/status" || return 1
    [ "$(readlink "/proc/$front/root")" = /run/malleposte/empty ] && [ "$(ls "/proc/$front/fd" | wc -l)" -le 5 ]
}
check "a stranger's octets are read as nobody, in an empty root, without new rights" speaker_is_confined
exec 9>&-
su slow -c "printf ':0 w\n| cat > /dev/null; touch /tmp/slow-is-there; while [ ! -e /tmp/slow-may-go ]; do sleep 0.05; done; cp /proc/self/status /tmp/slow-status\n' > ~/.procmailrc"
letter_to slow alice | lmtp /run/lmtp > /tmp/said.slow & client=$!
check "a slow recipient's delivery runs" eventually 10 test -e /tmp/slow-is-there
check "the one behind it is not held up" sh -c 'for i in $(seq 100); do [ "$(grep -c ^From\  /var/mail/alice)" = 2 ] && exit; sleep 0.05; done; exit 1'
delivery_is_users() {
    local pid n=0 u; u=$(id -u slow)
    for pid in $(pgrep -u slow -x mda); do
        n=$((n + 1)); awk -v u="$u" -v g="$(id -g slow)" '/^Uid/{for(i=2;i<=5;i++) if($i!=u) bad=1} /^Gid/{for(i=2;i<=5;i++) if($i!=g) bad=1} /^CapEff/{if($2!~/^0+$/) bad=1} END{exit bad}' "/proc/$pid/status" || return 1
    done
    [ $n -ge 1 ]
}
check "the delivery is the recipient for good" delivery_is_users
touch /tmp/slow-may-go
check "the slow one is answered" wait $client
check "in order" sh -c "grep -A1 '^354' /tmp/said.slow | grep -q 'Saved' && tail -3 /tmp/said.slow | head -1 | grep -q '<slow> Saved'"
rm -f /tmp/slow-* /home/slow/.procmailrc

# --- one recipient that fails among others
before=$(grep -c '^From ' /var/mail/alice)
: > /var/mail/carol; chown root:mail /var/mail/carol; mv /home/carol/Maildir /home/carol/Maildir.away; chmod 644 /var/mail/carol
letter_to alice carol bob | lmtp /run/lmtp > /tmp/said
check "a mailbox that may not be written to fails for now" grep -Eq '^451 4\.[0-9.]+ <carol> ' /tmp/said
check "the others have their letter" sh -c "grep -q '<alice> Saved' /tmp/said && grep -q '<bob> Saved' /tmp/said && [ \$(grep -c '^From ' /var/mail/alice) = $((before + 1)) ]"
check "and nothing of it is in the closed one" test ! -s /var/mail/carol
rm -f /var/mail/carol
mkdir /small; mount -t tmpfs -o size=64k tmpfs /small; mkdir -p /small/carol; chown carol /small /small/carol
su carol -c 'for d in cur new tmp; do mkdir -p /small/carol/Maildir/$d; done; printf "DEFAULT=/small/carol/Maildir/\nORGMAIL=/small/carol/Maildir/\n" > ~/.procmailrc'
head -c 48000 /dev/zero > /small/filler
find /small | sort > /tmp/small.before
{ letter_to alice carol | sed '/^body/,$d'; for i in $(seq 400); do printf '%070d\n' $i; done; printf '.\nQUIT\n'; } | lmtp /run/lmtp > /tmp/said
check "a full disk fails for now, with a status that says so" grep -Eq '^45[12] 4\.(3|2)\.[0-9] <carol> ' /tmp/said
check "the other has it" grep -q '<alice> Saved' /tmp/said
check "nothing is left on the full disk" sh -c 'find /small | sort | diff - /tmp/small.before'
rm -f /home/carol/.procmailrc; umount /small

# --- stop
: > /tmp/stop.in; mkfifo /tmp/stop.fifo
lmtp /run/lmtp < /tmp/stop.fifo > /tmp/said.stop & client=$!
exec 8<>/dev/tcp/127.0.0.1/2424; read -r _ <&8
touch /tmp/hold; su slow -c "printf ':0 w\n| cat > /dev/null; touch /tmp/slow-is-there; while [ ! -e /tmp/slow-may-go ]; do sleep 0.05; done\n' > ~/.procmailrc"
letter_to slow alice > /tmp/stop.fifo
eventually 10 test -e /tmp/slow-is-there
kill $server
check "a stop sends an idle client away at once" sh -c 'read -r line <&8; echo "$line"; case $line in "421 4.3.2"*) ;; *) exit 1 ;; esac'
exec 8>&-
check "new clients are refused meanwhile" eventually 5 sh -c '! nc -z 127.0.0.1 2424'
touch /tmp/slow-may-go
wait $client
check "a letter that was being delivered is answered" grep -q '<slow> Saved' /tmp/said.stop
wait $server; code=$?
check "then it ends" test $code = 0
check "its socket is gone" test ! -e /run/lmtp
check "and no process is left" eventually 5 sh -c '! pgrep -x mda'
rm -f /tmp/slow-* /home/slow/.procmailrc

# --- the users of a passwd-file
groupadd -g 5000 vmail; useradd -g vmail -u 5000 vmail -d /srv/vmail -m
cat > /etc/dovecot.lmtp <<'D'
protocols = imap lmtp
userdb {
  driver = passwd-file
  args = username_format=%u /etc/vusers
}
userdb {
  driver = passwd
}
mail_location = maildir:~/Maildir
D
cat > /etc/vusers <<'U'
dora@virtual.example::5000:5000::/srv/vmail/virtual.example/dora
emil@virtual.example::5000:5000::/srv/vmail/emil::userdb_mail=mbox:~/mail:INBOX=~/inbox
U
mda --lmtp -c /etc/dovecot.lmtp --listen unix:/run/lmtp & server=$!
eventually 10 test -S /run/lmtp
letter_to dora@virtual.example emil+x@virtual.example fritz@virtual.example | lmtp /run/lmtp > /tmp/said
check "users of a list have mail" sh -c "grep -q '<dora@virtual.example> Saved' /tmp/said && grep -q '<emil+x@virtual.example> Saved' /tmp/said && grep -q '^550 5.1.1 <fritz' /tmp/said"
check "in a Maildir that was made for the first letter" sh -c 'cat /srv/vmail/virtual.example/dora/Maildir/new/*,S=* | grep -q body && [ "$(stat -c %U:%a /srv/vmail/virtual.example/dora/Maildir/new)" = vmail:700 ]'
check "and in an mbox" sh -c 'grep -q "^Delivered-To: emil+x@virtual.example" /srv/vmail/emil/inbox && [ "$(stat -c %U /srv/vmail/emil/inbox)" = vmail ]'
echo 'gerd@virtual.example::5000:5000::/srv/vmail/gerd' >> /etc/vusers
letter_to gerd@virtual.example | lmtp /run/lmtp > /tmp/said
check "a user that was added is there without a reload" grep -q '<gerd@virtual.example> Saved' /tmp/said
sed -i 's/^mail_location.*/mail_location = maildir:~\/Other/' /etc/dovecot.lmtp
kill -HUP $server
check "SIGHUP reads the configuration again" logged 'configuration read again'
letter_to gerd@virtual.example | lmtp /run/lmtp > /tmp/said
check "and it counts" test -d /srv/vmail/gerd/Other/new
kill $server; wait $server
sed -i 's/Other/Maildir/' /etc/dovecot.lmtp

# --- started by an ordinary user, by procmail's option, by systemd
letter_to alice bob > /tmp/in
su alice -c "sed 's/\$/\r/' /tmp/in | mda --lmtp" > /tmp/said
check "an ordinary user serves only that user" sh -c "tr -d '\r' < /tmp/said | grep -q '<alice> Saved' && tr -d '\r' < /tmp/said | grep -q '^550 5.1.1 <bob>'"
sed 's/$/\r/' /tmp/in | mda -z > /tmp/said
check "procmail's -z is the same" sh -c "tr -d '\r' < /tmp/said | grep -q '<bob> Saved'"
cat > /tmp/activate.py <<'P'
import os, socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 2425)); s.listen()
os.dup2(s.fileno(), 13); os.dup2(13, 3); os.closerange(4, 256)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv("/usr/local/bin/mda", ["mda", "--lmtp"])
P
python3 /tmp/activate.py < /dev/null & server=$!
eventually 10 nc -z 127.0.0.1 2425
letter_to alice | lmtp 2425 > /tmp/said
check "systemd's socket is served" grep -q '<alice> Saved' /tmp/said
kill $server; wait $server
check "port 25 is refused" sh -c '! mda --lmtp --listen 127.0.0.1:25 2> /tmp/err && grep -q "port 25" /tmp/err'

# --- inetd
inetd=$(command -v inetd) || { peer openbsd-inetd /tmp/openbsd-inetd && inetd=/tmp/openbsd-inetd/usr/sbin/inetd; }
if [ -n "$inetd" ]; then
    printf '127.0.0.1:2426 stream tcp nowait root /usr/local/bin/mda mda --lmtp\n10.0.2.15:2427 stream tcp nowait root /usr/local/bin/mda mda --lmtp\n127.0.0.1:25 stream tcp nowait root /usr/local/bin/mda mda --lmtp\n' > /tmp/inetd.conf
    "$inetd" -i /tmp/inetd.conf & super=$!
    eventually 10 nc -z 127.0.0.1 2426
    letter_to alice | lmtp 2426 > /tmp/said
    check "inetd's line serves" grep -q '<alice> Saved' /tmp/said
    check "not at port 25, whoever asks" sh -c 'nc -w 5 127.0.0.1 25 < /dev/null | grep -q "^554 5.5.0"'
    unshare -n sleep 1000 & far=$!
    sleep 0.3
    ip link add v0 type veth peer name v1 && ip link set v1 netns $far && ip addr add 192.0.2.1/24 dev v0 && ip link set v0 up
    nsenter -t $far -n ip addr add 192.0.2.2/24 dev v1; nsenter -t $far -n ip link set v1 up; nsenter -t $far -n ip route add default via 192.0.2.1
    check "another machine is refused" eventually 10 sh -c "nsenter -t $far -n nc -w 5 10.0.2.15 2427 < /dev/null | grep -q '^554 5.7.1'"
    kill $super $far
else echo "skipped - openbsd-inetd is not installed"; fi

# --- the real Postfix
peer postfix /tmp/peer || { echo "skipped - Debian's Postfix delivers: no package of postfix in .build/peers"; exit 0; }
for p in sendmail mailq postfix; do rm -f /usr/sbin/$p /usr/bin/$p; done
rm -rf /etc/postfix
cp -a /tmp/peer/usr/. /usr/ && cp -a /tmp/peer/etc/. /etc/
groupadd -r postfix; useradd -r -g postfix -M postfix; groupadd -r postdrop
mkdir -p /var/lib/postfix /var/spool/postfix; chown postfix /var/lib/postfix
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
cat > /etc/postfix/main.cf <<'M'
compatibility_level = 3.6
myhostname = mail.formatux.lan
mydestination = $myhostname, localhost
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
alias_maps =
maillog_file = /var/log/postfix.log
mailbox_transport = lmtp:unix:private/mda
virtual_mailbox_domains = virtual.example
virtual_transport = lmtp:unix:private/mda
virtual_mailbox_maps =
minimal_backoff_time = 2s
queue_run_delay = 2s
M
postfix start > /tmp/postfix.out 2>&1
check "Debian's Postfix starts" eventually 20 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q "^220.*Postfix"'
mda --lmtp -c /etc/dovecot.lmtp --listen unix:/var/spool/postfix/private/mda & server=$!
eventually 10 test -S /var/spool/postfix/private/mda
rm -rf /home/alice/Maildir /home/bob/.procmailrc; printf 'DEFAULT=/var/mail/bob\n' > /home/bob/.procmailrc; chown bob /home/bob/.procmailrc
: > /var/mail/bob
sendmail -i -f sender@x.example alice bob dora@virtual.example unknown@virtual.example fritz <<'S'
Subject: through Postfix

From the first line of a body
.
last line
S
relayed() { eventually 20 grep -Eq -- "$1" /var/log/postfix.log; }
check "Postfix hands over to a Maildir of a system user" relayed 'postfix/lmtp.*to=<alice@mail.formatux.lan>.*status=sent \(250 2.0.0 <alice@mail.formatux.lan> Saved\)'
check "and to an mbox that recipes name" relayed 'postfix/lmtp.*to=<bob@mail.formatux.lan>.*status=sent'
check "and to a user of a list" relayed 'postfix/lmtp.*to=<dora@virtual.example>.*status=sent'
check "a user of a list that does not exist bounces" relayed 'to=<unknown@virtual.example>.*dsn=5.1.1, status=bounced \(host .*said: 550 5.1.1'
# The content of the letters, without what differs from letter to letter.
printf '\nFrom the first line of a body\n.\nlast line\n' > /tmp/want
check "the letter is whole" sh -c 'cat /home/alice/Maildir/new/* | sed -n "/^$/,\$p" | diff - /tmp/want'
printf 'Return-Path: <sender@x.example>\nDelivered-To: alice@mail.formatux.lan\n' > /tmp/want2
check "with one Return-Path and Delivered-To" sh -c 'head -2 /home/alice/Maildir/new/* | diff - /tmp/want2'
check "in the mbox it is one letter" sh -c '[ $(grep -c "^From " /var/mail/bob) = 1 ] && grep -q "^>From the first line" /var/mail/bob'
sendmail -f sender@x.example alice dora@virtual.example < <(printf 'Subject: big\n\n'; for i in $(seq 20000); do printf '%070d\n' $i; done)
check "a letter of 1.4 MB is whole" eventually 20 sh -c 'for f in /home/alice/Maildir/new/*; do grep -q "^Subject: big" "$f" && [ "$(tail -n 20000 "$f" | sha256sum)" = "$(for i in $(seq 20000); do printf "%070d\n" $i; done | sha256sum)" ] && exit 0; done; exit 1'
chmod 000 /home/alice/Maildir/new; chown root /home/alice/Maildir/new
echo 'Subject: later' | sendmail -f sender@x.example alice
check "a mailbox that cannot be written to is tried again" relayed 'to=<alice@mail.formatux.lan>.*status=deferred \(host .*said: 451 4'
chown alice /home/alice/Maildir/new; chmod 700 /home/alice/Maildir/new
postfix flush
check "and has the letter in the end" eventually 20 sh -c 'grep -lq "^Subject: later" /home/alice/Maildir/new/*'
kill $server; wait $server
echo 'Subject: while it is away' | sendmail -f sender@x.example alice
check "without the server mail waits" relayed 'to=<alice@mail.formatux.lan>.*status=deferred'
mda --lmtp -c /etc/dovecot.lmtp --listen unix:/var/spool/postfix/private/mda & server=$!
eventually 10 test -S /var/spool/postfix/private/mda
postfix flush
check "and comes when it is there again" eventually 20 sh -c 'grep -lq "^Subject: while it is away" /home/alice/Maildir/new/*'
for i in $(seq 30); do echo "Subject: many $i" | sendmail -f sender@x.example alice bob dora@virtual.example; done
check "thirty letters to three, all delivered once" eventually 60 sh -c '[ "$(cat /home/alice/Maildir/new/* | grep -c "^Subject: many")" = 30 ] && [ "$(grep -c "^Subject: many" /var/mail/bob)" = 30 ] && [ "$(cat /srv/vmail/virtual.example/dora/Maildir/new/* | grep -c "^Subject: many")" = 30 ]'
postfix stop > /dev/null 2>&1
kill -9 $server; wait $server 2>/dev/null
check "after a crash the socket's name is left" test -S /var/spool/postfix/private/mda
mda --lmtp --listen unix:/var/spool/postfix/private/mda & server=$!
check "and is taken over" eventually 10 sh -c 'printf "QUIT\r\n" | nc -U -N -w 2 /var/spool/postfix/private/mda | grep -q ^220'
kill $server; wait $server
check "nothing was killed by a fault of its own" sh -c "! grep -E 'signal (4|6|11)' $LOG /var/log/postfix.log"
