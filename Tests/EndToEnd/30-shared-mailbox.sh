#!/bin/bash
# One mbox for everybody: letters arrive by SMTP, Debian's Postfix and procmail, and mda, while bsd-mailx, s-nail,
# mutt, Dovecot and an IMAP session of ours read, flag, keep and delete. In the end each letter is in one place, whole. SCALE=25 makes
# it ten thousand letters.
. "$PROJECT/Tests/EndToEnd/lib.sh"
for p in bsd-mailx s-nail procmail; do
    command -v $p > /dev/null || { echo "skipped - shared-mailbox: $p is not installed"; exit 0; }
done
cp -p "$(readlink -f "$(command -v procmail)")" /usr/local/bin/debian-procmail
install_malleposte
users alice
# A letter that found the mailbox locked for too long comes again soon: those that wait make no room for others.
soon=('queue_run_delay = 5s' 'minimal_backoff_time = 5s' 'maximal_backoff_time = 15s')
configure "${soon[@]}"
# The spool is writable for all (1777): mda has no group's rights to make lock files with.
check "the mail system starts" start_mta
# Debian's Postfix beside ours: its own queue, another port, the same spool and locks.
if peer postfix /tmp/postfix && cp -a /tmp/postfix/usr/lib/postfix /usr/lib/; then
    mkdir -p /etc/peer /var/spool/peer/pid /var/lib/peer
    sed 's/^\([a-z0-9.:]\+ \+\(unix\|inet\|fifo\) \+[-ny]\+ \+[-ny]\+ \+\)y/\1n/; s/^smtp  *inet/127.0.0.1:2526 inet/' \
        /tmp/postfix/usr/share/postfix/master.cf.dist > /etc/peer/master.cf
    printf '%s\n' 'compatibility_level = 3.6' 'queue_directory = /var/spool/peer' 'data_directory = /var/lib/peer' \
        'myhostname = peer.formatux.lan' 'mydestination = localhost' 'mynetworks = 127.0.0.0/8' 'inet_protocols = ipv4' \
        'alias_maps =' 'smtpd_peername_lookup = no' 'maillog_file = /var/log/peer' 'mailbox_delivery_lock = fcntl, dotlock' "${soon[@]}" > /etc/peer/main.cf
    for d in incoming active deferred defer bounce hold corrupt private saved trace flush; do install -d -o postfix -m 700 /var/spool/peer/$d; done
    install -d -o postfix -g postdrop -m 730 /var/spool/peer/maildrop; install -d -o postfix -g postdrop -m 710 /var/spool/peer/public
    chown postfix /var/lib/peer
    MAIL_CONFIG=/etc/peer /usr/lib/postfix/sbin/master -w -c /etc/peer
    check "Debian's Postfix starts" eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 2526 | grep -q ^220' && export PEER=1
else
    echo "skipped - shared-mailbox: Debian's Postfix takes no part, its package could not be had"
fi
# Dovecot's own order of locks. In Debian's, the other way round, it and Debian's Postfix keep each other from working
# for minutes: each holds what the other waits for, and of several deliveries there is always one that waits.
mkdir -p /etc/peer; if peer dovecot-imapd /tmp/dovecot && dpkg -i --force-depends "$PROJECT"/.build/peers/dovecot-{core,imapd}_*.deb > /tmp/dpkg.log 2>&1; then
    printf '%s\n' 'protocols = imap' 'ssl = no' 'mail_location = mbox:~/dovecot:INBOX=/var/mail/%u' 'log_path = /var/log/dovecot' \
        'mbox_write_locks = dotlock fcntl' 'passdb {' 'driver = static' 'args = password=x' '}' 'userdb {' 'driver = passwd' '}' > /etc/peer/dovecot.conf; rm -r /etc/dovecot
    install -m 666 /dev/null /var/log/dovecot
    export DOVECOT=1
else
    echo "skipped - shared-mailbox: Dovecot takes no part, its packages could not be had"
fi
imapd --listen 127.0.0.1:143 & imap=$!
check "imapd listens" eventually 10 nc -z 127.0.0.1 143
timeout $((280 * SCALE)) python3 "$PROJECT/Tests/EndToEnd/shared-mailbox.py" 2>&1
check "the mail system is in good order" sh -c "! grep -E 'panic|fatal|signal|warning' $LOG"
[ -z "${DOVECOT:-}" ] || check "Dovecot has nothing to complain of" sh -c '! grep -E "Error|Warning|Panic" /var/log/dovecot'
kill $imap
[ -z "${PEER:-}" ] || kill "$(tr -d ' ' < /var/spool/peer/pid/master.pid)"
