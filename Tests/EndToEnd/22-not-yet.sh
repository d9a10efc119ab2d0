#!/bin/bash
# What is asked for and not built yet: mail waits, says why with the name of the thing, and is delivered
# once the setting is gone. Nothing is delivered or refused as if the setting were not there.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
configure 'minimal_backoff_time = 1s' 'maximal_backoff_time = 2s' 'queue_run_delay = 1s'
cp /etc/postfix/main.cf /tmp/main.cf
check "the mail system starts" start_mta
with() { cp /tmp/main.cf /etc/postfix/main.cf; [ -z "$1" ] || echo "$1" >> /etc/postfix/main.cf; postfix reload 2> /tmp/said; sleep 0.5; }
mail_to() { printf 'Subject: %s\n\n%s\n' "$2" "$2" | sendmail "$1"; }
absent() { ! grep -qs "^letter-$1\$" /var/mail/alice; }
waits() { eventually 10 sh -c "mailq | grep -q 'not supported yet: $1'"; }

printf 'far.example smtp:[127.0.0.1]\n' > /etc/postfix/transport
for setting in 'transport_maps = hash:/etc/postfix/transport' 'header_checks = regexp:/etc/postfix/none' 'always_bcc = bob'; do
    name=${setting%% *}
    with "$setting"
    check "$name: the administrator is warned, with file and line" grep -Eq "main.cf, line [0-9]+: not supported yet: $name" /tmp/said
    smtp > /tmp/session <<< $'EHLO x\nMAIL FROM:<bob@formatux.lan>\nRCPT TO:<alice>\nQUIT'
    check "$name: a client is told to come again" grep -q "^451 4.3.5 .*" /tmp/session
    mail_to alice "letter-$name"
    check "$name: a letter of a user waits and says why" waits "$name"
    check "$name: nobody has it" absent "$name"
done
for setting in 'mailbox_transport = lmtp:unix:/nowhere' 'mailbox_command_maps = hash:/etc/postfix/none'; do
    name=${setting%% *}
    with "$setting"
    mail_to alice "letter-$name"
    check "$name: the letter waits and says why" waits "$name"
    check "$name: nobody has it" absent "$name"
done
with 'luser_relay = bob'
mail_to nobody.here letter-luser_relay
check "luser_relay: mail for nobody waits" waits luser_relay
mail_to bob letter-known
check "luser_relay: mail for a user does not" holds /var/mail/bob '^letter-known$'
printf 'team: :include:/etc/team\n' > /etc/aliases; newaliases; echo alice > /etc/team
mail_to team letter-include
check ":include: waits and says why" eventually 10 sh -c "mailq | grep -q 'not supported yet: :include:/etc/team'"
mail_to someone@elsewhere.example letter-relay
check "mail for another host waits for the smtp client" waits 'transport smtp'
check "and the list has not had its letter" absent include
postsuper -d "$(mailq | awk '/MAILER|root/ {id=$1} /elsewhere.example/ {print id}' | tr -d '*!')" 2> /dev/null

printf 'team: alice\n' > /etc/aliases; newaliases
with ''
postqueue -f
for name in transport_maps header_checks always_bcc mailbox_transport mailbox_command_maps include; do
    check "letter-$name comes when the setting is gone" holds /var/mail/alice "^letter-$name\$"
done
check "each of them once" sh -c "[ \$(grep -c '^letter-' /var/mail/alice) = 6 ]"
check "and the unknown user is unknown again" logged 'to=<nobody.here@.*status=bounced \(unknown user: "nobody.here"\)'
