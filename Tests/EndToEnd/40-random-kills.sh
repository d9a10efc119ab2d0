#!/bin/bash
# Clients send by SMTP for 30 seconds (SCALE times as many) while random
# daemons are killed. Afterwards every acknowledged letter is in the mailbox, and every letter is whole.
. "$PROJECT/Tests/EndToEnd/lib.sh"
install_malleposte
users alice bob
# A deferred message is tried again soon; a service that dies at its start is not left alone for long.
configure 'mailbox_size_limit = 0' 'minimal_backoff_time = 1s' 'maximal_backoff_time = 2s' 'queue_run_delay = 1s' 'transport_retry_time = 1s' 'smtpd_error_sleep_time = 0'
check "the mail system starts" start_mta

cat > /tmp/client.py <<'P'
# client.py NAME SECONDS: sends letters one after the other, and notes what was acknowledged.
import os, smtplib, sys, time
name, end, number = sys.argv[1], time.time() + float(sys.argv[2]), 0
def waiting(): return sum(len(os.listdir("/var/spool/postfix/" + d)) for d in ("incoming", "active", "deferred"))
told = open("/tmp/told." + name, "w", buffering=1)
while time.time() < end:
    number += 1
    ident = "%s.%d" % (name, number)
    body = "".join("line %d of %s\r\n" % (n, ident) for n in range(number * 37 % 400))
    letter = "Message-ID: <%s@soak>\r\nSubject: x\r\n\r\n%send of %s\r\n" % (ident, body, ident)
    try:
        with smtplib.SMTP("127.0.0.1", 25, timeout=10) as server:
            server.sendmail("bob@formatux.lan", ["alice"] if number % 3 else ["alice", "bob"], letter)
            told.write("%s %d\n" % (ident, 1 if number % 3 else 2))
        # No more than can be delivered meanwhile, on a slow machine too: the queue has to come to rest.
        while waiting() > 200 and time.time() < end: time.sleep(0.1)
    except (OSError, smtplib.SMTPException):
        # Not acknowledged: a real client would try again.
        time.sleep(0.05)
P
cat > /tmp/killer.py <<'P'
# killer.py SECONDS: kills a random process of the mail system, but not master, again and again.
import os, random, signal, sys, time
names = {"smtpd", "cleanup", "qmgr", "local", "pickup", "bounce", "showq"}
chance, end, killed = random.Random(1), time.time() + float(sys.argv[1]), {}
while time.time() < end:
    time.sleep(chance.uniform(0.05, 1) if chance.random() < 0.5 else 0.05)
    victims = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % number) as file: name = file.read().strip()
        except OSError: continue
        if name in names: victims.append((name, int(number)))
    if not victims: continue
    kind = chance.choice(sorted({name for name, _ in victims}))
    victim = chance.choice(sorted(number for name, number in victims if name == kind))
    try: os.kill(victim, signal.SIGKILL)
    except OSError: continue
    killed[kind] = killed.get(kind, 0) + 1
print(sum(killed.values()), " ".join("%s=%d" % pair for pair in sorted(killed.items())))
P
seconds=$((30 * SCALE))
for n in 1 2 3 4; do python3 /tmp/client.py "c$n" "$seconds" & clients="${clients:-} $!"; done
python3 /tmp/killer.py "$seconds" > /tmp/killed
# shellcheck disable=SC2086
wait $clients
# rest: until the queue is empty; it may take its time while it gets shorter.
rest() {
    local since=$SECONDS least=1000000 left
    while [ $((SECONDS - since)) -lt 60 ]; do
        left=$(mailq | grep -c '^[0-9A-F]')
        [ "$left" = 0 ] && [ "$(mailq)" = "Mail queue is empty" ] && return
        [ "$left" -ge $least ] || { least=$left; since=$SECONDS; }
        postqueue -f; sleep 1
    done
    mailq; return 1
}
check "the queue comes to rest" rest
cat > /tmp/judge.py <<'P'
import collections, re, sys
told, problems = {}, []
for n in range(1, 5):
    for line in open("/tmp/told.c%d" % n):
        ident, copies = line.split()
        told[ident] = int(copies)
seen = {}
for user in ("alice", "bob"):
    counts = collections.Counter()
    text = open("/var/mail/" + user, encoding="latin-1").read()
    for letter in re.split(r"(?:\A|(?<=\n\n))(?=From \S+ +\w\w\w \w\w\w )", text):
        if not letter: continue
        found = re.search(r"^Message-ID: <(\S+)@soak>$", letter, re.M)
        if not found:
            problems.append("%s: a letter without its ID: %r" % (user, letter[:60]))
            continue
        ident = found.group(1)
        counts[ident] += 1
        lines = letter.split("\n\n", 1)[1].rstrip("\n").split("\n")
        number = int(ident.split(".")[1])
        if lines != ["line %d of %s" % (n, ident) for n in range(number * 37 % 400)] + ["end of " + ident]:
            problems.append("%s: %s is not whole" % (user, ident))
    seen[user] = counts
for ident, copies in told.items():
    for user in ("alice", "bob")[:copies]:
        if not seen[user][ident]: problems.append("%s: %s is lost" % (user, ident))
twice = sum(count - 1 for counts in seen.values() for count in counts.values())
print("%d acknowledged, %d delivered, %d of them repeated, %d problems" % (
    len(told), sum(map(len, map(list, seen.values()))) + twice, twice, len(problems)))
print("\n".join(problems[:20]))
sys.exit(1 if problems else 0)
P
summary=$(python3 /tmp/judge.py); code=$?
check "of what was acknowledged nothing is lost, and no letter is partial: $(head -n 1 <<< "$summary")" sh -c "echo '$summary'; exit $code"
check "daemons were killed: $(cat /tmp/killed)" sh -c "[ \$(cut -d' ' -f1 /tmp/killed) -ge $((seconds / 3)) ]"
check "letters were acknowledged meanwhile" sh -c "[ \$(cat /tmp/told.* | wc -l) -ge $seconds ]"
queue=/var/spool/postfix
check "nothing is left as damaged" sh -c "[ -z \"\$(ls $queue/corrupt)\" ]"
check "nothing is left in incoming or active" sh -c "[ -z \"\$(find $queue/incoming $queue/active -type f ! -path '*/tmp/*')\" ]"
check "no mailbox lock is left" sh -c "! ls /var/mail/*.lock"
check "no daemon ended by itself" sh -c "! grep -E 'killed by signal' $LOG | grep -v 'signal 9\$' | grep . "
