#!/bin/bash
# Clients of other makes against smtpd, ipop3d and imapd: Python's libraries, curl, swaks, mutt and telnet, with
# ipop3d and imapd from inetd, from xinetd and by --listen, over an mbox in the spool and over ~/Maildir.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
LOG=/var/log/maillog
install_malleposte
for s in pop3 imap; do install -m 644 "$PROJECT/inetd/pam.d/$s" /etc/pam.d/$s; done
users alice bob
hostname > /etc/mailname
URL=alice:secret-alice@127.0.0.1
count() { curl -s --max-time 20 "imap://$URL:$IMAP/" -X 'STATUS INBOX (MESSAGES)' | grep -q "MESSAGES $1)"; }
has() { command -v "$1" > /dev/null || { echo "skipped - clients: $1 is not installed"; return 1; }; }

# every_client STARTER: all clients, with POP3 and IMAP on the ports POP3 and IMAP; alice's mailbox is empty before
# and after.
every_client() {
    local by=$1
    eventually 10 nc -z 127.0.0.1 "$POP3"; eventually 10 nc -z 127.0.0.1 "$IMAP"
    check "$by: smtplib, poplib and imaplib" python3 "$PROJECT/Tests/EndToEnd/clients.py" 25 "$POP3" "$IMAP"
    if has curl; then
        printf 'From: bob\r\nTo: alice\r\nSubject: by curl\r\n\r\nhello\r\n.dot\r\n' > /tmp/letter
        check "$by: curl sends by SMTP" curl -sS --max-time 20 smtp://127.0.0.1 --mail-from bob@localhost --mail-rcpt alice@localhost -T /tmp/letter
        check "$by: the letter comes" eventually 10 count 1
        check "$by: curl lists by POP3" sh -c "curl -sS --max-time 20 pop3://$URL:$POP3/ | tr -d '\r' | grep -Eqx '1 [0-9]+'"
        check "$by: curl reads by POP3" sh -c "curl -sS --max-time 20 pop3://$URL:$POP3/1 | tr -d '\r' | grep -qx '.dot'"
        check "$by: curl reads by IMAP" sh -c "curl -sS --max-time 20 'imap://$URL:$IMAP/INBOX;MAILINDEX=1' | tr -d '\r' | grep -qx '.dot'"
        check "$by: curl searches by IMAP" sh -c "curl -sS --max-time 20 'imap://$URL:$IMAP/INBOX?SUBJECT%20curl' | tr -d '\r' | grep -qx '\* SEARCH 1'"
        check "$by: curl appends by IMAP" curl -sS --max-time 20 "imap://$URL:$IMAP/INBOX" -T /tmp/letter
        check "$by: both are there" eventually 10 count 2
        check "$by: a wrong password is refused" sh -c "curl -s --max-time 30 imap://alice:wrong@127.0.0.1:$IMAP/INBOX; test \$? = 67"
        check "$by: curl deletes by POP3" sh -c "curl -sS --max-time 20 pop3://$URL:$POP3/1 -I -X DELE && curl -sS --max-time 20 pop3://$URL:$POP3/1 -I -X DELE"
        check "$by: and they are gone" eventually 10 count 0
    fi
    if has swaks; then
        check "$by: swaks sends" sh -c "swaks --server 127.0.0.1 --from bob@localhost --to alice@localhost --header 'Subject: by swaks' --body 'swaks body' > /tmp/swaks 2>&1 && grep -q '250 2.0.0 Ok: queued as' /tmp/swaks"
        check "$by: the letter comes" eventually 10 count 1
    fi
    if has mutt; then
        su bob -c "echo 'by mutt and sendmail' | mutt -n -F /dev/null -s 'by mutt' -a /etc/hostname -- alice" > /tmp/mutt 2>&1
        check "$by: mutt sends a letter with a file" eventually 10 count 2
        check "$by: mutt reads by IMAP" mutt_reads "imap://alice@127.0.0.1:$IMAP/INBOX" imap
        check "$by: mutt reads by POP3" mutt_reads "pop://alice@127.0.0.1:$POP3" pop
        check "$by: mutt deletes by IMAP" mutt_deletes
    fi
    if has telnet; then
        { sleep 0.5; for l in 'USER alice' 'PASS secret-alice' 'STAT' 'QUIT'; do echo "$l"; sleep 0.3; done; sleep 0.5; } | telnet 127.0.0.1 "$POP3" > /tmp/telnet 2>/dev/null
        check "$by: telnet types a POP3 session" sh -c "tr -d '\r' < /tmp/telnet | grep -q '^+OK Sayonara'"
        { sleep 0.5; for l in 'a login alice secret-alice' 'b select inbox' 'c logout'; do echo "$l"; sleep 0.3; done; sleep 0.5; } | telnet 127.0.0.1 "$IMAP" > /tmp/telnet 2>/dev/null
        check "$by: telnet types an IMAP session" grep -q '^c OK' /tmp/telnet
    fi
    curl -s --max-time 20 "imap://$URL:$IMAP/INBOX" -X 'STORE 1:* +FLAGS (\Deleted)' > /dev/null
    curl -s --max-time 20 "imap://$URL:$IMAP/INBOX" -X EXPUNGE > /dev/null
    check "$by: the mailbox is empty in the end" count 0
}
# mutt_run FOLDER COMMANDS: mutt in a terminal without a person.
mutt_run() {
    cat > /tmp/muttrc <<M
set imap_pass=secret-alice pop_pass=secret-alice ssl_starttls=no ssl_force_tls=no
set imap_authenticators=login pop_authenticators=user
set quit=yes delete=yes move=no confirmappend=no confirmcreate=no wait_key=no header_cache="" mail_check=1 pop_delete=no
push "$2"
M
    TERM=xterm timeout 30 script -qec "mutt -n -F /tmp/muttrc -f $1" /dev/null < /dev/null > /tmp/mutt.screen 2>&1
}
# mutt forgets the keys that wait when it rings for new letters: the next run finds none that ring.
mutt_reads() {
    local attempt
    for attempt in 1 2 3; do
        rm -f "/tmp/copy.$2"
        mutt_run "$1" "<tag-pattern>~A<enter><tag-prefix><copy-message>/tmp/copy.$2<enter><quit>"
        grep -qs 'swaks body' "/tmp/copy.$2" && grep -q 'by mutt and sendmail' "/tmp/copy.$2" && return 0
    done
    cat "/tmp/copy.$2"; tail -c 800 /tmp/mutt.screen
    return 1
}
mutt_deletes() {
    mutt_run "imap://alice@127.0.0.1:$IMAP/INBOX" "<delete-pattern>~s swaks<enter><sync-mailbox><quit>"
    eventually 5 count 1
}

for store in mbox maildir; do
    case $store in
    mbox) configure; rm -rf /etc/dovecot ;;
    maildir) configure 'home_mailbox = Maildir/'; rm -f /var/mail/alice
        mkdir -p /etc/dovecot; echo 'mail_location = maildir:~/Maildir' > /etc/dovecot/dovecot.conf ;;
    esac
    echo 'alice: \alice' >> /etc/aliases
    check "$store: the mail system starts" start_mta
    POP3=24520 IMAP=24543
    ipop3d --listen 127.0.0.1:$POP3 & pop=$!
    imapd --listen 127.0.0.1:$IMAP & imapd=$!
    every_client "$store, --listen"
    kill $pop $imapd; wait $pop $imapd
    POP3=110 IMAP=143
    if start_inetd; then every_client "$store, inetd"; stop_inetd
    else echo "skipped - clients: openbsd-inetd is not installed: $store"; fi
    if has xinetd; then
        cp "$PROJECT"/inetd/xinetd.d/* /etc/xinetd.d/
        xinetd -stayalive -pidfile /run/xinetd.pid
        every_client "$store, xinetd"
        kill "$(cat /run/xinetd.pid)"; eventually 10 sh -c '! nc -z 127.0.0.1 110'
    fi
    check "$store: the mail lies where it should" sh -c "ls -d /home/alice/Maildir/new 2>/dev/null | grep -c . | grep -qx $([ $store = mbox ] && echo 0 || echo 1)"
    check "$store: no warning is in the log" sh -c "! grep -E 'panic|fatal|warning' $LOG"
    postfix stop
done
