import Bytes
import Maildir
import Posix

/// `dovecot-uidlist` and its neighbours on the disk: reading, locking, replacing.
///
/// The lock is Dovecot's (`dovecot-uidlist.lock`), so both programs may work on one Maildir.
struct UidlistFile {
    enum Loaded {
        case missing
        case damaged
        case list(Uidlist)
    }

    static let name: Path = "dovecot-uidlist"
    /// About ten million messages: beyond that the file is not a list of ours.
    static let sizeLimit = 1 << 30

    /// Reads a small file of the Maildir, and its status for `hasChanged`; nil when there is none.
    static func read(
        _ name: Path, in maildir: borrowing Maildir, limit: Int
    ) throws(SystemError) -> (bytes: [UInt8], status: FileStatus)? {
        do throws(SystemError) {
            let file = try maildir.root.open(name, .readOnly, [.noFollow, .nonBlocking])
            let status = try file.status()
            return (try file.readAll(limit: limit), status)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    static func load(
        from maildir: borrowing Maildir
    ) throws(SystemError) -> (loaded: Loaded, status: FileStatus?) {
        guard let file = try read(name, in: maildir, limit: sizeLimit) else {
            return (.missing, nil)
        }
        guard let list = Uidlist(parsing: file.bytes) else { return (.damaged, file.status) }
        return (.list(list), file.status)
    }

    /// Runs `body` while nobody else, Dovecot included, gives UIDs in this Maildir.
    static func locked<Result>(
        _ maildir: Path, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result { try LockedFile.perform(on: maildir / name, body) }

    /// Writes the list so that it survives a crash: appended when only `added` is new, else
    /// replaced.
    ///
    /// To be called with the lock held.
    static func save(
        _ list: Uidlist, added: [Uidlist.Entry], to maildir: borrowing Maildir
    ) throws(SystemError) {
        guard list.isAppendable else { return try replace(list, in: maildir) }
        let file = try maildir.root.open(name, .writeOnly, [.append, .noFollow])
        let size = try file.status().size
        do throws(SystemError) {
            try file.write(Uidlist.lines(added))
            try file.syncData()
        } catch {
            // A torn line would be no list any more for a reader that trusts its last line.
            try file.truncate(to: size)
            throw error
        }
    }

    private static func replace(
        _ list: Uidlist, in maildir: borrowing Maildir
    ) throws(SystemError) { try LockedFile.replace(name, with: list.text, in: maildir.root) }
}
