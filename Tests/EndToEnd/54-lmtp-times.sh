#!/bin/bash
# The time-outs of `mda --lmtp`: a client that says nothing, one that stops in the middle of a command or of a letter,
# deliveries that take too long, whatever they do with SIGTERM.
. "$PROJECT/Tests/EndToEnd/lib.sh"
. "$PROJECT/Tests/EndToEnd/access-lib.sh"
LOG=/var/log/mail.log
install -m 755 "$(ls -t "$PROJECT"/.build/{release,debug}/mda 2>/dev/null | head -1)" /usr/local/bin/mda || { echo "not ok - install mda"; exit 1; }
rm -rf /etc/dovecot /etc/malleposte
users alice bob slow deaf
start_syslog
mda --lmtp --listen unix:/run/lmtp --timeout 2 --delivery-timeout 3 & server=$!
eventually 10 test -S /run/lmtp

# says PLACE TEXT SECONDS: sends the text (with its \r and \n) at once, says nothing more, and prints what comes until the
# other side closes, or fails when it has not within the time.
cat > /tmp/says.py <<'P'
import socket, sys, time
text, limit = sys.argv[1].encode().decode("unicode_escape").encode("latin1"), float(sys.argv[2])
link = socket.socket(socket.AF_UNIX); link.connect("/run/lmtp"); link.sendall(text)
begun, data = time.monotonic(), b""
while True:
    link.settimeout(max(0.01, begun + limit - time.monotonic()))
    try: part = link.recv(65536)
    except TimeoutError: sys.exit("still open")
    data += part
    if not part: break
sys.stdout.write(data.decode().replace("\r", ""))
print("%.1f" % (time.monotonic() - begun), file=sys.stderr)
P
says() { python3 /tmp/says.py "$@" > /tmp/said 2> /tmp/took; }
# Not before the limit either: with 2 s a client that is a little slow must not be sent away.
took() { awk -v least="$1" '{ exit !($1 >= least) }' /tmp/took; }

check "a client that says nothing is sent away" says '' 20
check "with a reason, and not before its time" sh -c 'tail -1 /tmp/said | grep -q "^421 4.4.2 Timeout$"'
check "after the greeting's two seconds" took 1.9
check "the log has it" logged 'disconnect from local: timeout'
check "one that stops in a command too" says 'LHLO x\r\nMAIL FR' 20
check "with the reason" grep -q '^421 4.4.2 Timeout$' /tmp/said
letter='LHLO x\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<alice>\r\nDATA\r\nSubject: cut\r\n\r\n'
check "and one that stops in a letter" says "${letter}half of it" 20
check "it is told so behind the 354" sh -c 'tail -2 /tmp/said | tr "\n" " " | grep -q "^354 OK 421 4.4.2 Timeout $"'
check "of such a letter nothing is delivered" sh -c '[ ! -s /var/mail/alice ]'
check "the server goes on" says "${letter}whole\r\n.\r\nQUIT\r\n" 20
check "and delivers" sh -c 'grep -q "^250 2.0.0 <alice> Saved" /tmp/said && grep -c "^From " /var/mail/alice | grep -qx 1'

# --- deliveries
echo ':0 w
| sleep 300; cat > /tmp/slow-has-it' > /home/slow/.procmailrc
echo ':0 w
| trap "" TERM HUP INT; n=0; while [ $n -lt 3000 ]; do sleep 0.1; n=$((n + 1)); done; cat > /tmp/deaf-has-it' > /home/deaf/.procmailrc
chown slow /home/slow/.procmailrc; chown deaf /home/deaf/.procmailrc
letter='LHLO x\r\nMAIL FROM:<s@x.example>\r\nRCPT TO:<slow>\r\nRCPT TO:<deaf>\r\nRCPT TO:<bob>\r\nDATA\r\nSubject: late\r\n\r\nx\r\n.\r\nQUIT\r\n'
# More than --timeout, which counts for the client only.
check "a letter whose deliveries hang is answered" says "$letter" 40
check "not before their time" took 2.9
check "the two are late, the third has it, in their order" sh -c 'grep -A3 ^354 /tmp/said | cut -c 1-16 | diff - /tmp/want' < <(printf '354 OK\n451 4.4.7 <slow>\n451 4.4.7 <deaf>\n250 2.0.0 <bob> \n' | tee /tmp/want)
check "and the session goes on to its QUIT" grep -q '^221' /tmp/said
check "the log has who waits" logged 'to=<deaf>, user=deaf, dsn=4\.4\.7, status=deferred \(delivery took too long\)'
check "no process of theirs is left" eventually 20 sh -c '! pgrep -u slow && ! pgrep -u deaf'
check "and no letter" sh -c '[ ! -s /var/mail/slow ] && [ ! -s /var/mail/deaf ] && [ ! -e /tmp/slow-has-it ] && [ ! -e /tmp/deaf-has-it ]'
rm /home/slow/.procmailrc
check "tried again it comes" says "${letter/RCPT TO:<deaf>\\r\\nRCPT TO:<bob>\\r\\n/}" 20
check "once" sh -c 'grep -q "<slow> Saved" /tmp/said && grep -c "^From " /var/mail/slow | grep -qx 1'

check "nonsense is refused" sh -c '! mda --lmtp --timeout 0 2> /tmp/err && grep -q -- "--timeout needs a number from 1 to 86400, not 0" /tmp/err'
kill $server; wait $server
check "nothing was killed by a fault of its own" sh -c "! grep -E 'signal (4|6|11)' $LOG"
