#!/bin/bash
# formail, lockfile and vacation where they are called: from recipes and .forward files of real users.
. "$PROJECT/Tests/EndToEnd/lib.sh"
rm -f /usr/bin/formail /usr/bin/lockfile /usr/bin/vacation
install_malleposte
users tester bob carol dora
configure 'mailbox_command ='
printf 'postmaster: root\n' > /etc/aliases
check "the mail system starts" start_mta

# send FROM TO SUBJECT [FIELD]: a letter typed to smtpd.
send() { smtp <<S
HELO me
MAIL FROM:<$1>
RCPT TO:<$2@formatux.lan>
DATA
From: $1
To: $2@formatux.lan
Subject: $3
Message-ID: <$3@x.example>
${4:-X-Test: yes}

text of $3
.
QUIT
S
}
answers() { grep -c '^Auto-Submitted: auto-replied$' "/var/mail/$1" 2>/dev/null || true; }
quiet() { eventually 20 sh -c "mailq | grep -qx 'Mail queue is empty'"; }
as() { local u=$1; shift; su "$u" -s /bin/sh -c "cd; $*"; }

# vacation from .forward
# shellcheck disable=SC2016
printf 'Subject: away ($SUBJECT)\n\nI am away and read "$SUBJECT" later.\n.\nTester\n' > /home/tester/.vacation.msg
printf '\\tester, "|/usr/local/bin/vacation -a alias.tester tester"\n' > /home/tester/.forward
chown tester: /home/tester/.vacation.msg /home/tester/.forward
check "vacation -i begins an absence" as tester vacation -i
send bob@formatux.lan tester first > /dev/null
check "the letter is in the user's mailbox" holds /var/mail/tester 'text of first'
check "the sender gets the answer" holds /var/mail/bob '^Subject: away (first)$'
check "with the subject in its text, and the line with a dot" sh -c "grep -q 'read \"first\" later' /var/mail/bob && grep -qx '\.' /var/mail/bob && grep -qx Tester /var/mail/bob"
check "as an answer to that letter" grep -q '^In-Reply-To: <first@x.example>$' /var/mail/bob
check "from the null sender" sh -c "grep -q '^Return-Path: <>$' /var/mail/bob || grep -q '^From MAILER-DAEMON' /var/mail/bob"
check "in the user's name" grep -q '^From: tester@formatux.lan' /var/mail/bob
send bob@formatux.lan tester second > /dev/null
check "a second letter arrives" holds /var/mail/tester 'text of second'
quiet
check "and is not answered" test "$(answers bob)" = 1
for n in 1 2 3 4 5 6 7 8 9 10; do send carol@formatux.lan tester "many$n" > /dev/null & done
wait
for n in 1 2 3 4 5 6 7 8 9 10; do holds /var/mail/tester "text of many$n" || echo "lost many$n"; done > /tmp/lost
check "ten letters at once arrive" test ! -s /tmp/lost
check "and their sender gets an answer" eventually 20 grep -q '^Auto-Submitted' /var/mail/carol
quiet
check "exactly one" test "$(answers carol)" = 1
send dora@formatux.lan tester bulk 'Precedence: bulk' > /dev/null
send dora@formatux.lan tester list 'List-Id: <l.x>' > /dev/null
send dora@formatux.lan tester auto 'Auto-Submitted: auto-generated' > /dev/null
send '' tester null > /dev/null
send list-request@formatux.lan tester daemon > /dev/null
send tester@formatux.lan tester self > /dev/null
for s in bulk list auto null daemon self; do check "the letter '$s' arrives" holds /var/mail/tester "text of $s"; done
quiet
check "and nobody answers a list, a program, the null sender or himself" sh -c "[ ! -e /var/mail/dora ] && ! grep -q '^Subject: away' /var/mail/tester"
check "vacation -l lists who was answered" sh -c "su tester -s /bin/sh -c 'vacation -l' | grep -cE '^(bob|carol)@formatux.lan ' | grep -qx 2"
rm /home/tester/.vacation.msg
send dora@formatux.lan tester nomessage > /dev/null
check "without a text the letter arrives" holds /var/mail/tester 'text of nomessage'
quiet
check "and is not sent back" sh -c "[ ! -e /var/mail/dora ]"

# formail and lockfile from recipes
printf 'mailbox_command = /usr/local/bin/mda\n' >> /etc/postfix/main.cf
check "the mail system takes mda" postfix reload
cat > /home/bob/.procmailrc <<'R'
MAILDIR=$HOME
PATH=/usr/local/bin:/usr/bin:/bin
:0 Wh: msgid.lock
| formail -D 8192 msgid.cache

:0 fhw
| formail -I "X-Test:" -A "X-Seen: formail"

:0 c
* ^Subject: away
| formail -r -A "X-Loop: bob@formatux.lan" > reply; lockfile -1 -r 5 counter.lock && echo x >> counter && rm -f counter.lock

:0:
inbox
R
printf 'I am bob.\n' > /home/bob/.vacation.msg
chown bob: /home/bob/.procmailrc /home/bob/.vacation.msg
send carol@formatux.lan bob away > /dev/null
check "a recipe's filter changes the header" holds /home/bob/inbox '^X-Seen: formail$'
check "and takes a field away" sh -c "! grep -q '^X-Test' /home/bob/inbox"
check "formail -r makes an answer's header" holds /home/bob/reply '^To: carol@formatux.lan$'
check "with the subject" grep -q '^Subject: Re: away$' /home/bob/reply
check "the letter's answer stands in its thread" grep -q '^References: <away@x.example>$' /home/bob/reply
check "and with what stops a loop" grep -q '^X-Loop: bob@formatux.lan$' /home/bob/reply
check "lockfile guards a counter" holds /home/bob/counter x
send carol@formatux.lan bob away > /dev/null
send carol@formatux.lan bob after > /dev/null
check "the next letter arrives" holds /home/bob/inbox 'text of after'
check "a letter with a known Message-ID does not" sh -c "grep -c 'text of away' /home/bob/inbox | grep -qx 1"
cat > /home/dora/.procmailrc <<'R'
:0 c
| /usr/local/bin/vacation dora
R
printf 'I am dora.\n' > /home/dora/.vacation.msg
chown dora: /home/dora/.procmailrc /home/dora/.vacation.msg
: > /var/mail/carol
send carol@formatux.lan dora recipe > /dev/null
check "a recipe's copy goes to vacation" eventually 10 grep -q 'I am dora' /var/mail/carol
check "the letter to the mailbox" holds /var/mail/dora 'text of recipe'

# Splitting a mailbox
cp /var/mail/tester /tmp/all; chmod 644 /tmp/all
letters=$(grep -c '^From ' /tmp/all)
as bob "rm -rf split && mkdir split && formail -s sh -c 'cat > split/\$FILENO' < /tmp/all"
check "formail -s gives each letter to a program, with its number" sh -c "[ $letters -gt 10 ] && ls /home/bob/split | wc -l | grep -qx $letters && test -s /home/bob/split/000"
as bob "cat split/* > joined; formail -n 4 -s sh -c 'sleep 0.1; cat > split/\$FILENO' < /tmp/all"
check "several at a time put out the same" sh -c "cat /home/bob/split/* | cmp - /home/bob/joined"
as bob "rm -f inbox msgid.cache; formail -s procmail < /tmp/all"
check "formail -s procmail delivers a mailbox anew" sh -c "grep -c '^From ' /home/bob/inbox | grep -qx $letters"
check "the queue is empty" quiet
