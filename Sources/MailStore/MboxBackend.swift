import Bytes
import Mbox
import Posix

/// An mbox file as an open folder: UIDs and flags from and to its headers, under its locks.
///
/// The interface is what `Mailbox` asks of a backend; each function takes the locks that it needs
/// and holds none when it returns.
final class MboxFolder {
    /// The mbox file.
    ///
    /// It exists, but for INBOX, which is empty while there is no file.
    let file: Path
    let access: BackendAccess
    /// The file cannot be written: the session gets a read-only mailbox.
    let isReadOnly: Bool
    let policy: LockPolicy
    /// Takes what recovery of an interrupted change had to say, for the log.
    let note: (String) -> Void
    /// What is known of the file as it was when `seen` was taken.
    var index: MboxIndex?
    private var seen: FileStatus?
    /// The file was written in the instant in which it was read: its times may hide a later write.
    private var isRacy = false
    /// The index was brought up to date, or changed, since `refresh` last yielded it.
    private var isUntold = true
    /// What was told last, for a mailbox that loses or has no base.
    private var told: MboxIndex?
    /// What a mailbox gets that never had one.
    private let fresh = StatusHeader.Base(
        validity: UInt32(clamping: max(1, Clock.now)), lastUID: 0)
    var recent: Set<UInt32> = []
    private var maildrop: MaildropLock?

    /// Longer than any tick of the kernel's clock.
    private static let tickMilliseconds = 12

    /// How long a session waits for the locks of other programs.
    static let lockMilliseconds = 30_000
    /// c-client knows no more.
    static let keywordLimit = 30

    /// Opens the folder; `.inUse` when `access` is `.maildrop` and another session has it so.
    convenience init(
        file: Path, access: BackendAccess, privilegedGroup: UInt32?,
        note: @escaping (String) -> Void = { _ in }
    ) throws(StoreError) {
        try self.init(unlocked: file, access, privilegedGroup: privilegedGroup, note: note)
        guard access == .maildrop else { return }
        let policy = policy
        let lock = try mbox { () throws(MboxError) in
            try MaildropLock.take(for: file, policy: policy)
        }
        guard let lock else { throw .inUse }
        maildrop = consume lock
    }

    /// Opens the folder without keeping another session out.
    init(
        unlocked file: Path, _ access: BackendAccess, privilegedGroup: UInt32?,
        note: @escaping (String) -> Void = { _ in }
    ) throws(StoreError) {
        self.file = file
        self.note = note
        self.access = access
        policy = LockPolicy(
            timeoutMilliseconds: Self.lockMilliseconds, privilegedGroup: privilegedGroup)
        if access == .readOnly {
            isReadOnly = true
        } else {
            isReadOnly = try !Self.isWritable(file, policy, note)
        }
    }

    /// Whether the file can be changed; an interrupted change is completed on the way.
    private static func isWritable(
        _ file: Path, _ policy: LockPolicy, _ note: (String) -> Void
    ) throws(StoreError) -> Bool {
        do throws(MboxError) {
            let mailbox = try LockedMbox.open(file, for: .writing, locks: policy)
            for text in mailbox.notes { note(text) }
            return true
        } catch {
            switch error {
            case .missing: return true
            case .failed(let failure) where failure.isDenied: return false
            case .failed, .busy, .damaged, .unsafe: throw StoreError(error)
            }
        }
    }

    /// The folder as it is now; nil when it is certain that nothing changed since the last call.
    ///
    /// UIDs are given to new messages, durably, before they are told. `.replaced` when the UIDs
    /// that were told before do not hold any more.
    func refresh() throws(StoreError) -> FolderState? {
        if index != nil, !isUntold, !isRacy, try isUnchanged() { return nil }
        var mustWrite = false
        try locked(.reading) { (mailbox, index) throws(StoreError) in
            mustWrite = !isReadOnly && needsNotes(index)
        }
        if mustWrite { try locked(.writing) { (_, _) throws(StoreError) in } }
        isUntold = false
        return state()
    }

    private func isUnchanged() throws(StoreError) -> Bool {
        let file = file
        let now = try translating { () throws(SystemError) in try file.statusIfPresent() }
        guard let now else { return seen == nil }
        return isSeen(now)
    }

    /// The file is as it was when it was looked at last; that it was read since does not matter.
    private func isSeen(_ now: FileStatus) -> Bool {
        guard let seen else { return false }
        return now.isSameFile(as: seen) && now.size == seen.size && now.modified == seen.modified
            && now.changed == seen.changed
    }

    func needsNotes(_ index: MboxIndex) -> Bool {
        index.isUnrecorded || (access == .readWrite && index.hasNew)
    }

    func isNew(_ entry: MboxIndex.Entry) -> Bool { !entry.letter.status.has("O") }

    private func state() -> FolderState {
        guard let index else {
            let base = base
            told = MboxIndex([], fallback: base)
            return FolderState(
                uidValidity: base.validity, uidNext: base.lastUID + 1, keywords: [], messages: [])
        }
        let messages = index.entries.map { entry in
            MessageSummary(
                uid: entry.uid, flags: index.flags(of: entry),
                isRecent: access == .readWrite && !isReadOnly
                    ? recent.contains(entry.uid) : isNew(entry))
        }
        told = index
        return FolderState(
            uidValidity: index.base.validity, uidNext: index.uidNext, keywords: index.keywords,
            messages: messages)
    }

    /// No UID was told: the mailbox was empty and had no base, so this session made one up, and
    /// another program was quicker to write one of its own.
    private var hasToldNothing: Bool { told?.recordedUID == 0 }

    /// The base of a mailbox that has none: as it was told, else new.
    private var base: StatusHeader.Base { told?.recordedBase ?? fresh }

    // MARK: Locking and reading

    /// Runs `body` under the locks with the index brought up to date; nil, and `body` not run, when
    /// INBOX has no file yet.
    @discardableResult
    func locked<Result>(
        _ use: LockedMbox.Use, rules: OpeningRules = OpeningRules(),
        _ body: (inout LockedMbox, MboxIndex) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        let (file, policy) = (file, policy)
        var mailbox: LockedMbox
        do throws(MboxError) {
            mailbox = try LockedMbox.open(file, for: use, rules: rules, locks: policy)
        } catch {
            guard error == .missing else { throw StoreError(error) }
            forget()
            return nil
        }
        for note in mailbox.notes { self.note(note) }
        try read(mailbox)
        if use == .writing { try writeNotes(&mailbox) }
        guard let index else { return nil }
        defer { remember(mailbox) }
        return try body(&mailbox, index)
    }

    func forget() {
        index = nil
        seen = nil
    }

    /// Brings the index up to date with the locked file.
    private func read(_ mailbox: borrowing LockedMbox) throws(StoreError) {
        let now = try mbox { () throws(MboxError) in try mailbox.status() }
        if index != nil, isSeen(now), !isRacy { return }
        let letters = try mbox { () throws(MboxError) in
            if let known = try stillKnown(mailbox, now), let last = known.last {
                return known.dropLast() + (try mailbox.letters(from: last.start))
            }
            return try mailbox.letters()
        }
        try adopt(letters, noted: noted(mailbox, letters))
        remember(mailbox)
    }

    /// What the file's note says of the mailbox of these letters.
    ///
    /// Where none of them has the base, a UID above the last one noted is another server's: then nobody
    /// knows which ones it gave.
    private func noted(
        _ mailbox: borrowing LockedMbox, _ letters: [Letter]
    ) -> StatusHeader.Base? {
        guard let note = MboxUIDNote.read(mailbox.descriptor) else { return nil }
        if let base = letters.first?.status.base {
            return base.validity == note.validity ? note : nil
        }
        return letters.allSatisfy { $0.status.uid ?? 0 <= note.lastUID } ? note : nil
    }

    /// The letters known before, when the file has only grown since.
    private func stillKnown(
        _ mailbox: borrowing LockedMbox, _ now: FileStatus
    ) throws(MboxError) -> [Letter]? {
        guard let index, let seen, seen.isSameFile(as: now), now.size > seen.size else {
            return nil
        }
        let letters = index.letters
        for letter in letters where try !mailbox.stillHolds(letter) { return nil }
        return letters
    }

    /// Makes `letters` the index; `.replaced` when UIDs that were told hold no more.
    func adopt(
        _ letters: [Letter], noted: StatusHeader.Base? = nil
    ) throws(StoreError) {
        let past = MboxIndex.Past(told: told, lastUID: noted?.lastUID ?? 0)
        let index = MboxIndex(
            letters, fallback: told?.recordedBase ?? noted ?? fresh, past: past)
        if let told, told.base.validity != index.base.validity, !hasToldNothing {
            throw .replaced
        }
        self.index = index
        isUntold = true
    }

    /// Notes how the file looks now that the index is true.
    func remember(_ mailbox: borrowing LockedMbox) {
        do throws(MboxError) {
            let now = try mailbox.status()
            seen = now
            // A write in the same tick of the file system's clock would leave no trace. While the
            // locks are held there is none, and the tick is soon over.
            let limit = Deadline.after(milliseconds: Self.tickMilliseconds)
            while Clock.ofFiles <= now.changed, !limit.hasPassed {
                Process.sleep(milliseconds: 1)
            }
            // Another machine's clock decides, over NFS.
            isRacy = Clock.ofFiles <= now.changed
        } catch {
            forget()
        }
    }

    /// Writes what was put off: nothing is.
    func checkpoint() throws(StoreError) {}

    /// Gives back the maildrop lock.
    func close() throws(StoreError) { maildrop = nil }

    /// The paths whose change means that `refresh` may find something: for inotify.
    var watchedPaths: [Path] { [file] }
}

extension StoreError {
    /// What a failure of an mbox means to a session.
    init(_ error: MboxError) {
        switch error {
        case .busy(let what): self = .busy(what)
        case .missing: self = .missing
        case .unsafe(let what): self = .denied(what)
        case .damaged(let what): self = .corrupt(what)
        case .failed(let failure): self = StoreError(failure)
        }
    }
}

/// Runs `body` and translates a failure of an mbox at the module's door.
func mbox<Result: ~Copyable>(
    _ body: () throws(MboxError) -> Result
) throws(StoreError) -> Result {
    do throws(MboxError) { return try body() } catch { throw StoreError(error) }
}
