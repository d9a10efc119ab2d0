#!/bin/bash
# The queue: what waits, its list, attempts on demand, holding and removing, expiry, notices, restarts.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
configure 'default_transport = retry:4.7.1 not today'
check "the mail system starts" start_mta

letter() { printf 'Subject: %s\n\nbody\n' "$1"; }
queue_id() { mailq | grep -o '^[0-9A-F]\{6,\}' | head -1; }
empty() { [ "$(mailq)" = "Mail queue is empty" ]; }
says() { local wanted=$1; shift; "$@" 2>&1 | grep -qF -- "$wanted"; }
code() { local wanted=$1; shift; "$@" > /dev/null 2>&1; [ $? = "$wanted" ]; }

check "an empty queue says so" empty
letter far | sendmail -f bob x@far.example
check "a deferral is logged" logged 'error\[.*: to=<x@far.example>, relay=none, .*dsn=4.7.1, status=deferred \(not today\)'
id=$(queue_id)
check "mailq shows the message, its size and the reason" sh -c "mailq | tr -s ' ' | grep -q '^$id 2[0-9]* .* bob@mail.formatux.lan' && mailq | grep -q '^ *(not today)\$' && mailq | grep -q 'in 1 Request\.\$'"
check "mailq for an ordinary user is the same" sh -c "[ \"\$(su bob -c /usr/local/bin/mailq)\" = \"\$(mailq)\" ]"
check "postqueue -j is JSON" sh -c "postqueue -j | python3 -c 'import json,sys; assert json.loads(sys.stdin.read())[\"queue_id\"] == \"$id\"'"
check "postcat -q shows envelope and letter" sh -c "postcat -q $id | grep -q '^recipient: x@far.example' && postcat -qb $id | grep -qx body"
check "postqueue -f tries again" sh -c "postqueue -f; sleep 1; [ \$(grep -c 'status=deferred' $LOG) -ge 2 ]"
check "postqueue -i takes no path" code 69 postqueue -i ../../etc/passwd
check "postcat -q takes no path" says "bad mail queue ID: ../x" postcat -q ../x
check "postsuper is root's" says "reserved for the superuser" su bob -c "/usr/local/sbin/postsuper -d ALL"
check "postsuper -h holds" says "placed on hold" postsuper -h "$id"
check "a held message bears a mark" sh -c "mailq | grep -q '^$id!'"
check "postsuper -H lets go" says "Released from hold: 1 message" postsuper -H "$id"
check "a restart keeps the queue" sh -c "postfix stop && postfix start && sleep 1 && mailq | grep -q '^$id '"
check "postsuper -d removes" says "$id: removed" postsuper -d "$id"
check "and the queue is empty" empty
check "postsuper -d of nothing is no error" says "Deleted: 0 messages" postsuper -d ABCDEF012345

letter lost | sendmail -f bob nosuch
check "a notice goes to the sender" logged 'bounce\[.*: sender non-delivery notification: '
check "it names the recipient and the reason" holds /var/mail/bob '<nosuch@mail.formatux.lan> (expanded from <nosuch>): unknown user: "nosuch"'
letter void | sendmail -f '' nosuch
check "nobody is told of a notice that does not arrive" sh -c "sleep 1; [ \$(grep -c 'non-delivery notification' $LOG) = 1 ]"
echo 'maximal_queue_lifetime = 0' >> /etc/postfix/main.cf
postfix reload; sleep 1
letter old | sendmail -f bob y@far.example
check "an expired message goes back" logged 'from=<bob@mail.formatux.lan>, status=expired, returned to sender'
check "with the last reason" holds /var/mail/bob '<y@far.example>: not today'
kill -9 "$(pgrep -x qmgr)"; sleep 1
letter after | sendmail -f bob alice
check "a killed queue manager is started anew" holds /var/mail/alice 'Subject: after'
postfix stop
check "without the mail system root reads the queue itself" says "accessing queue directly" mailq
check "and an ordinary user is told" code 69 su bob -c "/usr/local/sbin/postqueue -p"
