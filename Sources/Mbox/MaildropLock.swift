package import Posix

/// The right to be the only POP3 session of a mailbox; deliveries and IMAP go on beside it.
///
/// It is a lock on a file `.NAME.pop3` beside the mailbox, which is there as long as the session, so
/// it keeps no other program out. One that a killed session has left is taken over.
package struct MaildropLock: ~Copyable {
    private let file: FileDescriptor
    private let path: Path
    private let rights: SpoolRights

    private init(_ file: consuming FileDescriptor, _ path: Path, _ rights: SpoolRights) {
        self.file = file
        self.path = path
        self.rights = rights
    }

    /// More attempts than sessions that could end in this moment.
    private static let attempts = 10

    static func path(for mailbox: Path) -> Path {
        mailbox.parent / Path(Array(".".utf8) + mailbox.name.bytes + Array(".pop3".utf8))
    }

    /// Takes the lock; nil when another session has it.
    package static func take(
        for mailbox: Path, policy: LockPolicy = LockPolicy()
    ) throws(MboxError) -> MaildropLock? {
        let rights = SpoolRights(policy, for: mailbox)
        let status = try system { () throws(SystemError) in try mailbox.statusIfPresent() }
        let owner = status?.owner ?? Rights.effectiveUser
        let path = path(for: mailbox)
        for _ in 0..<attempts {
            guard
                let opened = try SideFile.open(at: path, owner: owner, create: true, rights)
            else { throw .failed(SystemError(SystemError.denied, "create \(path)")) }
            let file = opened.takeDescriptor()
            guard try system({ () throws(SystemError) in try file.tryLock(.exclusive) }) else {
                return nil
            }
            // The session that had it may have removed the name between the two calls.
            if Self.isNamed(file, path) { return MaildropLock(file, path, rights) }
        }
        return nil
    }

    private static func isNamed(_ file: borrowing FileDescriptor, _ path: Path) -> Bool {
        do throws(SystemError) {
            return try path.linkStatus().isSameFile(as: try file.status())
        } catch {
            return false
        }
    }

    deinit {
        do throws(SystemError) {
            guard Self.isNamed(file, path) else { return }
            let path = path
            _ = try rights.perform { () throws(SystemError) in try path.unlinkIfPresent() }
        } catch {
            // It stays, and the next session takes it over.
        }
    }
}

extension Path {
    /// The side file of the mbox at this path: to be moved or removed with it.
    package var mboxSideFile: Path { SideFile.path(for: self) }
}
