"""Where our storage code can be mutated, found by rule, and the switches that do it."""
import os, re, subprocess

here = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(here))
# The code that writes to disk what is acknowledged.
AREAS = ("Sources/Mbox Sources/Maildir Sources/MailStore Sources/MiniMTA/MailQueue Sources/MiniMTA/QueueManager "
         "Sources/MiniMTA/LocalSubmission Sources/MiniMTA/Pickup "
         "Sources/LocalDelivery/Delivery/MailboxDelivery.swift Sources/LocalDelivery/Delivery/NumberedFolder.swift "
         "Sources/LocalDelivery/Delivery/LockFile.swift Sources/LocalDelivery/Agent/DeliveryFolders.swift Sources/LocalDelivery/Agent/DeliveryLocks.swift "
         "Sources/LocalDelivery/Vacation/SenderDatabase.swift Sources/LocalDelivery/Formail/DuplicateCache.swift "
         "Sources/Privileged/PostDrop Sources/Posix/DirectoryDescriptor.swift "
         "Sources/Posix/Directory.swift Sources/Posix/NewName.swift Sources/Tables/DatabaseBuilder.swift "
         "Sources/LoginFront/WarningsOnce.swift Sources/Privileged/Monitor/LoginThrottle.swift").split()
# How letters are told apart is grammar, which the unit tables hold.
GRAMMAR = ("Letter", "FromLine", "LineReader", "StatusHeader")
SYNCS = r"\.(?:sync|syncData|syncDirectory|syncNames)\(\)"
CHANGES = (r"(?:\.|\btry )(?:rename|link|move|publish|unlink|unlinkIfPresent|truncate|setMode|reserve|remove|confirm)"
           r"\(")
LOCKS = r"\.(?:tryLock|tryFlock|lock|flock)\("
# Calls whose value is that of the block around them.
VALUES = ("append.link(uid",)
CHECKS = (r"\b(?:size|newSize|oldSize|checksum|payloadChecksum|contextChecksum|remainderChecksum|isSameFile|"
          r"links|inode|boot|isBelievable|isForeign|isUncut|isComplete|isUntouched|isBlank|needsName|isNew|"
          r"stillHolds|becomes|isDotlock|isStale|hasPendingChange|hasGrownOtherwise|mayCut|isOurs|isSteady|"
          r"isAtomic|isCommitted|isKept|durably|lacksUID|published|isHalfMoved)\b")
# Of the mboxes' own: whose a file is, whose a lock, whose the octets.
MBOX_CHECKS = (r"\b(?:kind ==|owners|link\.owner|directory\.owner|isGroupWritable|isWorldWritable|isNamed|ownerIsDead|"
               r"isOld\(|parts\.count|hostName|foreign|isRepair|isFollowing)")
SWITCH = '''import Glibc

private enum Mutants {
    static let wanted = beside("mutant").flatMap { Int32(String(decoding: $0, as: UTF8.self)) }
    static let log = beside("mutant-log").map { path in
        String(decoding: path, as: UTF8.self).withCString { unsafe open($0, O_WRONLY | O_APPEND | O_CLOEXEC) }
    }
    nonisolated(unsafe) static var seen = [Bool](repeating: false, count: 10_000)

    /// A small file beside the program: an environment would be cleared by some.
    private static func beside(_ name: String) -> [UInt8]? {
        var path = [CChar](repeating: 0, count: 4096)
        let length = unsafe readlink("/proc/self/exe", &path, 4000)
        guard length > 0, let slash = path[..<length].lastIndex(of: 0x2F) else { return nil }
        let place = String(decoding: path[...slash].map { UInt8(bitPattern: $0) }, as: UTF8.self) + name
        let file = unsafe place.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { return nil }
        defer { _ = close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, 4096) }
        return Array(bytes[..<max(0, count)])
    }
}

/// Whether the mutation with this number is switched on.
package func mutant(_ number: Int) -> Bool {
    if let log = Mutants.log, unsafe !Mutants.seen[number] {
        unsafe Mutants.seen[number] = true
        let line = Array("\\(number)\\n".utf8)
        _ = unsafe write(log, line, line.count)
    }
    return Mutants.wanted == Int32(number)
}

extension FileDescriptor {
    package func tryLock(_ number: Int, _ kind: LockKind) throws(SystemError) -> Bool {
        if mutant(number) { return true }
        return try tryLock(kind)
    }

    package func lock(_ number: Int, _ kind: LockKind) throws(SystemError) {
        if !mutant(number) { try lock(kind) }
    }

    package func flock(_ number: Int, _ kind: LockKind) throws(SystemError) {
        if !mutant(number) { try flock(kind) }
    }

    package func tryFlock(_ number: Int, _ kind: LockKind) throws(SystemError) -> Bool {
        if mutant(number) { return true }
        return try tryFlock(kind)
    }
}
'''


class Plant:
    """Puts the switches into the text of one file."""

    def __init__(self, name, text, mutants):
        self.name, self.mutants = name, mutants
        self.original = self.text = text

    def new(self, kind, line, clause=""):
        """The number of a further mutation; what it does to which code is its key."""
        for planted in (r"\(\((.*?)\) \|\| mutant\(\d+\)\) && !mutant\(\d+\)", r"\((.*?)\) \|\| mutant\(\d+\)"):
            line = re.sub(planted, r"\1", line)
        text = " ".join(line.split())
        if clause and clause != text.partition(" ")[2].rpartition(" else {")[0]:
            text = "%s: %s" % (clause, text)
        key = "%s\t%s\t%s" % (kind, self.name, text)
        same = sum(mutant["key"].partition(" #")[0] == key for mutant in self.mutants)
        self.mutants.append({"kind": kind, "file": self.name, "key": key + " #%d" % (same + 1) if same else key,
                             "number": len(self.mutants) + 1})
        return len(self.mutants)

    def run(self):
        self.conditions()
        lines = self.text.split("\n")
        lines = [self.locks(line) for line in lines]
        lines = self.statements(lines)
        text = "\n".join(lines)
        if text != self.original and not re.search(r"^(package |public )?import Posix$", text, re.M) \
                and "Sources/Posix/" not in self.name:
            text = "import Posix\n" + text
        return text

    # Checks: `guard` that always passes, `if` that is always or never taken.

    def conditions(self):
        self.checks = "%s|%s" % (CHECKS, MBOX_CHECKS) if self.name.startswith("Sources/Mbox/") else CHECKS
        pattern = re.compile(r"(?m)^(?P<indent> *(?:\} else )?)(?P<word>guard|if) (?P<rest>[^{}]*?)"
                             r"(?P<end>\s+else \{| \{)")
        self.text = pattern.sub(self.condition, self.text)

    def condition(self, found):
        word, rest = found.group("word"), found.group("rest")
        if word == "guard" and "else" not in found.group("end"):
            return found.group(0)
        clauses = split(rest)
        for index, clause in enumerate(clauses):
            bare = clause.strip()
            if re.match(r"(let|var|case|#)\b", bare) or not re.search(self.checks, bare):
                continue
            lead, said = clause[:len(clause) - len(clause.lstrip())], " ".join(bare.split())
            if word == "guard":
                bare = "(%s) || mutant(%d)" % (bare, self.new("unchecked", found.group(0), said))
            else:
                bare = "((%s) || mutant(%d)) && !mutant(%d)" % (
                    bare, self.new("always", found.group(0), said), self.new("never", found.group(0), said))
            clauses[index] = lead + bare
        return found.group("indent") + word + " " + ",".join(clauses) + found.group("end")

    def locks(self, line):
        if line.lstrip().startswith("//"):
            return line
        return re.sub(LOCKS, lambda found: found.group(0) + "%d, " % self.new("unlocked", line), line)

    # Statements: left out, or done after the one that follows.

    def statements(self, lines):
        done, index = [], 0
        while index < len(lines):
            line = lines[index]
            if line.lstrip().startswith("//"):
                done.append(line)
                index += 1
                continue
            # A call that goes on in the next lines.
            count = 1
            while line.count("(") > line.count(")") and count < 4 and index + count < len(lines) \
                    and re.match(r"\s*(_ = )?try ", line):
                line += "\n" + lines[index + count]
                count += 1
            changed = self.left_out(line)
            following = lines[index + count] if index + count < len(lines) else ""
            if is_statement(line) and is_statement(following) and indent(line) == indent(following) \
                    and re.search(SYNCS, line + following):
                second = self.left_out(following)
                number = self.new("swapped", line + " " + following)
                done.append("%sif mutant(%d) {\n%s\n%s\n} else {\n%s\n%s\n}" % (
                    indent(line), number, second, changed, changed, second))
                index += count + 1
                continue
            done.append(changed)
            index += count
        return done

    def left_out(self, line):
        if any(call in line for call in VALUES):
            return line
        if is_statement(line) and re.search(SYNCS + "|" + CHANGES, line):
            return "%sif !mutant(%d) { %s }" % (indent(line), self.new("left out", line), line.strip())
        found = re.search(r"(?P<before>\{ |\bin )(?P<call>(_ = )?try [^{}]*(?:%s|%s)[^{}]*)(?P<after> \})"
                          % (SYNCS, CHANGES), line)
        # `{ return try …` and the like have a value that somebody needs.
        if found and "return" not in found.group("before") and "= try rights" not in line:
            return "%s%sif !mutant(%d) { %s }%s" % (
                line[:found.start()], found.group("before"), self.new("left out", line),
                found.group("call"), line[found.end("call"):])
        return line


def indent(line):
    return line[:len(line) - len(line.lstrip())]


def is_statement(line):
    return bool(re.match(r"\s*(_ = )?try [^{}]*\)$", line)) and line.count("(") == line.count(")")


def split(text):
    """The parts between commas that stand in no parentheses."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return parts + [text[start:]]


def plant(tree):
    """Brings the copy up to date, with everything planted; yields the mutations."""
    mutants = []
    names = subprocess.run(["git", "-C", PROJECT, "ls-files", "-co", "--exclude-standard", "-z"],
                           capture_output=True, check=True, text=True).stdout.split("\0")
    for name in sorted(filter(None, names)):
        source = os.path.join(PROJECT, name)
        if not os.path.isfile(source):
            continue
        octets = open(source, "rb").read()
        if name.endswith(".swift") and not os.path.basename(name).startswith(GRAMMAR) \
                and any(name == area or name.startswith(area + "/") for area in AREAS):
            octets = Plant(name, octets.decode(), mutants).run().encode()
        write(os.path.join(tree, name), octets, os.stat(source).st_mode)
    write(os.path.join(tree, "Sources/Posix/Mutant.swift"), SWITCH.encode(), 0o644)
    return mutants


def write(path, octets, mode):
    """Writes a file unless it is there: what did not change is not built again."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.exists(path) or open(path, "rb").read() != octets:
        with open(path, "wb") as file:
            file.write(octets)
        os.chmod(path, mode & 0o777)
