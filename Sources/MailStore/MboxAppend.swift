import Bytes
import Mbox
import Posix

/// Messages being added to an mbox: gathered aside, then appended under the locks in one go.
final class MboxAppend {
    private let file: Path
    private let policy: LockPolicy
    private let note: (String) -> Void
    private var messages: [Gathered] = []
    private var total = 0

    private struct Gathered {
        let flags: Flags
        let date: Int
        var content: [[UInt8]] = []
    }

    /// What may be gathered in memory: several of the largest messages that mail systems pass on.
    static let totalLimit = 512 << 20

    /// Prepares for `file`, which exists, but for INBOX.
    init(
        file: Path, privilegedGroup: UInt32?, note: @escaping (String) -> Void = { _ in }
    ) throws(StoreError) {
        self.file = file
        self.note = note
        policy = LockPolicy(
            timeoutMilliseconds: MboxFolder.lockMilliseconds, privilegedGroup: privilegedGroup)
    }

    /// Begins a message; `internalDate` is seconds since 1970.
    func beginMessage(flags: Flags, internalDate: Int) throws(StoreError) {
        messages.append(Gathered(flags: flags, date: internalDate))
    }

    /// Adds octets of the message: lines end in LF, there is no NUL.
    func write(_ bytes: ArraySlice<UInt8>) throws(StoreError) {
        guard total + bytes.count <= Self.totalLimit, let last = messages.indices.last else {
            throw .limit("more than \(Self.totalLimit) octets at once")
        }
        total += bytes.count
        messages[last].content.append(Array(bytes))
    }

    /// Ends the message, which has `size` octets when its lines end in CRLF.
    func endMessage(size: Int) throws(StoreError) {}

    /// Appends all ended messages with UIDs, durably; when that fails the file is as it was, or the next
    /// opener completes the change.
    func commit() throws(StoreError) -> AppendResult {
        // UIDs of new mail are recorded, but what is recent stays so for the session that reads.
        let folder = try MboxFolder(
            unlocked: file, .maildrop, privilegedGroup: policy.privilegedGroup, note: note)
        guard !folder.isReadOnly else { throw .denied("\(file) cannot be written") }
        let rules = OpeningRules(creation: OpeningRules.Creation())
        let result = try folder.locked(.writing, rules: rules) {
            (mailbox, index) throws(StoreError) in
            try append(to: &mailbox, index, folder)
        }
        abandon()
        guard let result else { throw .missing }
        return result
    }

    private func append(
        to mailbox: inout LockedMbox, _ index: MboxIndex, _ folder: MboxFolder
    ) throws(StoreError) -> AppendResult {
        var change = MboxChange(index)
        let new = messages.reduce(into: Set<Keyword>()) { $0.formUnion($1.flags.keywords) }
        change.base.keywords = try MboxFolder.keywords(change.base.keywords, with: new)
        let first = index.uidNext
        guard UInt32.max - first > UInt32(clamping: messages.count) else {
            throw .limit("no UIDs are left")
        }
        change.base.lastUID += UInt32(messages.count)
        let uids = (0..<messages.count).map { first + UInt32($0) }
        var text = LetterText()
        for (message, uid) in zip(messages, uids) {
            let carriesBase = index.entries.isEmpty && uid == first
            let notes = MboxNotes(
                uid: uid, flags: message.flags, isOld: false,
                base: carriesBase ? change.base : nil)
            text.begin(
                sender: FromLine.quotingSender, date: message.date,
                notes: .replaced(by: notes.lines()))
            for piece in message.content { text.write(piece) }
            text.end()
        }
        let size = try mbox { () throws(MboxError) in try mailbox.status().size }
        let padding = try mbox { () throws(MboxError) in try mailbox.missingSeparator(size) }
        // Behind a pseudo letter that goes there is nothing to part from.
        let joined = (index.entries.isEmpty ? [] : padding) + text.bytes
        try folder.apply(
            change,
            change.edits(size: size, appending: joined, carriesBase: index.entries.isEmpty),
            to: &mailbox)
        return AppendResult(uidValidity: index.base.validity, uids: uids)
    }

    /// Removes what was gathered; harmless after `commit`.
    func abandon() {
        messages = []
        total = 0
    }
}
