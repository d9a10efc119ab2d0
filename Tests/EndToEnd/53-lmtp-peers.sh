#!/bin/bash
# Debian's Exim and OpenSMTPD deliver into our stores by `mda --lmtp`: to users with and without recipes, with one
# recipient that nobody knows and one whose mailbox fails for now.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
LOG=/var/log/mail.log
install -m 755 "$(ls -t "$PROJECT"/.build/{release,debug}/mda 2>/dev/null | head -1)" /usr/local/bin/mda || { echo "not ok - install mda"; exit 1; }
rm -rf /etc/malleposte /etc/dovecot
users alice bob carol
su bob -c "printf ':0\n* ^Subject: .*list\n\$HOME/lists/\n' > ~/.procmailrc"
start_syslog
mda --lmtp --listen unix:/run/lmtp --listen 127.0.0.1:2424 & server=$!
check "mda listens" eventually 10 test -S /run/lmtp

# try NAME PORT: a letter to four by SMTP, from alice.
try() {
    check "$1 listens" eventually 10 sh -c "echo QUIT | nc -w 2 127.0.0.1 $2 | grep -q ^220" || return
    rm -rf /var/mail/* /home/bob/lists
    : > /var/mail/carol; chown root:mail /var/mail/carol; chmod 644 /var/mail/carol
    swaks --silent 2 --server "127.0.0.1:$2" --from alice@mail.formatux.lan --to alice@mail.formatux.lan,bob@mail.formatux.lan,carol@mail.formatux.lan,nobody-here@mail.formatux.lan \
        --header "Subject: by $1 to the list" --body "body of $1" > /tmp/swaks 2>&1
    check "$1: a mailbox of the spool has it" holds /var/mail/alice "^Subject: by $1"
    check "$1: recipes have it" eventually 10 sh -c 'grep -q "^body of" /home/bob/lists/new/*'
    check "$1: Return-Path and Delivered-To stand in front" sh -c 'cat /home/bob/lists/new/* | head -2 | grep -c "^Return-Path: <alice@mail.formatux.lan>$\|^Delivered-To: bob@mail.formatux.lan$" | grep -qx 2'
    [ "$1" = OpenSMTPD ] || check "$1: the unknown one comes back with our words" eventually 20 sh -c "grep -q 'nobody-here@mail.formatux.lan' /var/mail/alice && grep -q \"User doesn't exist\" /var/mail/alice"
    check "$1: the closed mailbox waits" test ! -s /var/mail/carol
    chown carol /var/mail/carol; chmod 600 /var/mail/carol
    "$3"
    check "$1: and has the letter at the next try" holds /var/mail/carol "^Subject: by $1"
    check "$1: once, as the other has" sh -c 'test "$(grep -c ^From\  /var/mail/carol)$(ls /home/bob/lists/new | wc -l)" = 11'
}

# bsd-mailx may have brought Exim along.
if exim=$(command -v exim4) || { peer exim4-daemon-light /tmp/exim && exim=/tmp/exim/usr/sbin/exim4; }; then
    cp "$exim" /tmp/exim4
    useradd -r -M Debian-exim 2> /dev/null; install -d -o Debian-exim -m 750 /var/spool/exim4 /var/log/exim4; mkdir -p /etc/exim4
    cat > /etc/exim4/exim4.conf <<'X'
primary_hostname = mail.formatux.lan
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
acl_smtp_rcpt = accept
acl_smtp_data = accept
local_interfaces = 127.0.0.1
daemon_smtp_ports = 2527
tls_advertise_hosts =
begin routers
here:
  driver = accept
  domains = mail.formatux.lan
  transport = mda
begin transports
mda:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = 2424
  allow_localhost
begin retry
* * F,1h,1s
X
    install -o root -m 4755 /tmp/exim4 /usr/sbin/exim4
    exim4 -bdf &
    again() { sleep 2; exim4 -qff; }
    try Exim 2527 again
    pkill exim4
else echo "skipped - lmtp-peers: Debian's Exim takes no part, its package could not be had"; fi

if peer opensmtpd /tmp/opensmtpd; then
    useradd -r -M opensmtpd; useradd -r -M opensmtpq; cp -a /tmp/opensmtpd/usr/. /usr/; install -d -m 711 /var/spool/smtpd; mkdir -p /var/lib/opensmtpd/empty
    cat > /etc/smtpd.conf <<'X'
listen on 127.0.0.1 port 2528 hostname mail.formatux.lan
action "mda" lmtp "127.0.0.1:2424" rcpt-to
match from any for domain "mail.formatux.lan" action "mda"
X
    chgrp opensmtpq /usr/sbin/smtpctl; chmod 2755 /usr/sbin/smtpctl
    smtpd -F > /tmp/smtpd.log 2>&1 &
    again() { smtpctl schedule all; }
    # It looks for the users itself, and knows that one of the four is none.
    try OpenSMTPD 2528 again
    pkill smtpd
else echo "skipped - lmtp-peers: Debian's OpenSMTPD takes no part, its package could not be had"; fi
kill $server; wait $server
