import Bytes
import Mbox
import Posix

/// Single messages of an mbox: reading, flagging and removing them.
extension MboxFolder {
    private func entry(_ uid: UInt32) throws(StoreError) -> MboxIndex.Entry {
        guard let index, let place = index.place(of: uid) else { throw .expunged(uid) }
        return index.entries[place]
    }

    /// The octets of RETR and BODY[]: hidden header lines left out, LF counted as CRLF.
    func size(of uid: UInt32) throws(StoreError) -> Int { try entry(uid).letter.size }

    /// Seconds since 1970 from the From_ line.
    func internalDate(of uid: UInt32) throws(StoreError) -> Int { try entry(uid).letter.date }

    /// The message's octets in a file of their own, safe from rewrites of the mailbox.
    ///
    /// `.expunged` when it is gone.
    func content(of uid: UInt32) throws(StoreError) -> StoredMessage {
        var copy: FileDescriptor?
        var letter: Letter?
        try locked(.reading) { (mailbox, index) throws(StoreError) in
            guard let place = index.place(of: uid) else { return }
            let found = index.entries[place].letter
            copy = try Self.copy(found, of: mailbox)
            letter = found
        }
        guard let letter, let copy = copy.take() else { throw .expunged(uid) }
        return StoredMessage(
            descriptor: copy,
            parts: letter.visibleParts.map {
                ($0.lowerBound - letter.header)..<($0.upperBound - letter.header)
            },
            hasQuotedFromLines: letter.isQuoted, knownSize: letter.size)
    }

    private static func copy(
        _ letter: Letter, of mailbox: borrowing LockedMbox
    ) throws(StoreError) -> FileDescriptor {
        do throws(SystemError) {
            let copy = try FileDescriptor.inMemory()
            try copy.copy(
                from: mailbox.descriptor, at: letter.header, count: letter.end - letter.header)
            return copy
        } catch { throw StoreError(error) }
    }

    /// POP3's UIDL when the format records one; nil: the store's usual form.
    func uniqueIdentifier(of uid: UInt32) throws(StoreError) -> [UInt8]? { nil }

    /// Changes flags durably and yields each named message that exists with its flags afterwards,
    /// in ascending order of UIDs; `isRecent` is not looked at.
    func store(
        _ change: FlagChange, to uids: [UInt32]
    ) throws(StoreError) -> [MessageSummary] {
        guard !isReadOnly else { throw .readOnly }
        let result = try locked(.writing) { (mailbox, index) throws(StoreError) in
            var plan = MboxChange(index)
            plan.base.keywords = try Self.keywords(plan.base.keywords, with: change.newKeywords)
            var summaries: [MessageSummary] = []
            for place in Set(uids).compactMap({ index.place(of: $0) }).sorted() {
                var notes = plan.notes(at: place)
                let flags = change.applied(to: notes.flags)
                if flags != notes.flags {
                    notes.flags = flags
                    plan.set(notes, at: place)
                }
                summaries.append(MessageSummary(uid: notes.uid, flags: flags))
            }
            try apply(plan, plan.edits(size: index.end), to: &mailbox)
            return summaries
        }
        return result ?? []
    }

    /// The mailbox's keywords and new ones; `.limit` when that is one too many, or one cannot stand
    /// in a list parted by blanks.
    static func keywords(
        _ present: [[UInt8]], with new: Set<Keyword>
    ) throws(StoreError) -> [[UInt8]] {
        let known = Set(present.map { Keyword($0) })
        let added = new.subtracting(known).sorted()
        guard !added.isEmpty else { return present }
        guard known.count + added.count <= keywordLimit else {
            throw .limit("more than \(keywordLimit) keywords")
        }
        for keyword in added {
            guard !keyword.bytes.isEmpty, keyword.bytes.allSatisfy({ $0.isPrintable }),
                !keyword.bytes.contains(.space)
            else { throw .limit("a keyword that no header line can hold") }
        }
        return present + added.map(\.bytes)
    }

    /// Removes messages durably, all or none; unknown UIDs are passed over.
    func expunge(_ uids: [UInt32]) throws(StoreError) {
        guard !isReadOnly else { throw .readOnly }
        try locked(.writing) { (mailbox, index) throws(StoreError) in
            var plan = MboxChange(index)
            let places = Set(uids).compactMap { index.place(of: $0) }
            guard !places.isEmpty else { return }
            for place in places { plan.remove(at: place) }
            try apply(plan, plan.edits(size: index.end), to: &mailbox)
        }
    }
}
