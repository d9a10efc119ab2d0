import Bytes
import Maildir
import Mbox
import Posix

/// A Maildir as an open folder: UIDs from and to `dovecot-uidlist`, flags from and to file names.
///
/// Dovecot and other programs may use the same Maildir at the same time. It keeps what the disk
/// said last; every change is made against the file name that is there, and tried again when
/// another program was quicker.
final class MaildirFolder {
    let maildir: Maildir
    /// The mail root, where UIDVALIDITY values come from.
    let root: Path
    let access: BackendAccess
    var isReadOnly: Bool
    private var maildropLock: Dotlock?

    var list = Uidlist(uidValidity: 1)
    /// The UID of each base name in `list`.
    var uids: [BaseName: UInt32] = [:]
    var listMark: FileMark?
    var table = KeywordTable(parsing: [])
    var tableMark: FileMark?

    /// The message files by their base names.
    var files: [BaseName: MaildirFile] = [:]
    /// UIDs whose files are certainly not there any more.
    var gone: Set<UInt32> = []
    /// Base names of the messages that are `\\Recent` in this session.
    var recent: Set<BaseName> = []
    var names = UniqueNames()
    /// Sizes that had to be counted, because a name does not tell.
    var countedSizes: [BaseName: Int] = [:]

    /// The UIDVALIDITY and UIDNEXT that were told last; nil before the first time.
    var told: (uidValidity: UInt32, uidNext: UInt32)?
    /// What the disk looked like when it was read; nil: it must be read again.
    var stamp: Stamp?
    /// Until when `stamp` is believed, on the monotonic clock in milliseconds.
    var stampTrustedUntil = Int.max

    /// This session has changed something since it was told a state.
    var hasOwnChanges = false
    /// The Maildir cannot be written and has no list: UIDs hold for this session only.
    var isVolatile = false

    /// By what it is seen that nothing has changed.
    struct Stamp: Equatable {
        let new: FileTime
        let current: FileTime
        let list: FileMark?
        let table: FileMark?
    }

    init(
        _ maildir: consuming Maildir, root: Path, access: BackendAccess
    ) throws(StoreError) {
        self.root = root
        self.access = access
        var readOnly = access == .readOnly
        if !readOnly {
            do throws(SystemError) {
                _ = try FileDescriptor.unnamed(in: maildir.path / "tmp")
            } catch { readOnly = error.isDenied }
        }
        isReadOnly = readOnly
        self.maildir = maildir
        if access == .maildrop { try lockMaildrop() }
        if access == .readWrite, !readOnly { cleanDrafts() }
    }

    /// Removes what killed deliveries have left in `tmp/`.
    private func cleanDrafts() {
        do throws(SystemError) { try maildir.removeStaleDrafts(now: Clock.now) } catch {
            // Litter is no reason to refuse a mailbox.
        }
    }

    private func lockMaildrop() throws(StoreError) {
        let path = maildir.path / Self.maildropName
        maildropLock = try translating { () throws(SystemError) in
            try Dotlock.take(beside: path, staleSeconds: Self.maildropStale)
        }
        if maildropLock == nil { throw .inUse }
    }

    /// Dovecot's name for the same lock (`pop3_lock_session`).
    private static let maildropName: Path = "dovecot-pop3-session"
    /// Longer than a POP3 session lives; a dead process's lock goes at once anyway.
    private static let maildropStale = 24 * 3600

    var watchedPaths: [Path] { [maildir.path / "new", maildir.path / "cur"] }

    func close() { maildropLock = nil }

    // MARK: Reading the disk

    /// The folder as it is now; nil when nothing changed since the last call.
    func refresh() throws(StoreError) -> FolderState? {
        if let stamp, Clock.monotonic < stampTrustedUntil, try currentStamp() == stamp {
            guard hasOwnChanges else { return nil }
        } else {
            try scan()
        }
        hasOwnChanges = false
        let state = state()
        told = (state.uidValidity, state.uidNext)
        return state
    }

    private func state() -> FolderState {
        var messages: [MessageSummary] = []
        messages.reserveCapacity(files.count)
        for entry in list.entries where !gone.contains(entry.uid) {
            guard let file = files[entry.base], uids[entry.base] == entry.uid else { continue }
            let isRecent = recent.contains(entry.base) || access == .readOnly && file.isNew
            messages.append(
                MessageSummary(
                    uid: entry.uid, flags: file.name.info.imapFlags(table), isRecent: isRecent))
        }
        return FolderState(
            uidValidity: list.uidValidity, uidNext: list.uidNext, keywords: table.keywords,
            messages: messages)
    }
}
