#!/bin/bash
# ipop3d and imapd by --listen and by systemd's sockets, with the courses' virtual users of a passwd-file, clients
# from another machine, limits, reload and stop; imapd from a shell.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
install_access
users alice
start_syslog

# The virtual users of the courses.
groupadd -g 5000 vmail; useradd -g vmail -u 5000 vmail -d /var/mail/vmail -m
mkdir -p /etc/dovecot /var/mail/vmail/mondomaine.com/bob/{cur,new,tmp}
printf 'Subject: one\n\nbody of one\n' > /var/mail/vmail/mondomaine.com/bob/new/1.M1P1.host
chown -R vmail:vmail /var/mail/vmail
cat > /etc/dovecot/users <<'U'
bob@mondomaine.com:{PLAIN}password:5000:5000::/var/mail/vmail/mondomaine.com/bob/
alice@mondomaine.com:{PLAIN}password:5000:5000::/var/mail/vmail/mondomaine.com/alice/
low@mondomaine.com:{PLAIN}password:9:9::/tmp
old@mondomaine.com:{SSHA}abcdef:5000:5000::/tmp
U
mkdir -p /etc/dovecot/conf.d
cat > /etc/dovecot/dovecot.conf <<'D'
protocols = imap pop3
listen= *
!include conf.d/*.conf
D
echo 'mail_location = maildir:/var/mail/vmail/%d/%n' > /etc/dovecot/conf.d/10-mail.conf
cat > /etc/dovecot/conf.d/10-auth.conf <<'D'
disable_plaintext_auth = no # signifie authentification plaintext enable
!include auth-passwdfile.conf.ext
D
cat > /etc/dovecot/conf.d/auth-passwdfile.conf.ext <<'D'
passdb {
  driver = passwd-file
  args = scheme=CRYPT username_format=%u /etc/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%u /etc/dovecot/users
}
D
# A second machine.
unshare -n sleep 1000 & far=$!
sleep 0.5
ip link add v0 type veth peer name v1 2>/dev/null
ip link set v1 netns $far && ip addr add 192.0.2.1/24 dev v0 && ip link set v0 up
from_far() { nsenter -t $far -n "$@"; }
from_far ip addr add 192.0.2.2/24 dev v1; from_far ip link set v1 up; from_far ip link set lo up

ipop3d --listen 127.0.0.1:22100 --listen '*:22110' --connections 4 --per-address 3 & server=$!
check "it listens" eventually 10 nc -z 127.0.0.1 22110
check "and at the second address" eventually 10 nc -z 127.0.0.1 22100
cat > /tmp/login <<'S'
USER bob@mondomaine.com
PASS password
STAT
QUIT
S
type_pop3 127.0.0.1 127.0.0.1 22100 < /tmp/login > /tmp/session
check "a virtual user logs in with the lines of the courses" grep -q '^+OK Mailbox open, 1 messages' /tmp/session
check "the UIDs were written as that user" test "$(stat -c %U:%G /var/mail/vmail/mondomaine.com/bob/dovecot-uidlist)" = vmail:vmail
from_far python3 "$PROJECT/Tests/EndToEnd/type-pop3.py" 192.0.2.1 192.0.2.2 22110 < /tmp/login > /tmp/session
check "from another machine too, when plaintext is allowed" grep -q '^+OK Mailbox open' /tmp/session
check "the log names the address" logged 'Login user=bob@mondomaine.com host=\[192\.0\.2\.2\]'
sed -i 's/^disable_plaintext_auth.*/disable_plaintext_auth = yes/' /etc/dovecot/conf.d/10-auth.conf
kill -HUP $server
check "SIGHUP reads the configuration again" logged 'configuration read again'
from_far python3 "$PROJECT/Tests/EndToEnd/type-pop3.py" 192.0.2.1 192.0.2.2 22110 < /tmp/login > /tmp/session
check "then another machine may not send passwords in the clear" grep -q '^-ERR \[AUTH\] Passwords in the clear' /tmp/session
check "and CAPA does not offer it" sh -c "printf 'CAPA\r\nQUIT\r\n' | nsenter -t $far -n nc -N -w 5 192.0.2.1 22110 > /tmp/capa; grep -q UIDL /tmp/capa && ! grep -E 'USER|SASL' /tmp/capa"
echo 'nonsense' >> /etc/dovecot/conf.d/10-auth.conf
kill -HUP $server
check "a broken configuration is reported with file and line, and the old one stays" logged 'the configuration stays as it was: .*10-auth.conf, line 3'
type_pop3 127.0.0.1 127.0.0.1 22110 < /tmp/login > /tmp/session
check "service goes on" grep -q '^+OK Mailbox open' /tmp/session
sed -i '$d' /etc/dovecot/conf.d/10-auth.conf
for who in low@mondomaine.com old@mondomaine.com; do
    printf 'USER %s\nPASS password\nQUIT\n' $who | type_pop3 127.0.0.1 127.0.0.1 22110 > /tmp/session
    check "$who is refused" grep -Eq '^-ERR \[(AUTH|SYS/TEMP)\]' /tmp/session
done
check "a system account's user is named in the log" logged 'Login failed user=low@mondomaine.com .*outside of first_valid_uid'
check "an unknown scheme is named in the log" logged 'not supported yet: password scheme \{SSHA\}'
exec 4<>/dev/tcp/127.0.0.1/22110 5<>/dev/tcp/127.0.0.1/22110 6<>/dev/tcp/127.0.0.1/22110
read -r _ <&4; read -r _ <&5; read -r _ <&6
check "a fourth connection of one address is told so" sh -c "nc -w 5 127.0.0.1 22110 < /dev/null | grep -q '^-ERR.*Too many connections from your address'"
check "another address is served" sh -c "echo QUIT | nsenter -t $far -n nc -N -w 5 192.0.2.1 22110 | grep -q '^+OK POP3'"
kill $server; wait $server; code=$?
check "SIGTERM ends it" test $code = 0
check "and its connections" eventually 5 sh -c '! pgrep -x ipop3d'
exec 4>&- 5>&- 6>&-

# --- guesses from one address over many connections
ipop3d --listen 127.0.0.1:22110 & server=$!
eventually 10 nc -z 127.0.0.1 22110
start=$(date +%s%N)
for i in $(seq 24); do printf 'USER bob@mondomaine.com\nPASS guess\nQUIT\n' | type_pop3 127.0.0.1 127.0.0.1 22110 > /tmp/guess.$i & guesses[$i]=$!; done
wait "${guesses[@]}"
took=$((($(date +%s%N) - start) / 1000000)); echo "24 guesses on 24 connections took $took ms"
check "24 guesses at once take three rounds of 3 seconds" test $took -ge 8900 -a "$(cat /tmp/guess.* | grep -c '^-ERR \[AUTH\]')" = 24
kill $server; wait $server

# --- systemd's sockets, as sd_listen_fds(3) has them
cat > /tmp/activate.py <<'P'
import os, socket, sys
kind, port, program = sys.argv[1], int(sys.argv[2]), sys.argv[3]
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", port)); s.listen()
c, _ = s.accept() if kind != "listen" else (s, None)
os.dup2(c.fileno(), 13); os.dup2(13, 3)
if kind == "stdin": os.dup2(3, 0); os.dup2(3, 1)
os.closerange(4, 256)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(program, [program])
P
for kind in listen connection stdin; do
    python3 /tmp/activate.py $kind 22120 /usr/local/sbin/ipop3d < /dev/null & server=$!
    eventually 10 sh -c 'ss -ltn | grep -q 22120'
    type_pop3 127.0.0.1 127.0.0.1 22120 < /tmp/login > /tmp/session
    check "systemd's activation ($kind) serves a session" grep -q '^+OK Mailbox open' /tmp/session
    kill $server 2>/dev/null; wait $server 2>/dev/null
done

# --- from a shell
rm -rf /etc/dovecot
check "imapd from a user's shell greets with PREAUTH" sh -c "su alice -c 'printf \"a LOGOUT\r\n\" | imapd' | grep -q '^\* PREAUTH .*alice'"
check "what it is told is said by --check" sh -c "echo 'mail_plugins = x' > /tmp/d.conf; imapd -c /tmp/d.conf --check 2>&1 | grep -q '/tmp/d.conf, line 1: not supported yet: mail_plugins'"
check "no process of ours is left" eventually 10 sh -c '! pgrep -x "ipop3d|imapd"'
kill $far
