#!/bin/bash
# ipop3d and imapd as inetd and xinetd start them, with real users, PAM and shadow: logins, refusals, whose
# rights each part has, the courses' telnet session and lines, and clients of other makes.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
install_access
users alice bob tech
letter alice one; letter alice two; letter bob only
start_syslog

# --- openbsd-inetd
if start_inetd; then
    type_pop3 10.0.2.15 > /tmp/session <<'S'
QUIT
S
    check "the telnet session of the courses" diff -u - /tmp/session <<S
+OK POP3 $(hostname) $(ipop3d --version | sed 's/.* //') server ready
+OK Sayonara
S
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER alice
PASS secret-alice
STAT
RETR 1
QUIT
S
    check "a system user logs in by PAM and reads the mailbox" grep -q '^body of one' /tmp/session
    check "the login is logged as UW does" logged 'ipop3d\[[0-9]+\]: Login user=alice host=localhost \[127\.0\.0\.1\] nmsgs=2/2'
    check "and the logout" logged 'ipop3d\[[0-9]+\]: Logout user=alice host=localhost \[127\.0\.0\.1\]'
    start=$(date +%s%N)
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER alice
PASS wrong
QUIT
S
    took=$((($(date +%s%N) - start) / 1000000))
    check "a wrong password is refused" grep -q '^-ERR \[AUTH\]' /tmp/session
    check "and takes 3 seconds" test $took -ge 3000 -a $took -lt 4500
    check "a wrong password is logged as UW does" logged 'ipop3d\[[0-9]+\]: Login failed user=alice auth=alice host=localhost \[127\.0\.0\.1\]'
    type_pop3 127.0.0.1 > /tmp/other <<'S'
USER no-such-user
PASS wrong
QUIT
S
    check "an unknown user is told the same" diff /tmp/session /tmp/other
    echo root:secret-root | chpasswd
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER root
PASS secret-root
QUIT
S
    check "root is refused, with the right password" grep -q '^-ERR \[AUTH\]' /tmp/session
    check "and the log says why" logged 'Login failed user=root .*user or group 0 may not log in'
    usermod -e 1 tech
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER tech
PASS secret-tech
QUIT
S
    check "an expired account is refused" grep -q '^-ERR \[AUTH\]' /tmp/session
    type_pop3 10.0.2.15 10.0.2.15 > /tmp/session <<'S'
USER alice
PASS secret-alice
QUIT
S
    check "a connection of the machine to itself may log in" grep -q '^+OK Mailbox open' /tmp/session
    touch /etc/nologin
    type_pop3 127.0.0.1 > /tmp/session < /dev/null
    check "while /etc/nologin exists nobody is served" grep -q '^-ERR.*not available' /tmp/session
    rm /etc/nologin
    check "before login a stranger's octets are read as nobody, in an empty root" front_is_confined 110 ipop3d
    check "after login nothing of the session is root's" session_is_users 110 ipop3d alice
    check "the front of imapd is confined likewise" front_is_confined 143 imapd
    check "curl reads by POP3" sh -c "curl -s --max-time 20 pop3://bob:secret-bob@127.0.0.1/1 | grep -q 'body of only'"
    check "curl reads by IMAP" sh -c "curl -s --max-time 20 'imap://bob:secret-bob@127.0.0.1/INBOX;MAILINDEX=1' | grep -q 'body of only'"
    check "the IMAP session is logged as UW does" logged 'imapd\[[0-9]+\]: Login user=bob host=localhost \[127\.0\.0\.1\]$'
    check "commands behind LOGIN in one packet are all answered" sh -c "printf 'a LOGIN bob secret-bob\r\nb SELECT INBOX\r\nc FETCH 1 FLAGS\r\nd LOGOUT\r\n' | nc -w 10 127.0.0.1 143 > /tmp/imap; for t in a b c d; do grep -q \"^\$t OK\" /tmp/imap || exit 1; done"
    check "three wrong passwords close an IMAP connection" sh -c "printf 'a LOGIN bob x\r\nb LOGIN nobody-here y\r\nc LOGIN bob z\r\nd NOOP\r\n' | nc -w 30 127.0.0.1 143 > /tmp/imap; grep -c 'NO \[AUTHENTICATIONFAILED\]' /tmp/imap | grep -qx 3 && grep -q '^\* BYE' /tmp/imap && ! grep -q '^d ' /tmp/imap"
    check "a locked account cannot log in by IMAP" sh -c "printf 'a LOGIN tech secret-tech\r\nb LOGOUT\r\n' | nc -w 30 127.0.0.1 143 | grep -q '^a NO'"
    check "poplib reads, deletes and keeps" python3 "$PROJECT/Tests/EndToEnd/pop3-client.py" 127.0.0.1 110 alice secret-alice
    stop_inetd
else
    echo "skipped - openbsd-inetd is not installed"
fi

# --- shadow, where PAM is not set up
mv /etc/pam.d /etc/pam.aside
if start_inetd; then
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER bob
PASS secret-bob
STAT
QUIT
S
    check "without PAM the shadow file is asked" grep -q '^+OK Mailbox open' /tmp/session
    usermod -L bob
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER bob
PASS secret-bob
QUIT
S
    check "a locked account is refused" grep -q '^-ERR \[AUTH\]' /tmp/session
    usermod -U bob
    stop_inetd
fi
mv /etc/pam.aside /etc/pam.d

# --- xinetd, with the block of the courses
if command -v xinetd > /dev/null; then
    cp /usr/local/sbin/ipop3d /usr/bin/ipop3d
    cat > /etc/xinetd.d/ipop3 <<'X'
service pop3
{
        socket_type         = stream
        wait                     = no
        user                     = root
        server                  = /usr/bin/ipop3d
        log_on_success  += HOST DURATION
        log_on_failure    += HOST
        instances             = 150
        cps                       = 70 30
        disable                 = no
}
X
    cp "$PROJECT/inetd/xinetd.d/imap" /etc/xinetd.d/imap
    xinetd -stayalive -pidfile /run/xinetd.pid
    check "xinetd listens" eventually 10 nc -z 127.0.0.1 110
    type_pop3 127.0.0.1 > /tmp/session <<'S'
USER bob
PASS secret-bob
RETR 1
QUIT
S
    check "the block of the courses serves a session" grep -q '^body of only' /tmp/session
    check "our block serves IMAP" sh -c "printf 'a logout\r\n' | nc -N -w 5 127.0.0.1 143 | grep -q '^\* OK .*IMAP4rev1'"
    kill "$(cat /run/xinetd.pid)"
else
    echo "skipped - xinetd is not installed"
fi
check "no process of ours is left" eventually 10 sh -c '! pgrep -x "ipop3d|imapd"'
