#!/bin/bash
# A container: `postfix start-fg` as process 1 of its own process namespace, with the log on standard
# output. Everyone's lines arrive there, SIGTERM ends it cleanly, and no zombie stays.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
configure
sed -i 's,^maillog_file.*,maillog_file = /dev/stdout,' /etc/postfix/main.cf
newaliases
LOG=/tmp/stdout
mkfifo /tmp/pipe

# The log goes into a pipe, as container engines have it, which belongs to root.
cat /tmp/pipe > $LOG & reader=$!
unshare --pid --fork --mount-proc postfix start-fg > /tmp/pipe 2> /tmp/stderr & outer=$!
check "it answers" eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q ^220'
inner=$(pgrep -P $outer)
check "master is process 1 of its namespace" sh -c "grep -q '^NSpid:.*[[:space:]]1\$' /proc/$inner/status && [ \$(cat /proc/$inner/comm) = master ]"
printf 'Subject: hello\n\nhello\n' | sendmail -f bob alice
check "a letter is delivered" holds /var/mail/alice '^hello$'
printf 'Subject: lost\n\n.\n' | sendmail -f bob nosuch
for line in 'postfix-script\[1\]: starting the Postfix mail system' 'master\[1\]: daemon started' \
    'smtpd\[[0-9]+\]: connect from localhost' 'pickup\[[0-9]+\]: [0-9A-F]+: uid=0' \
    'cleanup\[[0-9]+\]: [0-9A-F]+: message-id=' 'qmgr\[[0-9]+\]: [0-9A-F]+: from=<bob@' \
    'local\[[0-9]+\]: [0-9A-F]+: to=<alice@.*status=sent' 'bounce\[[0-9]+\]: [0-9A-F]+: sender non-delivery'; do
    check "standard output has: $line" logged "postfix/$line"
done

# Processes that lose their parent come to process 1.
for _ in 1 2 3 4 5; do nsenter --target "$inner" --pid sh -c 'sh -c "sleep 0.2 & sleep 0.1 & exit" & exit'; done
zombies() { ps -o stat= --ppid "$inner" | grep -c Z; }
check "no zombie stays" eventually 5 sh -c "[ \"\$(ps -o stat= --ppid $inner | grep -c Z)\" = 0 ]"
check "orphans came to process 1 and did no harm" sh -c "! grep -q 'warning: process\|panic\|fatal' $LOG"

kill -TERM "$inner"
check "SIGTERM ends it" eventually 10 sh -c "! kill -0 $inner"
wait $outer; code=$?
check "with status 0" test $code = 0
wait $reader
check "master says why" logged 'postfix/master\[1\]: terminating on signal 15'
check "no process is left" sh -c '! pgrep -x "master|qmgr|pickup|smtpd|cleanup|local"'
check "nothing was said on standard error but the start" sh -c "! grep -v 'starting the Postfix mail system' /tmp/stderr"

# Standard output may also be a file that only root can open.
(umask 077; unshare --pid --fork postfix start-fg > /root/log 2>/dev/null) & outer=$!
LOG=/root/log
eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q ^220'
check "unprivileged daemons log into a file of root's" logged 'postfix/smtpd\[[0-9]+\]: connect from'
kill -TERM "$(pgrep -P "$(pgrep -x unshare)")"; wait $outer
check "and it ends" sh -c '! pgrep -x master'
