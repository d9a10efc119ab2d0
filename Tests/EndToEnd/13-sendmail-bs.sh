#!/bin/bash
# sendmail -bs: an SMTP session on standard input and output, for an ordinary user, root and the mail
# owner; what each gets as replies, in the log and in the delivered file.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob tech
configure
usermod -s /bin/sh postfix 2>/dev/null
queue=/var/spool/postfix
check "the mail system starts" start_mta

# bs USER < lines: types the lines at sendmail -bs, waiting for each reply; prints the replies.
bs() { python3 -c '
import subprocess, sys
p = subprocess.Popen(["su", sys.argv[1], "-c", "sendmail -bs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def reply():
    while True:
        line = p.stdout.readline().decode()
        print(line.rstrip("\r\n"))
        if not line or line[3:4] != "-": return line
def say(line):
    p.stdin.write(line.encode() + b"\r\n"); p.stdin.flush()
reply(); content = False
for line in sys.stdin.read().splitlines():
    say(line)
    if content:
        content = line != "."
        if content: continue
    content = reply().startswith("354")
p.stdin.close(); sys.stderr.write("exit %d" % p.wait())
' "$1" 2> /tmp/bs.err | sed 's/queued as [0-9A-F]*$/queued as ID/'; }

bs alice > /tmp/session <<'S'
EHLO me
VRFY bob
VRFY nobody99
MAIL FROM:<tech>
RCPT TO:<bob>
RCPT TO:<nosuchuser>
RCPT TO:<x@elsewhere.example>
RCPT TO:<"a b"@formatux.lan>
RCPT TO:<-x@formatux.lan>
RSET
MAIL FROM:<tech>
RCPT TO:<bob>
RCPT TO:<nosuchuser>
DATA
Subject: by hand

hello
..dot
.
ETRN x
XCLIENT a=b
AUTH PLAIN x
STARTTLS
QUIT
S
cat > /tmp/want <<'S'
220 mail.formatux.lan ESMTP Postfix
250-mail.formatux.lan
250-PIPELINING
250-SIZE 10240000
250-VRFY
250-ETRN
250-ENHANCEDSTATUSCODES
250 8BITMIME
252 2.0.0 bob
252 2.0.0 nobody99
250 2.1.0 Ok
250 2.1.5 Ok
250 2.1.5 Ok
250 2.1.5 Ok
250 2.1.5 Ok
501 5.1.3 Bad recipient address syntax
250 2.0.0 Ok
250 2.1.0 Ok
250 2.1.5 Ok
250 2.1.5 Ok
354 End data with <CR><LF>.<CR><LF>
250 2.0.0 Ok: queued as ID
458 Unable to queue messages
550 5.7.0 Error: insufficient authorization
503 5.5.1 Error: authentication not enabled
502 5.5.1 Error: command not implemented
221 2.0.0 Bye
S
check "the replies to a user are Postfix's: no rule is asked" diff -u /tmp/want /tmp/session
check "the session ends well" grep -qx 'exit 0' /tmp/bs.err
check "the letter comes from pickup in the user's name" logged "pickup\[[0-9]+\]: [0-9A-F]+: uid=$(id -u alice) from=<tech>\$"
check "a recipient that does not exist comes back" logged 'local\[[0-9]+\]: [0-9A-F]+: to=<nosuchuser@mail.formatux.lan>, orig_to=<nosuchuser>, .*status=bounced'
check "the letter is bob's" holds /var/mail/bob '^hello$'
check "the dot is undone" grep -qx '\.dot' /var/mail/bob
sed -E 's/[A-Z][a-z]{2}, +[0-9]+ [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4} \([A-Z]+\)/DATE/; s/^(From [^ ]+  ).*/\1DATE/; s/id [0-9A-F]{6,};/id ID;/; s/[0-9]{14}\.[0-9A-F]+@/MID@/' /var/mail/bob > /tmp/letter
{ printf '%s\n' 'From tech@mail.formatux.lan  DATE' 'Return-Path: <tech@mail.formatux.lan>' 'X-Original-To: bob' \
    'Delivered-To: bob@mail.formatux.lan' "Received: by mail.formatux.lan (Postfix, from userid $(id -u alice))"
  printf '\t%s\n' 'id ID; DATE'
  echo 'Received: from me (localhost [127.0.0.1])'
  printf '\t%s\n' 'by mail.formatux.lan (Postfix) with ESMTP id ID;' 'DATE'
  printf '%s\n' 'Subject: by hand' 'Message-Id: <MID@mail.formatux.lan>' 'Date: DATE' 'From: tech@mail.formatux.lan' '' hello .dot ''; } > /tmp/want
check "its file is the one that Postfix writes" diff -u /tmp/want /tmp/letter
check "the transaction that was reset left nothing" sh -c "! ls $queue/maildrop | grep ."
check "nobody else got anything of it" sh -c "! grep -q elsewhere.example $LOG"

printf 'HELO me\nMAIL FROM:<alice>\nRCPT TO:<bob>\nDATA\nhalf\n' | su alice -c 'sendmail -bs' > /dev/null
check "a session that ends within a letter leaves nothing" sh -c "! ls $queue/maildrop | grep ."

printf 'HELO me\r\nMAIL FROM:<alice>\r\nRCPT TO:<bob>\r\nDATA\r\n\r\nby pipe\r\n.\r\nQUIT\r\n' > /tmp/pipe
check "commands that come all at once are answered" sh -c "su alice -c 'sendmail -bs' < /tmp/pipe | grep -q 'queued as'"
check "and delivered" holds /var/mail/bob '^by pipe$'
check "a letter over the size limit is refused" sh -c "{ printf 'HELO me\r\nMAIL FROM:<alice>\r\nRCPT TO:<bob>\r\nDATA\r\n'; yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | head -c 10300000; printf '\r\n.\r\nQUIT\r\n'; } | su alice -c 'sendmail -bs' | grep -qx '552 5.3.4 Error: message file too big.*'"
check "and leaves nothing" sh -c "! ls $queue/maildrop | grep ."

lines='HELO me\nMAIL FROM:<tech>\nRCPT TO:<nosuchuser>\nRCPT TO:<bob>\nDATA\n\nfrom %s\n.\nQUIT\n'
# shellcheck disable=SC2059
printf "$lines" root | bs root > /tmp/session
check "root is a user like any other" grep -qx '250 2.0.0 Ok: queued as ID' /tmp/session
check "its letter comes from pickup" logged 'pickup\[[0-9]+\]: [0-9A-F]+: uid=0 from=<tech>$'
check "and the log has its session" logged 'smtpd\[[0-9]+\]: disconnect from localhost\[127.0.0.1\] helo=1 mail=1 rcpt=2 data=1 quit=1 commands=6$'
# shellcheck disable=SC2059
printf "$lines" owner | bs postfix > /tmp/session
check "the mail owner's recipients are checked" grep -qx '550 5.1.1 <nosuchuser>: Recipient address rejected: User unknown in local recipient table' /tmp/session
check "his letter goes to cleanup itself" holds /var/mail/bob '^from owner$'

postfix stop 2> /dev/null
check "a letter is taken while the mail system is down" sh -c "su alice -c 'sendmail -bs' < /tmp/pipe | grep -q 'queued as'"
check "it waits in maildrop, the user's own" sh -c "[ \$(stat -c %U $queue/maildrop/*) = alice ]"
mv /usr/local/sbin/postdrop /usr/local/sbin/postdrop.off
check "without postdrop nothing is taken" sh -c "su alice -c 'sendmail -bs' < /tmp/pipe 2>&1 | grep -q '^451 4.3.0 Error: queue file write error'"
