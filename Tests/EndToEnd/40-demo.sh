#!/bin/bash
# The demo as root and as an ordinary user: once through, and standing until Ctrl-C; a port in use.
. "$PROJECT/Tests/EndToEnd/lib.sh"
users visitor
release=.build/release
[ "${BUILD:-}" = debug ] && release=.build/debug
# The visitor's own copy of the project, with the programs as built: no right is needed elsewhere.
copy=/home/visitor/malleposte
mkdir -p $copy/built
cp -r "$PROJECT"/{Makefile,scripts,share,inetd} $copy/
for p in master minimta sendmail postdrop mda ipop3d imapd; do cp "$PROJECT/$release/$p" $copy/built/; done
chown -R visitor: $copy
touch /tmp/script
as_visitor() { setpriv --reuid visitor --regid visitor --init-groups env -i PATH="$PATH" HOME=/home/visitor RELEASE=$copy/built "$@"; }
ended='^demo: the letters went in by SMTP and came out by POP3 and IMAP$'
nothing_left() { eventually 10 sh -c '! pgrep -x "master|qmgr|pickup|smtpd|cleanup|local|ipop3d|imapd"'; }

start=$(date +%s%N)
as_visitor ONCE=1 $copy/scripts/demo > /tmp/once 2>&1; code=$?
took=$((($(date +%s%N) - start) / 1000000)); echo "the demo took $took ms"
check "an ordinary user's demo ends well" sh -c "cat /tmp/once; test $code = 0 && grep -q '$ended' /tmp/once"
check "within ten seconds" test $took -lt 10000
check "warns of nothing" sh -c "! grep -i warning /tmp/once $copy/demo.d/log"
check "alice's letter is in a file, bob's in a Maildir" sh -c "grep -q 'Bonjour alice' $copy/demo.d/mail/alice/inbox && grep -rq 'Bonjour bob' $copy/demo.d/mail/bob/Maildir/cur"
check "everything that it wrote is below one folder" sh -c "! find /etc /home /root /run /srv /tmp /var -xdev -user visitor -newer /tmp/script -type f | grep -v ^$copy/demo.d/ | grep -v ^$copy/built/ | grep ."
check "nothing of it runs on" nothing_left

ONCE=1 RELEASE=$copy/built "$PROJECT/scripts/demo" > /tmp/root 2>&1; code=$?
check "root's demo ends well" sh -c "cat /tmp/root; test $code = 0 && grep -q '$ended' /tmp/root"
check "root's demo leaves the machine's accounts, queue and configuration alone" sh -c '! getent passwd postfix && ! getent group postdrop && [ ! -e /etc/postfix ] && [ ! -e /var/spool/postfix ]'
check "and leaves nothing behind" sh -c '! ls -d /tmp/malleposte-demo* 2>/dev/null'
check "nor anything running" nothing_left

as_visitor setsid $copy/scripts/demo > /tmp/standing 2>&1 & demo=$!
check "without ONCE it stays up and says what to type" holds /tmp/standing 'telnet 127.0.0.1 2525'
check "no process of it is root's" sh -c '! ps -eo user,comm | grep -E " (master|qmgr|pickup|smtpd|cleanup|local|ipop3d|imapd)$" | grep "^root "'
check "the line for sendmail works" sh -c "su visitor -c 'echo Bonsoir | MAIL_CONFIG=$copy/demo.d/etc $copy/demo.d/root/sbin/sendmail alice'"
check "its letter is alice's" holds $copy/demo.d/mail/alice/inbox '^Bonsoir$'
check "mailx reads the file" sh -c "echo 'type 2' | su visitor -c 'cd; bsd-mailx -f $copy/demo.d/mail/alice/inbox' | grep -q Bonsoir"
check "a letter to nobody is refused" sh -c "curl -sS --max-time 20 smtp://127.0.0.1:2525 --mail-from bob --mail-rcpt unknown -T $copy/Makefile 2>&1 | grep -q 550"
check "a second demo says that the port is in use" sh -c "su visitor -c 'DEMO_DIR=/tmp/second RELEASE=$copy/built $copy/scripts/demo' 2>&1 | grep -q 'port 2525 of 127.0.0.1 is in use'"
check "and the first goes on" sh -c "echo QUIT | nc -w 5 127.0.0.1 2525 | grep -q ^220"
# Ctrl-C goes to the whole foreground group.
kill -INT -- -$(pgrep -o -f "bash $copy/scripts/demo")
wait $demo
check "Ctrl-C is answered" holds /tmp/standing '^demo: everything stops$'
check "and stops everything" nothing_left
