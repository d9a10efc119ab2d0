#!/bin/bash
# Local parts that need quotes: as aliases, as recipients, in replies, in the log and in headers.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob tech
configure
touch /etc/aliases.test
printf '%s\n' 'postmaster: root' '"jean dupont": bob' 'q: "jean dupont", "alice"@formatux.lan' > /etc/aliases
check "the mail system starts" start_mta

smtp > /tmp/session <<'S'
HELO x
MAIL FROM:<bob@formatux.lan>
RCPT TO:<"jean dupont"@formatux.lan>
RCPT TO:<"bob"@formatux.lan>
RCPT TO:<"no one"@formatux.lan>
DATA
Subject: y

.
QUIT
S
check "the reply shows the name without quotes" grep -qxF '550 5.1.1 <no one@formatux.lan>: Recipient address rejected: User unknown in local recipient table' /tmp/session
check "the log shows it with quotes where it is an address" logged 'reject: RCPT from localhost\[127.0.0.1\]: 550 5.1.1 <no one@formatux.lan>: Recipient address rejected: User unknown in local recipient table; from=<bob@formatux.lan> to=<"no one"@formatux.lan> proto=SMTP helo=<x>$'
check "the alias of two words is bob" logged 'to=<bob@mail.formatux.lan>, orig_to=<"jean dupont"@formatux.lan>, relay=local, .*status=sent'
check "quotes that are not needed are gone" logged 'to=<bob@formatux.lan>, relay=local, .*status=sent'
check "X-Original-To has the quotes" holds /var/mail/bob '^X-Original-To: "jean dupont"@formatux.lan$'
check "and so has Delivered-To" grep -qx 'Delivered-To: "jean dupont"@formatux.lan' /var/mail/bob
check "the other letter has none" grep -qx 'X-Original-To: bob@formatux.lan' /var/mail/bob
printf 'Subject: x\n\n' | sendmail -f tech q
check "an alias may name an alias of two words" logged 'to=<bob@mail.formatux.lan>, orig_to=<q>, relay=local, .*status=sent'
check "and a member in quotes" logged 'to=<alice@formatux.lan>, orig_to=<q>, relay=local, .*status=sent'
check "both letters name the first alias" sh -c "grep -c '^X-Original-To: q$' /var/mail/alice /var/mail/bob | grep -c ':1$' | grep -qx 2"
