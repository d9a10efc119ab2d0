import IMAPGrammar
import MailStore

/// One message that a command names.
struct NamedMessage {
    let sequence: Int
    let uid: UInt32
}

/// Which messages of the view a set names.
extension IMAPSession {
    /// By sequence number every one must exist; UIDs that do not are passed over (RFC 3501
    /// section 6.4.8).
    func messages(
        in set: SequenceSet, _ numbering: Numbering, of mailbox: Mailbox
    ) throws(Interruption) -> [NamedMessage] {
        switch numbering {
        case .uid: return Self.messages(withUIDs: set, of: mailbox)
        case .sequence:
            let count = mailbox.messages.count
            guard set.greatestNumber <= count, count > 0 || !set.namesLast else {
                throw .refused(.bad("No such message number"))
            }
            return Self.messages(numbered: set, of: mailbox)
        }
    }

    static func messages(numbered set: SequenceSet, of mailbox: Mailbox) -> [NamedMessage] {
        let count = mailbox.messages.count
        return set.resolved(last: UInt32(clamping: count)).flatMap { span -> [NamedMessage] in
            let upper = min(Int(span.upperBound), count)
            guard Int(span.lowerBound) <= upper else { return [] }
            return (Int(span.lowerBound)...upper).map {
                NamedMessage(sequence: $0, uid: mailbox.messages[$0 - 1].uid)
            }
        }
    }

    static func messages(withUIDs set: SequenceSet, of mailbox: Mailbox) -> [NamedMessage] {
        let messages = mailbox.messages
        guard let last = messages.last?.uid else { return [] }
        return set.resolved(last: last).flatMap { span -> [NamedMessage] in
            var index = Self.firstIndex(from: span.lowerBound, in: messages)
            var found: [NamedMessage] = []
            while index < messages.count, messages[index].uid <= span.upperBound {
                found.append(NamedMessage(sequence: index + 1, uid: messages[index].uid))
                index += 1
            }
            return found
        }
    }

    /// The place of the first message whose UID is not below `uid`.
    private static func firstIndex(from uid: UInt32, in messages: [MessageSummary]) -> Int {
        var (low, high) = (0, messages.count)
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].uid < uid { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
