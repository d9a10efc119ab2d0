"""Makes procmail recipes and letters: small, valid or nearly so, and nasty. Every choice comes from
the random source it is given, so a pair can be made again from its number.

A feature that is known to meet a fault of procmail which mda does not copy is named in `faults` when it
is used; with `avoid` the same pair is made without it, all other choices the same."""
import re

WORDS = ["status", "report", "joe", "list", "a", "b", "x", "Weekly", "me"]
FOLDERS = ["box", "box2", "md/", "mh/.", "plain", "sub/box", "sub/md/", "new/", "dir.x/"]
FILTERS = ["sed s/joe/jim/", "cat", "sed -e 's/^Subject:/X-Subject:/'", "cat; echo tail", "sed -e '$d'"]
NAMES = ["V", "W", "LIST", "x_1", "EMPTY"]
LETTERS = [
    "Subject: Weekly report: status\nFrom: Joe <joe@example.com>\nTo: me@example.org, b@x\n\nbody one\nFrom here\nx\n",
    "Subject: a (b) [c] *d* $e ^f\nCc: list@example.net\nPrecedence: bulk\n\n\nA\nb\nab\naab\n",
    "From: x\n\n",
    "Received: a\nSender: owner-list@x.org\nX-Spam: ***\nX-Num: 42\nSubject: re: RE: Re:\n\n> From me\n>From you\nFrom us\n",
    "To: undisclosed\nX-Empty:\nsubject: lower\n\nline\n\nFrom\nFrom \nend\n",
    "Subject: \\ back `quote` \"dq\" 'sq'\nMessage-ID: <1@x>\n\na b  c\td\n",
    "X-8bit: \udce9\udcff\nSubject: caf\udce9\n\n\udc80 body \udcff\n",
]


class Maker:
    def __init__(self, random, avoid=False):
        self.r, self.avoid, self.faults = random, avoid, set()

    def one(self, *choices):
        return self.r.choice(choices)

    def chance(self, n):
        return self.r.randrange(n) == 0

    def fault(self, name, n, with_it, without):
        """One time in `n` the text that meets the fault, else the harmless one."""
        hit = self.chance(n)
        if hit and not self.avoid:
            self.faults.add(name)
            return with_it
        return without

    def meets(self, name, with_it, without):
        """The text that meets the fault; `without` it where that is to be avoided."""
        if with_it == without: return without
        if not self.avoid: self.faults.add(name)
        return without if self.avoid else with_it

    # ------------------------------------------------------------------ letters
    def letter(self):
        text = self.r.choice(LETTERS)
        if self.chance(3):
            text = text.replace("\n\n", "\n%s: %s\n\n" % (self.one("X-A", "To", "Reply-To", "CC"), self.words()), 1)
        if self.chance(4):
            text += self.one("tail\n", "\n", "\n\n", "From x\n", "a" * 300 + "\n")
        text = self.fault("B13", 25, text.replace(": ", ":\n  ", 1), text)
        text = self.fault("B3", 25, text.rstrip("\n"), text)
        # B48: a body that begins with a From_ line.
        text = self.meets("B48", text, text.replace("\n\nFrom ", "\n\n From "))
        front = "From joe@example.com  Tue Mar  5 09:00:00 2019\n"
        if self.chance(15):
            front += ">From other@x  Tue Mar  5 09:00:00 2019\n"
        front = self.fault("B2", 40, "", front)
        self.isHeader = text.endswith("\n\n")
        return front + text

    def words(self):
        return " ".join(self.r.choice(WORDS) for _ in range(self.r.randint(1, 3)))

    # -------------------------------------------------------------- expressions
    def atom(self, depth):
        k = self.r.randrange(16)
        if k < 5: return self.r.choice(WORDS)
        if k < 7: return self.one(".", "[a-z]", "[^a-c]", "[]x]", "[0-9]", "[-x]", "\\.", "\\*", "\\(", "\\$")
        if k < 9 and depth: return "(%s)" % self.pattern(depth - 1)
        if k < 11: return self.one("a", "b", "x", "ab", " ", ":")
        if k < 12: return self.one("\\<", "\\>")
        if k < 13: return self.one("$", "^")
        if k < 14: return self.one("Subject:", "To:", "joe@", "^TO_", "^TOme", "^FROM_DAEMON", "^FROM_MAILER")
        return self.one("s", "e", "t", "(a|b)", "(re: )", "()", "@")

    def piece(self, depth):
        a = self.atom(depth)
        if self.chance(4): a += self.one("*", "+", "?")
        return a

    def pattern(self, depth=2):
        parts = ["".join(self.piece(depth) for _ in range(self.r.randint(1, 3)))
                 for _ in range(self.one(1, 1, 1, 2))]
        return "|".join(parts)

    def expression(self):
        p = self.pattern()
        # B46: nothing may follow a `^^` at the end.
        p = p.replace("^^", "^")
        if self.chance(4): p = "^" + p
        if self.chance(3): p = self.one("^Subject:", "^To:", "^From:", "^X-.*:", "^(Cc|To):", "^[a-z]+:") + self.one("", ".*", ".*\\<", " ") + p
        if self.chance(12): p = "^^" + p
        if self.chance(12): p += "^^"
        if self.chance(8): p = self.one("^Subject:", "()", "[a-z]", "^.*", "x*", ": ") + "\\/" + self.one(".*", "[^ ]+", p, "[a-z]*", ".")
        # One backslash in front is dropped, which may leave a parenthesis alone.
        if p.startswith("\\("): p = "()" + p
        # B46: `^^` in the middle is taken for the end there.
        p = self.meets("B46", p, p[:2] + p[2:-2].replace("^^", "") + p[2:][-2:])
        return self.fault("B14", 60, p + "(", p)

    # --------------------------------------------------------------- conditions
    def condition(self):
        t = ""
        if self.chance(4): t += self.weight()
        for _ in range(self.one(0, 0, 0, 1, 1, 2)):
            t += self.one("!", "!", "! ", "V ?? ", "B ?? ", "H ?? ", "HB ??", "W??", "LIST ?? ", "MATCH ?? ")
        k = self.r.randrange(14)
        if k < 9: t += self.expression()
        elif k < 10: t += self.one("< ", "> ", "<", ">") + self.one("10", "200", "100", "0", "1000", "1 x", "")
        elif k < 11: t += "? " + self.one("test -f box", "true", "false", "exit 3", "grep -q joe", "test $V = a", "cat >/dev/null")
        else: t += "$ " + self.one("^Subject:.*$V", "$\\V", "${W:-joe}", "${W}", "`echo joe`", "! $V", "$V ?? a", "\\/${V}", "^$LIST", "'a'", "\\$V", "a\\\\.b")
        return "*" + self.one(" ", " ", "", "  ") + t + self.one("", "", "", "  ")

    def weight(self):
        w = self.one("1", "2", "-1", "0.5", "3.7", "-100", "2147483647", "-2147483647", "0", "+1")
        x = self.one("0", "1", "1", ".5", "2", "-1", "0.9", "1.5")
        return w + self.one("^", "^", " ^ ", "^ ") + x + " "

    # ------------------------------------------------------------------ actions
    def folder(self):
        return self.r.choice(FOLDERS)

    def action(self, depth, head, flags):
        k = self.r.randrange(20)
        # B6: a lock that cannot be had; B42: a folder that cannot be opened, with `i`.
        if k < 1 and ":" not in head[2:] and "i" not in flags: return "gone/box"
        if k < 1: return self.fault("B6/B42", 3, "gone/box", "box2")
        if k < 9: return self.folder() + self.one("", "", "", " # note", "")
        if k < 10: return self.one("/dev/null", "$V", "$LIST", "${W:-box}", "\"b x\"", "'q q'", "md/ sub/md/", self.fault("B35", 3, "plain md/", "plain"), "box extra")
        if k < 12: return "| " + self.program("w" in flags or "W" in flags)
        if k < 13: return self.one("V", "W", "X") + "=" + self.one("", "", " ") + "| " + self.program(True)
        if k < 14: return "! " + self.one("a@b.example", "a@b c@d", "$V", "`echo x@y`", "a@b # note")
        if k < 18 and depth: return self.block(depth - 1)
        return self.one("box", "{ }", "{ V=x }", "|", "{\n}")

    def program(self, waits):
        if waits and self.chance(4): return self.one("false", "exit 3", "cat >/dev/null; exit 1", "sh -c 'kill -9 $$'")
        return self.one("cat >> out", "sed s/joe/jim/", "cat > out2; echo said", "tr a-z A-Z", "cat", "head -n 2 > two; cat > /dev/null",
                        "wc -c >> count", "cat >> \"$V\".o", "grep -v x", "sed -e 's/^Subject:/X-Subject:/' >> out")

    def filter(self, flags):
        """Without `w` a filter that fails, or yields no From_ line, takes the letter away: B2, B5."""
        good = self.r.choice(FILTERS)
        # B56: the newline that the filter takes away is still behind the end.
        if self.isHeader and good == "sed -e '$d'": good = self.meets("B56", good, "cat")
        bad = self.one("false", "exit 3", "tr a-z A-Z", "grep -v x", "cat >> out")
        if "w" in flags or "W" in flags: good = self.one(good, good, "cat; false", "false", "exit 3")
        return self.fault("B2/B5", 8, bad, good)

    def block(self, depth):
        inner = "".join(self.statement(depth) for _ in range(self.r.randint(0, 3)))
        return "{\n%s}" % inner

    # --------------------------------------------------------------- statements
    def recipe(self, depth):
        flags = ""
        for f, n in (("H", 12), ("B", 6), ("D", 8), ("A", 8), ("a", 10), ("E", 7), ("e", 8), ("h", 9), ("b", 9), ("f", 14), ("c", 5), ("w", 5), ("W", 14), ("i", 12), ("r", 14)):
            if self.chance(n): flags += f
        head = ":0" + self.one("", " ", "") + flags
        if self.chance(25):
            head = self.one(":", ":1", ":2", ":0 x", ":0 Q") + flags
            if head[3:4] in "xQ": flags = ""
        if self.chance(3): head += self.one(":", " :", ": my.lock", ":l2", ": l2 extra", ": $V")
        lines = [self.condition() for _ in range(self.one(0, 0, 1, 1, 1, 2, 3))]
        if head.startswith(":1") or head == ":" + flags: lines.insert(0, self.expression())
        if self.chance(12): lines.insert(0, self.one("# note", "", "  # note"))
        if "f" in flags and self.chance(2): act = "| " + self.filter(flags)
        else: act = self.action(depth, head, flags)
        if (head.endswith(":") or head.endswith("$V")) and re.match(r"\S+/\.?(\s|$)|\$|\"|'", act):
            act = self.fault("B6/B42", 20, act, "box")
        if "f" in flags and act.startswith("!"): act = self.fault("B2/B5", 8, act, "box")
        if "f" in flags and act.startswith("| "): act = "| " + self.filter(flags)
        # B49: the status of the program that was waited for last.
        isHeard = ("f" in flags and act.startswith("|")) or re.match(r"\w+ *= *\|", act)
        if isHeard and head.startswith(":0") and not set("wW:") & set(head[1:]): head = self.meets("B49", head, ":0w" + head[2:])
        # B42: a folder that cannot be opened.
        if not re.match(r"[|!{]|\w+ *= *\|", act): head = self.meets("B42", head, head[:2] + head[2:].replace("i", ""))
        return "\n".join([head] + lines + [act]) + "\n"

    def value(self):
        return self.one("a", "joe", "status", "'b x'", "\"a $W\"", "${W:-dflt}", "${V}x", "$V$W", "", "a\\ b", "\"`echo out`\"", "`cat | wc -c`",
                        "${EMPTY-none}", "${EMPTY:+set}", "${V:-${W:-deep}}", "a.b*c", "\"q\\\"q\"", "'$V'", "\"\\x\"", "$=", "$?", "$-", "$#", "x#y", "a b", "^Subject", "[a-z]+", "`exit 3`", "$\\V", "\"multi\nline\"", "a\\\nb", "$MATCH", "$$x" if False else "$", "B", "box", "md/")

    def assignment(self):
        k = self.r.randrange(20)
        if k < 12: return "%s%s=%s%s\n" % (self.r.choice(NAMES), self.one("", "", " "), self.one("", "", " "), self.value())
        if k < 13: return self.one("V\n", "W LIST\n", "EMPTY=\n")
        if k < 14: return "LOG=\"%s $= $MATCH\n\"\n" % self.one("x", "$V", "$LASTFOLDER", "$?")
        if k < 15: return self.one("VERBOSE=yes\n", "VERBOSE=no\n", "LOGABSTRACT=all\n", "LOGABSTRACT=no\n", "LOGABSTRACT=yes\n", "VERBOSE=\n")
        if k < 16: return self.one("MAILDIR=sub\n", "MAILDIR=./\n", "DEFAULT=box2\n", "DEFAULT=md/\n", "UMASK=022\n", "UMASK=002\n", "LOCKEXT=.lk\n", "MSGPREFIX=m_\n", "DEFAULT=$V\n")
        if k < 17: return self.one("LOCKFILE=g.lock\n", "LOCKFILE=\n", "LOCKFILE\n")
        if k < 18: return self.one("EXITCODE=3\n", "EXITCODE=\n", "TRAP='echo trapped $EXITCODE >> trap'\n", "HOST=other\n", "SHIFT=1\n", "EXITCODE=75\n", "TRAP='cat > trapmail; exit 5'\n")
        if k < 19: return self.one("INCLUDERC=inc1\n", "INCLUDERC=inc2\n", "SWITCHRC=inc1\n", "INCLUDERC=missing\n", "SWITCHRC=missing\n", "SWITCHRC\n", "INCLUDERC=\n")
        return self.one("junk here\n", "=x\n", "1A=x\n", "}\n", "A+b\n", "# note\n", "\n", ":0\n", "V=1 W=2\n", "V = 1\n", ":0:\n\n")

    def statement(self, depth=2):
        if self.r.randrange(10) < 6: return self.recipe(depth)
        return self.assignment()

    def recipes(self, count=None):
        count = count if count is not None else self.r.randint(1, 7)
        return "".join(self.statement() for _ in range(count))


# At the end every variable is shown, unless the recipes set a TRAP of their own.
VARIABLES = "TRAP='echo \"$V+$W+$X+$LIST+$x_1+$EMPTY+$MATCH+$EXITCODE+$HOST+$MAILDIR+$DEFAULT+$LOCKEXT+$MSGPREFIX\" >> variables'\n"


def pair(random, avoid=False):
    """(arguments, recipes, included files, letter, faults met)"""
    m = Maker(random, avoid)
    letter = m.letter()
    rc = VARIABLES + m.recipes()
    includes = {"inc1": m.recipes(m.r.randint(0, 3)), "inc2": m.recipes(m.r.randint(0, 2))}
    args = ["SHELL=/bin/sh", "DEFAULT=default", "ORGMAIL=orgmail", "LOGFILE=log", "SENDMAIL=./sendmail"]
    if m.chance(2): args.append("VERBOSE=yes")
    args.append("./rc")
    options = m.one([], [], [], [], ["-t"], ["-a", "one"], ["-f", "x@y"], ["-f", "-"], ["-a", "", "-a", "two three"], ["-Y"])
    return options + args, rc, includes, letter, m.faults
