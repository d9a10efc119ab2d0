#!/bin/bash
# `postfix stop` and `postfix reload` in the middle of a burst: fifty sessions between the final dot and
# its answer. Nothing acknowledged is lost, no session hangs, and a reload costs no session.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
configure 'queue_run_delay = 1s' 'minimal_backoff_time = 1s'
check "the mail system starts" start_mta

cat > /tmp/burst.py <<'P'
# burst.py NAME COUNT: opens COUNT sessions, brings each as far as its content, writes /tmp/ready, sends
# all final dots at once, and tells what each was answered: acknowledged, refused, or cut off.
import socket, sys, threading, time
name, count = sys.argv[1], int(sys.argv[2])
answers, barrier, go = [], threading.Barrier(count + 1), threading.Event()
def session(number):
    said = "cut"
    try:
        link = socket.create_connection(("127.0.0.1", 25), 20)
        stream = link.makefile("rwb")
        def reply():
            while True:
                line = stream.readline()
                if line[3:4] != b"-": return line
        reply()
        for line in (b"EHLO x", b"MAIL FROM:<bob@formatux.lan>", b"RCPT TO:<alice>", b"DATA"):
            stream.write(line + b"\r\n"); stream.flush()
            last = reply()
        if not last.startswith(b"354"): raise OSError("no 354: %r" % last)
        stream.write(b"Message-ID: <%s.%d@burst>\r\n\r\n%s" % (name.encode(), number, b"x" * 70 * number + b"\r\n"))
        stream.flush()
        barrier.wait(); go.wait()
        stream.write(b".\r\n"); stream.flush()
        last = reply()
        said = "acknowledged" if last.startswith(b"250") else "refused %s" % last[:3].decode() if last else "cut"
    except OSError as error:
        if barrier.broken or not go.is_set():
            barrier.abort()
            said = "never came so far: %s" % error
        elif isinstance(error, TimeoutError): said = "hung"
    except threading.BrokenBarrierError: said = "aborted"
    answers.append((number, said))
threads = [threading.Thread(target=session, args=(n,)) for n in range(count)]
for thread in threads: thread.start()
barrier.wait()
open("/tmp/ready", "w").close()
go.set()
for thread in threads: thread.join()
with open("/tmp/answers." + name, "w") as file:
    for number, said in sorted(answers): file.write("%s.%d %s\n" % (name, number, said))
P
# All acknowledged letters of the burst $1 are there; a delivery that a stop cut off may be repeated.
delivered() {
    local ident n missing="" twice=""
    for ident in $(awk '$2 == "acknowledged" { print $1 }' "/tmp/answers.$1"); do
        n=$(grep -c "^Message-ID: <$ident@burst>" /var/mail/alice)
        [ "$n" -ge 1 ] || missing="$missing $ident"
        [ "$n" -le 1 ] || twice="$twice $ident"
    done
    echo "missing:$missing; twice:$twice"; [ -z "$missing" ] && [ "$(wc -w <<< "$twice")" -le 2 ]
}
count() { grep -c "$2" "/tmp/answers.$1"; }

for try in 1 2; do
    rm -f /tmp/ready
    timeout 60 python3 /tmp/burst.py "stop$try" 50 & burst=$!
    eventually 20 test -e /tmp/ready
    [ $try = 1 ] || sleep 0.0$((try * 3))
    postfix stop 2> /dev/null
    check "stop $try: no session is left hanging" wait $burst
    check "stop $try: every session has an answer or an end ($(count "stop$try" acknowledged) acknowledged, $(count "stop$try" refused) refused, $(count "stop$try" cut) cut)" \
        sh -c "[ \$(grep -c 'acknowledged\|refused 4\|cut' /tmp/answers.stop$try) = 50 ]"
    check "stop $try: no process is left" eventually 10 sh -c '! pgrep -x "master|smtpd|cleanup|qmgr|local"'
    postfix start 2> /dev/null
    check "stop $try: nothing acknowledged is lost" eventually 20 delivered "stop$try"
done

for try in 1 2; do
    rm -f /tmp/ready
    eventually 10 sh -c 'echo QUIT | nc -w 2 127.0.0.1 25 | grep -q ^220'
    timeout 60 python3 /tmp/burst.py "reload$try" 50 & burst=$!
    eventually 20 test -e /tmp/ready
    [ $try = 1 ] || sleep 0.0$((try * 3))
    postfix reload 2> /dev/null
    wait $burst
    check "reload $try: every session is acknowledged" sh -c "cat /tmp/answers.reload$try; [ \$(grep -c acknowledged /tmp/answers.reload$try) = 50 ]"
    check "reload $try: everything is delivered" eventually 20 delivered "reload$try"
done
# Sessions one after the other while the configuration is read again and again: each is greeted and served.
cat > /tmp/sessions.py <<'P'
import smtplib, sys, time
end, ended, broken = time.time() + float(sys.argv[1]), 0, []
while time.time() < end:
    try:
        with smtplib.SMTP("127.0.0.1", 25, timeout=5) as server:
            server.ehlo()
            if server.noop()[0] != 250: broken.append("NOOP")
            code, text = server.quit()
            if code != 221: broken.append("QUIT: %d %r" % (code, text))
        ended += 1
    except (OSError, smtplib.SMTPException) as error: broken.append(repr(error))
print("%d sessions, %d broken" % (ended, len(broken)), *broken[:5], sep="\n")
sys.exit(1 if broken or ended < 50 else 0)
P
python3 /tmp/sessions.py 6 > /tmp/sessions.1 & one=$!
python3 /tmp/sessions.py 6 > /tmp/sessions.2 & two=$!
for n in $(seq 15); do postfix reload 2> /dev/null; sleep 0.3; done
wait $one; broken=$?
wait $two || broken=$?
check "no session is broken by fifteen reloads" sh -c "cat /tmp/sessions.?; exit $broken"
check "a process that ends because of a reload is no bad start" sh -c "! grep -E 'throttling' $LOG"
check "the queue is empty in the end" eventually 20 sh -c '[ "$(mailq)" = "Mail queue is empty" ]'
check "nothing unfinished is left" sh -c "[ -z \"\$(ls /var/spool/postfix/incoming/tmp)\" ]"
check "no daemon was killed or failed" sh -c "! grep -E 'killed by signal|exit status' $LOG | grep -v 'signal 15\$'"
