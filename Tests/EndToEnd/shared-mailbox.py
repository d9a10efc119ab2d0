"""shared-mailbox.py: deliveries, an IMAP session and mail readers on alice's one mbox, all at once; prints `ok - …` and
`not ok - …` lines.

Letters come by SMTP, from Debian's Postfix, procmail and mda without pause. The IMAP session stays selected all the time; what it changes,
and what a reader does, take turns, because mailx keeps a copy of the whole file while it is open and knows of no
change but letters at the end. Every letter must be in the spool, in ~/mbox, or deleted by somebody who saw it.
"""
import collections
import contextlib
import fcntl
import itertools
import mailbox
import os
import random
import re
import smtplib
import socket
import subprocess
import sys
import threading
import time

SCALE = int(os.environ.get("SCALE", "1"))
COUNTS = {"smtp": 200 * SCALE, "procmail": 70 * SCALE, "mda": 70 * SCALE}
PORTS = {"smtp": 25}
if os.environ.get("PEER"):
    COUNTS["postfix"], PORTS["postfix"] = 60 * SCALE, 2526
# Letters under way and in the mailbox.
ROOM = 400
sent, kept = [0], [0]
SPOOL, KEPT = "/var/mail/alice", "/home/alice/mbox"
TAKE_TURNS = os.environ.get("TURNS", "1") == "1"
turn = threading.Lock() if TAKE_TURNS else threading.RLock()
trouble, deleted = [], {}
delivered = threading.Event()
random.seed(int(os.environ.get("SEED", "7")))


def letter(name):
    lines = "".join(f"line {i} of {name}\n" for i in range(random.randrange(1, 60)))
    return f"From: bob@x.example\nTo: alice\nSubject: {name}\nX-Test: {name}\n\n{lines}From the end\nend of {name}\n"


def wait_for_room():
    """The readers are to keep pace: of ten thousand letters, too, each turn sees a mailbox of usual size."""
    while sent[0] - len(deleted) - kept[0] > ROOM:
        time.sleep(0.1)
    sent[0] += 1


def names(kind):
    return [f"{kind}-{i}" for i in range(COUNTS[kind])]


def by_smtp(kind):
    todo = names(kind)
    while todo:
        with smtplib.SMTP("127.0.0.1", PORTS[kind], timeout=60) as server:
            for name in todo[:20]:
                wait_for_room()
                server.sendmail("bob@x.example", ["alice@localhost"], letter(name).encode())
                time.sleep(0.02)
        todo = todo[20:]


def by_command(kind, *command):
    for name in names(kind):
        wait_for_room()
        for attempt in range(20):
            done = subprocess.run(command, input=letter(name).encode(), capture_output=True, timeout=60 + 30 * SCALE)
            if done.returncode != 75:
                break
        if done.returncode == 0:
            acknowledged.add(name)
        else:
            trouble.append(f"{kind} ended with {done.returncode}: {done.stderr[-200:]}")
        time.sleep(0.1)


class Imap:
    """One session, the list of its messages as the protocol tells it, and who has which UID."""

    def __init__(self):
        self.stream = socket.create_connection(("127.0.0.1", 143), 60).makefile("rwb")
        self.count, self.tag, self.uids, self.owner, self.gone, self.leaving = 0, 0, [], {}, [], False
        self.stream.readline()
        self.command("LOGIN alice secret-alice")
        answer = self.command("SELECT INBOX")
        found = re.search(rb"UIDVALIDITY (\d+)", b"".join(answer))
        if not found:
            raise SystemExit(f"not ok - the mailbox can be selected\n  | {answer}")
        self.validity = found.group(1)
        self.learn()

    def line(self):
        line = self.stream.readline()
        if not line:
            raise SystemExit("not ok - the IMAP server closed the connection")
        while match := re.search(rb"\{(\d+)\}\r\n$", line):
            line += self.stream.read(int(match.group(1))) + self.stream.readline()
        if match := re.match(rb"\* (\d+) EXISTS", line):
            if int(match.group(1)) < self.count:
                trouble.append(f"EXISTS went down from {self.count}: {line}")
            self.count = int(match.group(1))
        elif match := re.match(rb"\* (\d+) EXPUNGE", line):
            place = int(match.group(1))
            self.count -= 1
            if place <= len(self.uids):
                self.gone.append(self.uids.pop(place - 1))
        elif line.startswith(b"* BYE") and not self.leaving:
            trouble.append(f"the server says {line}")
        return line

    def command(self, text):
        self.tag += 1
        tag = b"t%d " % self.tag
        self.stream.write(tag + text.encode() + b"\r\n")
        self.stream.flush()
        answer = []
        while not answer or not answer[-1].startswith(tag):
            answer.append(self.line())
        if not answer[-1].startswith(tag + b"OK"):
            trouble.append(f"{text}: {answer[-1]}")
        return answer

    def idle(self, seconds):
        self.tag += 1
        self.stream.write(b"t%d IDLE\r\n" % self.tag)
        self.stream.flush()
        answer = [self.line()]
        while not answer[-1].startswith(b"+"):
            answer.append(self.line())
        time.sleep(seconds)
        self.stream.write(b"DONE\r\n")
        self.stream.flush()
        while not answer[-1].startswith(b"t%d " % self.tag):
            answer.append(self.line())

    def learn(self):
        """Reads the letters that are new to the client; their UIDs ascend."""
        while len(self.uids) < self.count:
            first = len(self.uids) + 1
            for line in self.command(f"FETCH {first}:{self.count} (UID BODY.PEEK[])"):
                if not (match := re.match(rb"\* (\d+) FETCH .*?UID (\d+)", line, re.S)):
                    continue
                uid, found = int(match.group(2)), re.search(rb"X-Test: (\S+)", line)
                name = found.group(1).decode() if found else "?"
                if self.uids and uid <= self.uids[-1] or uid in self.owner:
                    trouble.append(f"UID {uid} of {name} comes after {self.uids[-1:]}")
                if line.count(b"X-Test:") != 1 or f"end of {name}\r\n".encode() not in line:
                    trouble.append(f"IMAP shows {name} torn or merged: {line[-300:]}")
                self.uids.append(uid)
                self.owner[uid] = name

    def verify(self):
        """What every message is now, against what it was when it came."""
        before = list(self.uids)
        for line in self.command("FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-TEST)])") if self.count else []:
            if match := re.match(rb"\* (\d+) FETCH .*?UID (\d+).*X-Test: (\S+)", line, re.S):
                uid, name = int(match.group(2)), match.group(3).decode()
                if self.owner.get(uid, name) != name:
                    trouble.append(f"UID {uid} was {self.owner[uid]}, now {name}")
                if uid in self.gone:
                    trouble.append(f"UID {uid} is back")
        return before

    def work(self):
        self.command("NOOP")
        self.learn()
        self.verify()
        self.command("NOOP")
        self.learn()
        for uid in random.sample(self.uids, min(3, len(self.uids))):
            flag = random.choice(["\\Seen", "\\Flagged", "\\Answered", "Work"])
            self.command(f"UID STORE {uid} +FLAGS ({flag})")
        if self.uids and random.random() < 0.6:
            doomed = random.sample(self.uids, min(max(3, len(self.uids) // 4), len(self.uids)))
            self.command("UID STORE %s +FLAGS (\\Deleted)" % ",".join(map(str, doomed)))
            self.gone.clear()
            self.command("EXPUNGE")
            for uid in self.gone:
                deleted.setdefault(self.owner[uid], []).append("IMAP")
            if sorted(self.gone) != sorted(doomed):
                trouble.append(f"expunged {self.gone} instead of {doomed}")
        self.idle(random.choice([0.05, 0.2]))
        self.learn()


def start_as_alice(command):
    environment = {"HOME": "/home/alice", "USER": "alice", "LOGNAME": "alice", "TERM": "vt100", "PATH": os.environ["PATH"],
                   "MAIL": SPOOL, "LANG": "C", "MBOX": KEPT}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=environment, cwd="/home/alice", user="alice", group="alice", extra_groups=[])


def press(program, keys):
    for key in keys:
        time.sleep(0.2)
        try:
            program.stdin.write(key.encode())
            program.stdin.flush()
        except BrokenPipeError:
            return


def left(program, seconds):
    """Whether the program ends within so many seconds."""
    until = time.monotonic() + seconds
    while program.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    return program.poll() is not None


def by_mutt(kind):
    """mutt reads, or marks the first letter, or deletes one, and writes the mailbox back."""
    mutt = start_as_alice(["script", "-qec", "mutt -n -F /tmp/muttrc", "/dev/null"])
    time.sleep(0.5)
    press(mutt, {"look": "", "keep": "=F", "save": "=N", "delete": "=d"}[kind])
    # A letter may come while it quits: then it stays. While another program holds the lock file and waits for the
    # kernel's lock, mutt, which has that one, looks for the lock file five seconds long and asks whether to break it.
    # `n` says no there, begins a search elsewhere, and ^G ends that. Each try waits for its end, as a person would:
    # what is typed ahead would be tried at once, and the other program would never have its turn.
    for key in itertools.chain("" if kind == "look" else "qqqq", itertools.cycle("x")):
        press(mutt, key)
        if left(mutt, 7):
            break
        press(mutt, "n\a")
        if left(mutt, 2):
            break
    output, _ = mutt.communicate(timeout=60)
    return subprocess.CompletedProcess("mutt", mutt.returncode, output, b"")


def by_mailx(program, kind):
    """Opens the mailbox, reads a letter, perhaps deletes it, and quits; yields the letter's name, too."""
    lines = {"look": "headers\nexit\n", "delete": "set hold\ntype 1\ndelete 1\nquit\n",
             "keep": "set hold\ntype 1\nquit\n", "save": "type 1\nquit\n"}[kind]
    command = ["bsd-mailx"] if program == "bsd-mailx" else ["s-nail", "-S", "quiet", "-:/"]
    reader = start_as_alice(command)
    output, errors = reader.communicate(lines.encode(), timeout=120)
    done = subprocess.CompletedProcess(command, reader.returncode, output, errors)
    shown = re.findall(r"^X-Test: (\S+)", done.stdout.decode("latin-1"), re.M)
    if kind in ("keep", "delete") and program == "bsd-mailx" and shown and b"Held" in done.stdout:
        held[0] += 1
    return done, shown


def by_dovecot(kind):
    """Dovecot's IMAP process without its login: one session on the inbox."""
    work = {"look": "FETCH 1:* (UID FLAGS)", "keep": "STORE 1 +FLAGS (\\Answered)", "save": "FETCH 1 BODY[]",
            "delete": "STORE 1 +FLAGS (\\Deleted)\nb EXPUNGE"}[kind]
    dovecot = start_as_alice(["/usr/lib/dovecot/imap", "-c", "/etc/peer/dovecot.conf"])
    output, errors = dovecot.communicate(f"a SELECT INBOX\nb {work}\nc LOGOUT\n".encode(), timeout=120)
    if b"\nc OK" not in output:
        trouble.append(f"Dovecot says {output[-300:]} {errors[-300:]}")
    return subprocess.CompletedProcess("dovecot", dovecot.returncode, output, errors)


def mend_front(program):
    """bsd-mailx and s-nail read without a lock, and may see the first octets of a letter that is just being written. Those
    belong to the letter in front of it, then, and go with it when that is deleted: the file begins within the From_ line.
    Nobody can write so that they do not, so that line is put back, as a person would do it, and the reader is named."""
    if not os.path.exists(SPOOL):
        return
    with locked_spool() as file:
        text = file.read()
        if not text or text.startswith(b"From "):
            return
        if program not in ("bsd-mailx", "s-nail"):
            trouble.append(f"{program} leaves the mailbox without its first line: {text[:200]}")
        cut[program] += 1
        line, _, rest = text.partition(b"\n")
        is_half_line = re.search(rb" \d\d:\d\d:\d\d \d{4}$", line)
        file.seek(0)
        file.write(b"From bob@x.example  Sun Nov 29 09:00:00 2026\n" + (rest if is_half_line else text))
        file.truncate()


@contextlib.contextmanager
def locked_spool():
    while True:
        try:
            os.close(os.open(SPOOL + ".lock", os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            time.sleep(0.05)
    try:
        with open(SPOOL, "r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            yield file
    finally:
        os.unlink(SPOOL + ".lock")


def read_mail(program):
    """One turn of a reader. What it deletes is what is gone from the spool and not in ~/mbox: one letter at most, and
    with mailx the one that it showed."""
    kind = random.choice(["look", "delete", "keep", "save"])
    before = present_in(SPOOL)
    if kind == "delete" and not before:
        # The letter that it deletes would be one that nobody has seen yet.
        kind = "look"
    apart = {"mutt": by_mutt, "dovecot": by_dovecot}.get(program)
    done, shown = (apart(kind), None) if apart else by_mailx(program, kind)
    mend_front(program)
    gone = before - present_in(SPOOL) - present_in(KEPT)
    if kind == "delete" and len(gone) == 1 and (shown is None or gone == set(shown[:1])):
        deleted.setdefault(gone.pop(), []).append(program)
    return kind, done


def present():
    """The letters that are somewhere: whoever has the turn sees them all."""
    return set(deleted) | present_in(SPOOL) | present_in(KEPT)


def present_in(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="latin-1") as file:
        return set(re.findall(r"^X-Test: (\S+)", file.read(), re.M))


def notice_loss(who):
    # What was acknowledged by now is in the mailbox: nobody else has the turn.
    expected = known_letters | set(acknowledged)
    lost = expected - present()
    if lost:
        trouble.append(f"{sorted(lost)} lost after the turn of {who}")
    known_letters.update(present())
    kept[0] = len(present_in(KEPT))


known_letters, acknowledged = set(), set()
held, opened, cut = [0], collections.Counter(), collections.Counter()
threads = [threading.Thread(target=by_smtp, args=(kind,)) for kind in PORTS] + [
           threading.Thread(target=by_command, args=("procmail", "debian-procmail", "-Y", "-d", "alice")),
           threading.Thread(target=by_command, args=("mda", "mda", "-d", "alice"))]


programs = ["bsd-mailx", "s-nail", "mutt"] + ["dovecot"] * ("DOVECOT" in os.environ)


def readers():
    while not delivered.is_set():
        program = random.choice(programs)
        with turn:
            kind, done = read_mail(program)
            notice_loss((program, kind, done.returncode, done.stdout[-500:], done.stderr[-500:]))
        opened[f"{program} {kind}"] += 1
        time.sleep(0.05)


def sessions():
    while not delivered.is_set():
        with turn:
            imap.work()
            notice_loss("the IMAP session")
        time.sleep(0.05)


def guarded(body):
    def run():
        try:
            body()
        except BaseException as error:
            trouble.append(f"{body.__name__}: {error!r}")
    return run


imap = Imap()
with open("/tmp/muttrc", "w") as file:
    file.write("set spoolfile=%s\nset folder=/home/alice\nset move=no\nset delete=yes\nset quit=yes\nset header_cache=''\n"
               "set sort=mailbox-order\nset mark_old=no\nset confirmappend=no\nset wait_key=no\n" % SPOOL)
start = time.time()
users = [threading.Thread(target=guarded(body)) for body in (readers, sessions)]
for thread in threads + users:
    thread.start()
for thread in threads:
    thread.join()
until = time.time() + 60 * SCALE
FLUSH = [["postqueue", "-f"]] + [["/tmp/postfix/usr/sbin/postqueue", "-c", "/etc/peer", "-f"]] * ("postfix" in COUNTS)


def waiting():
    queues = [subprocess.run(["postqueue", "-p"], capture_output=True, text=True).stdout.startswith("Mail queue is empty")]
    if "postfix" in COUNTS:
        queues.append(not any(files for name in ("maildrop", "incoming", "active", "deferred")
                              for _, _, files in os.walk("/var/spool/peer/" + name)))
    return not all(queues)


while time.time() < until and waiting():
    # A letter that found the mailbox locked for too long waits for its next turn: it is to be now.
    for command in FLUSH:
        subprocess.run(command, check=True)
    time.sleep(1)
delivered.set()
for thread in users:
    thread.join(120)
print(f"{sum(COUNTS.values())} letters in {time.time() - start:.1f} s; readers: {dict(opened)}; deleted: {len(deleted)}; cut into a letter: {dict(cut)}")


def check(sentence, faults):
    print(("not ok - " if faults else "ok - ") + sentence)
    for fault in list(faults)[:8]:
        print("  |", str(fault)[:600])


imap.command("NOOP")
imap.learn()
at_end = [imap.owner[uid] for uid in imap.verify()]
known = list(imap.uids)
imap.leaving = True
imap.command("LOGOUT")
again = Imap()
places = collections.defaultdict(list)
faults = []
for path in (SPOOL, KEPT):
    for message in mailbox.mbox(path, create=False) if os.path.exists(path) else []:
        text = message.as_bytes().decode("latin-1")
        found = re.findall(r"^X-Test: (\S+)", text, re.M)
        if not found:
            if "FOLDER INTERNAL DATA" not in text:
                faults.append(f"{path}: a letter of nobody: {text[:200]!r}")
            continue
        name = found[0]
        places[name].append(path)
        body = re.findall(r"^line \d+ of (\S+)$", text, re.M)
        if len(found) != 1 or set(body) != {name} or not text.rstrip("\n").endswith(f"From the end\nend of {name}"):
            faults.append(f"{path}: {name} is torn or merged: {text[-300:]!r}")
check("every letter in the files is whole and alone", faults)
faults = []
for kind in COUNTS:
    for name in names(kind):
        where = places[name] + deleted.get(name, [])
        if len(where) != 1:
            faults.append(f"{name} is in {where}")
check("every letter is in one place, or deleted by one who saw it", faults)
check("nothing else went wrong for the session and the deliveries", trouble)
spool = [name for name, where in places.items() if SPOOL in where]
check("the session's list at its end is the file's", set(at_end) ^ set(spool))
check("a new session has the same UIDVALIDITY and UIDs", [] if (again.validity, again.uids) == (imap.validity, known)
      else [(again.validity, imap.validity), set(again.uids) ^ set(known)])
check("with the same letters", [uid for uid in known if again.owner.get(uid) != imap.owner[uid]])
check("bsd-mailx said what it held", [] if held[0] or not opened["bsd-mailx keep"] + opened["bsd-mailx delete"] else ["never"])
check("no lock file is left", [f for f in os.listdir("/var/mail") if "lock" in f or f.startswith("_")])
