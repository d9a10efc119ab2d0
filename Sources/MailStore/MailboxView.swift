/// What a client was told of a mailbox, and the difference to what the disk says now.
///
/// Pure: it knows no file.
struct MailboxView {
    private(set) var messages: [MessageSummary] = []
    private(set) var uidValidity: UInt32 = 0
    private(set) var uidNext: UInt32 = 1
    private(set) var keywords: [Keyword] = []
    /// UIDs in the view that the client has not been told are gone.
    private var gone: Set<UInt32> = []

    func index(of uid: UInt32) -> Int? {
        var low = 0
        var high = messages.count
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].uid < uid { low = middle + 1 } else { high = middle }
        }
        return low < messages.count && messages[low].uid == uid ? low : nil
    }

    /// Takes over the state and says what is different.
    mutating func update(to state: FolderState, mayExpunge: Bool) -> [MailboxChange] {
        let hadKeywords = keywords
        uidValidity = state.uidValidity
        uidNext = state.uidNext
        keywords = state.keywords
        let changed = compare(state.messages)
        var changes = mayExpunge ? removeGone() : []
        let last = messages.last?.uid ?? 0
        let new = state.messages.drop { $0.uid <= last }
        if !new.isEmpty {
            messages += new
            changes.append(.appeared(total: messages.count))
        }
        if keywords != hadKeywords { changes.append(.keywordsChanged) }
        for uid in changed {
            if let index = index(of: uid) { changes.append(.flagsChanged(sequence: index + 1)) }
        }
        return changes
    }

    /// Marks what is gone, takes over flags, and yields the UIDs whose flags are different.
    private mutating func compare(_ now: [MessageSummary]) -> [UInt32] {
        var changed: [UInt32] = []
        var place = 0
        for index in messages.indices {
            let uid = messages[index].uid
            while place < now.count, now[place].uid < uid { place += 1 }
            guard place < now.count, now[place].uid == uid else {
                gone.insert(uid)
                continue
            }
            if now[place].flags != messages[index].flags {
                messages[index].flags = now[place].flags
                changed.append(uid)
            }
            // A session that was given a message as recent keeps it so until it ends.
            if now[place].isRecent { messages[index].isRecent = true }
        }
        return changed
    }

    /// Removes the messages that are gone, the last one first.
    mutating func removeGone() -> [MailboxChange] {
        guard !gone.isEmpty else { return [] }
        var changes: [MailboxChange] = []
        for index in messages.indices.reversed() where gone.contains(messages[index].uid) {
            changes.append(.expunged(sequence: index + 1, uid: messages[index].uid))
        }
        messages.removeAll { gone.contains($0.uid) }
        gone = []
        return changes
    }

    /// Takes over flags that this session has set, and yields the UIDs for which they are new.
    mutating func take(_ stored: [MessageSummary]) -> [UInt32] {
        var changed: [UInt32] = []
        for message in stored {
            guard let index = index(of: message.uid), messages[index].flags != message.flags
            else { continue }
            messages[index].flags = message.flags
            changed.append(message.uid)
        }
        return changed
    }
}
