#!/bin/bash
# The first telnet session of the courses: bob writes to alice by hand, both without a domain, and a
# letter of tech to himself without a header; replies, log lines and the delivered files.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob tech
configure 'myhostname = mail.mondomaine.lan' 'inet_protocols = all'
check "the mail system starts" start_mta

smtp ::1 > /tmp/session <<'S'
HELO mail.mondomaine.lan
MAIL FROM: bob
RCPT TO: alice
DATA
From: test
To: monalice
Subject: Test de message

Ceci est un test.
Merci de votre coopération
.
QUIT
S
sed -i 's/queued as [0-9A-F]*$/queued as ID/' /tmp/session
cat > /tmp/want <<'S'
220 mail.mondomaine.lan ESMTP Postfix
250 mail.mondomaine.lan
250 2.1.0 Ok
250 2.1.5 Ok
354 End data with <CR><LF>.<CR><LF>
250 2.0.0 Ok: queued as ID
221 2.0.0 Bye
S
check "the replies are those of the course" diff -u /tmp/want /tmp/session
check "the log shows the connection" logged 'postfix/smtpd\[[0-9]+\]: connect from localhost\[::1\]$'
check "the log shows the client with the queue id" logged 'postfix/smtpd\[[0-9]+\]: [0-9A-F]{6,}: client=localhost\[::1\]$'
check "the log shows the message id" logged 'postfix/cleanup\[[0-9]+\]: [0-9A-F]+: message-id=<[0-9]{14}\.[0-9A-F]+@mail.mondomaine.lan>$'
check "the log shows the message in the active queue" logged 'postfix/qmgr\[[0-9]+\]: [0-9A-F]+: from=<bob@mail.mondomaine.lan>, size=4[0-9]{2}, nrcpt=1 \(queue active\)$'
check "the log shows the delivery" logged 'postfix/local\[[0-9]+\]: [0-9A-F]+: to=<alice@mail.mondomaine.lan>, orig_to=<alice>, relay=local, delay=[0-9.]+, delays=[0-9./]+, dsn=2.0.0, status=sent \(delivered to mailbox\)$'
check "the log shows that the message is gone from the queue" logged 'postfix/qmgr\[[0-9]+\]: [0-9A-F]+: removed$'
check "the log shows the end" logged 'postfix/smtpd\[[0-9]+\]: disconnect from localhost\[::1\] helo=1 mail=1 rcpt=1 data=1 quit=1 commands=5$'
check "the letter is alice's" holds /var/mail/alice 'Merci de votre coopération'
check "From and To of the content are completed, not replaced" grep -qx 'From: test@mail.mondomaine.lan' /var/mail/alice
check "the mailbox belongs to alice alone" test "$(stat -c %U:%a /var/mail/alice)" = alice:600

smtp 127.0.0.1 > /dev/null <<'S'
helo pv
mail from: tech
rcpt to: tech
data

test

.
quit
S
check "the letter without a header is delivered" holds /var/mail/tech '^test$'
sed -E 's/[A-Z][a-z]{2}, +[0-9]+ [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4} \([A-Z]+\)/DATE/; s/^(From [^ ]+  ).*/\1DATE/; s/ id [0-9A-F]+$/ id ID/; s/[0-9]{14}\.[0-9A-F]+@/MID@/' /var/mail/tech > /tmp/tech
printf '%s\n' 'From tech@mail.mondomaine.lan  DATE' 'Return-Path: <tech@mail.mondomaine.lan>' \
    'X-Original-To: tech' 'Delivered-To: tech@mail.mondomaine.lan' 'Received: from pv (localhost [127.0.0.1])' \
    "$(printf '\tby mail.mondomaine.lan (Postfix) with SMTP id ID')" "$(printf '\tfor <tech>; DATE')" \
    'Message-Id: <MID@mail.mondomaine.lan>' 'Date: DATE' 'From: tech@mail.mondomaine.lan' '' 'test' '' '' > /tmp/want
check "its file is the one of the course" diff -u /tmp/want /tmp/tech
check "master has pickup, qmgr and the servers of the session" sh -c "pstree \$(cat /var/spool/postfix/pid/master.pid) | tee /tmp/tree | grep -q pickup && grep -q qmgr /tmp/tree && grep -q smtpd /tmp/tree && grep -q cleanup /tmp/tree && grep -q local /tmp/tree"
check "no process that reads strangers is root" sh -c "! ps -eo user,comm | grep -E ' (smtpd|cleanup|qmgr|pickup|bounce)$' | grep root"
check "the mail system stops" postfix stop
check "and is gone" sh -c "! postfix status"
