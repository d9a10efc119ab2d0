#!/bin/bash
# A mailbox_command that only starts our mda runs inside local; one that does more, or names another program, is
# started. What comes of it is the same: the letter, the environment, the log, the bounce.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
mkdir -p /opt/other && cp /usr/local/bin/mda /opt/other/procmail
cat > /home/alice/.procmailrc <<'R'
LOGFILE=$HOME/log
VERBOSE=no
# Two letters at once write the same, each as a whole.
ENVIRONMENT=`env | sort | grep -v '^_=' > $HOME/environment.$$; mv $HOME/environment.$$ $HOME/environment`
IDENTITY=`(id -u; pwd; umask) > $HOME/id.$$; mv $HOME/id.$$ $HOME/id`
:0
* ^Subject: bounce
{
  EXITCODE=77
  HOST
}
:0
* ^Subject: wait
{
  EXITCODE=75
  HOST
}
:0
* $ ^Subject: ext-$1
$HOME/found/
:0
$HOME/inbox/
R
chown alice: /home/alice/.procmailrc
started() { grep -E 'execve\("(/usr/local/bin/procmail|/usr/local/bin/mda|/opt/other/procmail|/bin/sh)", \["[^"]*(procmail|mda|sh)"' /tmp/trace.* 2>/dev/null | grep -v '"env\|id -u\|echo\|exit' | grep -c .; }
# run NAME COMMAND: the same letters through a mailbox_command; keeps what can be seen.
run() {
    configure "mailbox_command = $2" 'minimal_backoff_time = 1000s' 'recipient_delimiter = +'
    postfix stop 2> /dev/null; : > $LOG
    rm -rf /home/alice/{inbox,found,log,environment,id} /var/mail/bob /var/spool/postfix/{deferred,active,incoming}/[0-9A-F]*; rm -f /tmp/trace.*
    start_mta > /dev/null 2>&1
    strace -f -qq -ff -e trace=execve -o /tmp/trace -p "$(pgrep -o master)" 2> /dev/null & local tracer=$!
    sleep 0.5
    for s in one bounce wait; do printf 'From: bob@formatux.lan\nSubject: %s\nDate: Sat, 28 Nov 2026 10:00:00 +0000\nMessage-Id: <%s@x>\n\nbody\n' $s $s | sendmail -f bob@formatux.lan alice; done
    printf 'From: bob@formatux.lan\nSubject: ext-lists\nDate: Sat, 28 Nov 2026 10:00:00 +0000\nMessage-Id: <e@x>\n\nbody\n' | sendmail -f bob@formatux.lan alice+lists
    eventually 20 sh -c "[ \$(grep -c 'status=' $LOG) -ge 5 ]"
    eventually 20 grep -qs 'permission denied' /var/mail/bob
    kill $tracer; wait $tracer 2> /dev/null
    {
        grep -h -o 'to=<.*' $LOG | sed "s|$2|COMMAND|; s/delays\?=[^ ]* *//g" | grep -v 'to=<bob' | sort
        for f in $(grep -l . /home/alice/{inbox,found}/new/* | while read -r f; do echo "$(grep -m1 ^Subject "$f" | tr ' ' _) $f"; done | sort | cut -d' ' -f2); do sed 's/id [0-9A-F]*$/id ID/; /^\tid /d; /^Received/d; /^\t/d' "$f"; done
        grep -v '^\(MAIL_CONFIG\|ENVIRONMENT\|IDENTITY\|EXTENSION\|RECIPIENT\|LOCAL\|ORIGINAL_RECIPIENT\)=' /home/alice/environment; cat /home/alice/id
        sed 's|new/[^ ]*|new/NAME|; s/Nov .*//' /home/alice/log | sort
        grep -A1 'permission denied' /var/mail/bob
        mailq | grep -v '^[-0-9A-F]'
    } > "/tmp/seen.$1" 2>&1
}
run inside '/usr/local/bin/procmail -a "$EXTENSION"'
check "four letters came so far" sh -c "[ \$(grep -c 'status=' $LOG) -ge 5 ]"
check "one is delivered" grep -q '^Subject: one' /tmp/seen.inside
check "the extension is the recipe's argument" grep -q '^Subject: ext-lists' /tmp/seen.inside
check "one goes back as its exit status says" grep -q 'dsn=5.7.0, status=bounced (permission denied' /tmp/seen.inside
check "one waits" grep -q 'status=deferred' /tmp/seen.inside
check "no shell and no agent was started" test "$(started)" = 0
run started '/opt/other/procmail -a "$EXTENSION"'
check "another file of that name is started" test "$(started)" -gt 0
check "to the user and the sender both are the same" diff /tmp/seen.inside /tmp/seen.started
run shell '/usr/local/bin/procmail -a "$EXTENSION" || exit 75'
check "a command that needs a shell gets one" test "$(started)" -gt 0
run mda 'mda -a "$EXTENSION"'
check "mda by its name alone is ours, though PATH does not lead to it" sh -c "grep -q '^Subject: one' /tmp/seen.mda && ! grep -q 'not found' $LOG"
check "and is not started" test "$(started)" = 0
configure 'mailbox_command = procmail'
postfix stop 2> /dev/null; : > $LOG; start_mta > /dev/null 2>&1
printf 'Subject: x\n\nbody\n' | sendmail -f bob@formatux.lan alice
check "another name that PATH does not have is no program" logged 'status=bounced.*procmail: not found'
configure 'mailbox_command = /usr/local/bin/mda' 'command_time_limit = 2s'
postfix stop 2> /dev/null; start_mta > /dev/null 2>&1
echo ':0
| sleep 77' > /home/bob/.procmailrc; chown bob: /home/bob/.procmailrc
printf 'Subject: slow\n\nbody\n' | sendmail bob
check "the time limit holds" logged 'to=<bob@.*time limit exceeded'
check "and ends what was started" eventually 5 sh -c '! pgrep -x sleep'
