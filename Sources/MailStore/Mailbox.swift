import Bytes
import Posix

/// One session's view of an open folder.
///
/// The view is what the client was told: sequence numbers, flags and count change only in
/// `synchronise` (and, for what this session does itself, in `store`). What other sessions and
/// programs do meanwhile is on the disk and shows at the next `synchronise`.
package final class Mailbox {
    package let name: FolderName
    let backend: FolderBackend
    private let store: MailStore
    private let access: BackendAccess
    private var view = MailboxView()
    private var watch: FileWatch?

    /// Takes the first look at an open folder.
    init(
        _ name: FolderName, _ backend: FolderBackend, _ access: BackendAccess, of store: MailStore
    ) throws(StoreError) {
        self.name = name
        self.backend = backend
        self.access = access
        self.store = store
        if let state = try backend.refresh() { _ = view.update(to: state, mayExpunge: true) }
        if access != .maildrop { watch = Self.watch(backend.watchedPaths) }
    }

    /// Nil when the machine has no more watches for this user: then clients hear of changes later.
    private static func watch(_ paths: [Path]) -> FileWatch? {
        do throws(SystemError) {
            let watch = try FileWatch()
            for path in paths { try watch.add(path) }
            return watch
        } catch { return nil }
    }

    package var isReadOnly: Bool { access == .readOnly || backend.isReadOnly }

    /// The view, in ascending order of UIDs; the message with sequence number n is `messages[n-1]`.
    package var messages: [MessageSummary] { view.messages }
    package var uidValidity: UInt32 { view.uidValidity }
    /// Greater than every UID that was ever given here.
    package var uidNext: UInt32 { view.uidNext }
    /// The keywords that the folder knows, for the FLAGS response.
    package var keywords: [Keyword] { view.keywords }
    /// More keywords can be made up: `\*` in PERMANENTFLAGS.
    package var acceptsNewKeywords: Bool {
        !isReadOnly && keywords.count < backend.keywordLimit
    }

    /// The sequence number of the message with `uid` in the view.
    package func sequence(of uid: UInt32) -> Int? { view.index(of: uid).map { $0 + 1 } }

    /// Brings the view up to date with the disk and says what changed, in the order in which a
    /// client must be told.
    ///
    /// Without `mayExpunge`, messages that are gone stay in the view, so sequence numbers hold; new
    /// messages and changed flags are reported either way. `.replaced` when the mailbox is not the
    /// one that was opened any more.
    package func synchronise(mayExpunge: Bool) throws(StoreError) -> [MailboxChange] {
        guard let state = try backend.refresh() else {
            return mayExpunge ? view.removeGone() : []
        }
        // Where no UID was ever told, another program's UIDVALIDITY is as good as ours.
        guard state.uidValidity == uidValidity || uidNext == 1 else { throw .replaced }
        return view.update(to: state, mayExpunge: mayExpunge)
    }

    /// The octets that RETR and BODY[] send for the message; exact, and cheap where the format
    /// records it.
    package func size(of uid: UInt32) throws(StoreError) -> Int { try backend.size(of: uid) }

    /// When the message arrived: INTERNALDATE, in seconds since 1970.
    package func internalDate(of uid: UInt32) throws(StoreError) -> Int {
        try backend.internalDate(of: uid)
    }

    /// The content of a message; it can be read on when the message is expunged meanwhile.
    ///
    /// `.expunged` when it is gone already: content is never made up.
    package func content(of uid: UInt32) throws(StoreError) -> MessageContent {
        MessageContent(try backend.content(of: uid))
    }

    /// What POP3's UIDL says: 1 to 70 printable octets, the same for the message's whole life.
    ///
    /// It is Dovecot's default form, unless the folder records another one from an older server.
    package func uniqueIdentifier(of uid: UInt32) throws(StoreError) -> [UInt8] {
        if let recorded = try backend.uniqueIdentifier(of: uid), Self.isIdentifier(recorded) {
            return recorded
        }
        return Array((uid.padded(to: 8, radix: 16) + uidValidity.padded(to: 8, radix: 16)).utf8)
            .lowercased
    }

    private static func isIdentifier(_ text: [UInt8]) -> Bool {
        (1...70).contains(text.count) && text.allSatisfy { $0.isPrintable && $0 != .space }
    }

    /// Changes the flags of messages, durably, and yields the UIDs whose flags are now different,
    /// in ascending order; UIDs that are gone are passed over.
    ///
    /// The view has the new flags at once (with what other sessions did to these messages, so no
    /// change is lost), and `synchronise` does not report them again. `.limit` when a keyword is
    /// one too many; nothing was changed then.
    @discardableResult
    package func store(
        _ change: FlagChange, to uids: [UInt32]
    ) throws(StoreError) -> [UInt32] {
        guard !isReadOnly else { throw .readOnly }
        return view.take(try backend.store(change, to: uids))
    }

    /// Removes messages for good, durably; UIDs that are gone already are passed over.
    ///
    /// The view keeps them until `synchronise(mayExpunge: true)` reports them.
    package func expunge(_ uids: [UInt32]) throws(StoreError) {
        guard !isReadOnly else { throw .readOnly }
        try backend.expunge(uids)
    }

    /// Copies messages with flags, keywords and internal date to the end of a folder of the same
    /// store: all of them, durably, or none.
    ///
    /// `.expunged` when one is gone, `.missing` when the target folder is.
    package func copy(
        _ uids: [UInt32], to target: FolderName
    ) throws(StoreError) -> CopyResult {
        let appender = try store.append(to: target)
        defer { appender.abandon() }
        for uid in uids { try appender.add(uid, of: self) }
        let result = try appender.commit()
        return CopyResult(uidValidity: result.uidValidity, sources: uids, copies: result.uids)
    }

    /// The flags of a message in the view.
    func flags(of uid: UInt32) -> Flags? { view.index(of: uid).map { view.messages[$0].flags } }

    /// A descriptor that polls readable when the folder may have changed; nil: ask by time.
    ///
    /// Valid until `close`.
    package var changeDescriptor: Int32? { watch?.descriptor }

    /// Empties the descriptor of `changeDescriptor`; to be called before `synchronise`.
    package func acknowledgeChanges() {
        do throws(SystemError) { try watch?.drain() } catch { watch = nil }
    }

    /// Writes what the backend has put off: CHECK, and before the session ends.
    package func checkpoint() throws(StoreError) { try backend.checkpoint() }

    /// Ends the session's use of the folder: puts off nothing, gives back locks.
    ///
    /// The mailbox must not be used afterwards. Without it everything acknowledged is on the disk
    /// all the same.
    package func close() throws(StoreError) {
        watch = nil
        try backend.close()
    }
}
