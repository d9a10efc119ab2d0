import Maildir
import Posix

/// What a message of a Maildir is: its file, found again when another program has renamed it.
extension MaildirFolder {
    /// As often as a file is looked for anew that was renamed between looking and opening.
    private static let attempts = 10

    /// Runs `body` with the directory and name of the message's file; again when it has another
    /// name now, `.expunged` when it has none.
    func withFile<Result: ~Copyable>(
        _ uid: UInt32,
        _ body: (borrowing FileDescriptor, MaildirFile) throws(SystemError) -> Result
    ) throws(StoreError) -> Result {
        for _ in 0..<Self.attempts {
            guard let file = file(of: uid) else { throw .expunged(uid) }
            do throws(SystemError) {
                return file.isNew
                    ? try body(maildir.new, file) : try body(maildir.current, file)
            } catch {
                let isStale = error.isMissing || error.code == SystemError.exists
                guard isStale else { throw StoreError(error) }
            }
            try scan()
            stamp = nil
        }
        throw .busy("message with UID \(uid) is renamed all the time")
    }

    /// The file of a message as it was found last.
    func file(of uid: UInt32) -> MaildirFile? {
        guard !gone.contains(uid), let base = base(of: uid) else { return nil }
        return files[base]
    }

    func base(of uid: UInt32) -> BaseName? { list.entry(of: uid)?.base }

    /// The octets with CRLF: from the name where it tells, else counted once.
    func size(of uid: UInt32) throws(StoreError) -> Int {
        guard let file = file(of: uid) else { throw .expunged(uid) }
        if let size = file.name.networkSize { return size }
        if let size = countedSizes[file.name.key] { return size }
        let size = try MessageContent(content(of: uid)).size()
        countedSizes[file.name.key] = size
        return size
    }

    /// The arrival: the file's modification time.
    func internalDate(of uid: UInt32) throws(StoreError) -> Int {
        try withFile(uid) { (directory, file) throws(SystemError) in
            try directory.status(of: file.name.path).modified.seconds
        }
    }

    func content(of uid: UInt32) throws(StoreError) -> StoredMessage {
        let descriptor = try withFile(uid) { (directory, file) throws(SystemError) in
            try directory.open(file.name.path, .readOnly, [.noFollow, .nonBlocking])
        }
        let status = try translating { () throws(SystemError) in try descriptor.status() }
        guard status.kind == .regular else { throw .corrupt("UID \(uid) is not a file") }
        return StoredMessage(descriptor: descriptor, parts: [0..<status.size])
    }

    /// What an older server gave as UIDL, when the list says so.
    func uniqueIdentifier(of uid: UInt32) -> [UInt8]? {
        list.entry(of: uid)?.field(UInt8(ascii: "P"))
    }
}
