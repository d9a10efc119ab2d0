import Bytes
import MailStore
import Maildir
import Mbox
import Posix

/// Why a command was not done.
enum DriverFailure: Error {
    case usage
    case failed(String)
}

func run() {
    Signal.ignoreWriteSignals()
    let arguments = Array(CommandLine.arguments.dropFirst())
    do throws(DriverFailure) {
        var (command, group) = try becoming(arguments)
        var locks = LockPolicy(timeoutMilliseconds: 5000)
        if command.first == "locks", command.count > 1 {
            guard let methods = LockPolicy.methods(named: Array(command[1].utf8)) else {
                throw .usage
            }
            locks.methods = methods
            command.removeFirst(2)
        }
        if command.first == "stale", command.count > 1 {
            guard let seconds = Int(command[1]) else { throw .usage }
            locks.staleSeconds = seconds
            command.removeFirst(2)
        }
        guard command.count >= 2 else { throw .usage }
        locks.privilegedGroup = group
        try perform(command[0], Path(command[1]), Array(command.dropFirst(2)), locks)
        print("done")
        Process.exit(0)
    } catch {
        print(error)
        Process.exit(1)
    }
}

/// Takes `as USER GROUP` from the front and becomes that user for good, keeping the group for the
/// moments that need it, as a session does.
private func becoming(
    _ arguments: [String]
) throws(DriverFailure) -> (command: [String], group: UInt32?) {
    guard arguments.first == "as" else { return (arguments, nil) }
    guard arguments.count > 3 else { throw .usage }
    let group = try system { () throws(SystemError) in
        guard let user = try User.named(arguments[1]), let kept = try Group.id(named: arguments[2])
        else { throw SystemError(SystemError.missing, "account \(arguments[1])") }
        try Rights.become(user, keepingGroup: kept)
        return kept
    }
    return (Array(arguments.dropFirst(3)), group)
}

private func perform(
    _ command: String, _ path: Path, _ rest: [String], _ locks: LockPolicy
) throws(DriverFailure) {
    let group = locks.privilegedGroup
    switch (command, rest.count) {
    case ("append", 1): try append(path, Path(rest[0]), locks)
    case ("maildir", 1): try deliver(path, Path(rest[0]))
    case ("move", 1):
        try system { () throws(SystemError) in try path.rename(toNew: Path(rest[0])) }
    case ("recover", 0): try recover(path, locks)
    case ("expunge", 1):
        let mailbox = try open(path, group)
        try store { () throws(StoreError) in try mailbox.expunge(uids(rest[0])) }
    case ("flag", 1...):
        let mailbox = try open(path, group)
        let keywords = Set(rest.dropFirst().map { Keyword(Array($0.utf8)) })
        let change = FlagChange.add(Flags(.seen, keywords: keywords))
        _ = try store { () throws(StoreError) in try mailbox.store(change, to: uids(rest[0])) }
    case ("flag-each", 1):
        // One session, one change for each message: what a change costs beside the opening.
        let mailbox = try open(path, group)
        for uid in uids(rest[0]) {
            _ = try store { () throws(StoreError) in
                try mailbox.store(.add(Flags(.seen)), to: [uid])
            }
        }
    case ("copy", 1):
        let mailbox = try open(path, group)
        _ = try store { () throws(StoreError) in
            try mailbox.copy(uids(rest[0]), to: FolderName("copy"))
        }
    case ("save", 1...): try save(path, rest.map { Path($0) }, group)
    case ("open", 0): try list(path, group)
    default: throw .usage
    }
}

private func uids(_ list: String) -> [UInt32] {
    list.split(separator: ",").compactMap { UInt32($0) }
}

private func append(
    _ path: Path, _ letter: Path, _ locks: LockPolicy
) throws(DriverFailure) {
    let content = try system { () throws(SystemError) in
        try FileDescriptor.open(letter).readAll(limit: 1 << 30)
    }
    var text = LetterText()
    text.begin(sender: Array("driver@example.org".utf8), date: Clock.now)
    text.write(content)
    text.end()
    do throws(MboxError) {
        let rules = OpeningRules(creation: OpeningRules.Creation())
        var mailbox = try LockedMbox.open(path, for: .writing, rules: rules, locks: locks)
        try mailbox.append(text)
    } catch { throw .failed(error.description) }
}

private func recover(_ path: Path, _ locks: LockPolicy) throws(DriverFailure) {
    do throws(MboxError) {
        let mailbox = try LockedMbox.open(path, for: .writing, locks: locks)
        for note in mailbox.notes { print(note) }
    } catch {
        // Nothing was made yet, so nothing is to be repaired.
        guard error == .missing else { throw .failed(error.description) }
    }
}

private func deliver(_ path: Path, _ letter: Path) throws(DriverFailure) {
    try system { () throws(SystemError) in
        let content = try FileDescriptor.open(letter)
        let size = try content.status().size
        let maildir = try Maildir.openOrCreate(path)
        var names = UniqueNames()
        _ = try maildir.deliver(prefix: [], content: content, at: 0, count: size, names: &names)
    }
}

/// The store with `path` as INBOX: a Maildir where that is a directory, else an mbox.
private func mailStore(
    _ path: Path, _ group: UInt32?
) throws(StoreError) -> MailStore {
    do throws(SystemError) {
        if try path.statusIfPresent()?.kind == .directory {
            return MailStore(MailLocation(format: .maildir, root: path))
        }
    } catch { throw StoreError(error) }
    return MailStore(
        MailLocation(format: .mbox, root: path.parent / "folders", inbox: path),
        privilegedGroup: group)
}

private func open(_ path: Path, _ group: UInt32?) throws(DriverFailure) -> Mailbox {
    try store { () throws(StoreError) in try mailStore(path, group).open(.inbox, .readWrite) }
}

private func save(
    _ path: Path, _ letters: [Path], _ group: UInt32?
) throws(DriverFailure) {
    let contents = try system { () throws(SystemError) in
        try letters.map { (letter) throws(SystemError) in
            try FileDescriptor.open(letter).readAll(limit: 1 << 30)
        }
    }
    try store { () throws(StoreError) in
        let appender = try mailStore(path, group).append(to: .inbox)
        for content in contents {
            try appender.beginMessage()
            try appender.write(content)
            try appender.endMessage()
        }
        _ = try appender.commit()
    }
}

private func list(_ path: Path, _ group: UInt32?) throws(DriverFailure) {
    let mailbox = try open(path, group)
    for message in mailbox.messages {
        let size = try store { () throws(StoreError) in try mailbox.size(of: message.uid) }
        print(message.uid, size, message.flags.system.rawValue, message.flags.keywords.count)
    }
}

private func system<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
) throws(DriverFailure) -> Result {
    do throws(SystemError) { return try body() } catch { throw .failed(error.description) }
}

private func store<Result>(
    _ body: () throws(StoreError) -> Result
) throws(DriverFailure) -> Result {
    do throws(StoreError) { return try body() } catch { throw .failed(error.description) }
}
