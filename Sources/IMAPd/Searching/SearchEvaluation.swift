import Bytes
import IMAPGrammar
import MailStore
import Message

/// Whether a message is like a search key says.
///
/// Keys nest no deeper than their parser allows, so walking them is bounded.
struct SearchEvaluation {
    private let mailbox: Mailbox
    private let key: SearchKey

    /// Texts of `key` are UTF-8.
    init(_ key: SearchKey, in mailbox: Mailbox) {
        let count = UInt32(clamping: mailbox.messages.count)
        let resolved = key.resolvingSets(count: count, lastUID: mailbox.messages.last?.uid ?? 0)
        self.key = Self.cheapFirst(resolved)
        self.mailbox = mailbox
    }

    func matches(_ sequence: Int) throws(StoreError) -> Bool {
        let summary = mailbox.messages[sequence - 1]
        let open = OpenMessage(summary.uid, in: mailbox)
        return try matches(key, sequence, summary, open)
    }

    private func matches(
        _ key: SearchKey, _ sequence: Int, _ summary: MessageSummary, _ open: OpenMessage
    ) throws(StoreError) -> Bool {
        switch key {
        case .all(let keys):
            for key in keys where try !matches(key, sequence, summary, open) { return false }
            return true
        case .either(let first, let second):
            if try matches(first, sequence, summary, open) { return true }
            return try matches(second, sequence, summary, open)
        case .not(let key): return try !matches(key, sequence, summary, open)
        case .flag(let flag): return FlagText.contains(flag, in: summary.flags)
        case .recent: return summary.isRecent
        case .sequence(let set): return Self.contains(UInt32(clamping: sequence), set)
        case .uid(let set): return Self.contains(summary.uid, set)
        case .before(let day, let kind): return try self.day(kind, open).map { $0 < day } ?? false
        case .on(let day, let kind): return try self.day(kind, open) == day
        case .since(let day, let kind): return try self.day(kind, open).map { $0 >= day } ?? false
        case .larger(let size): return try open.size() > Int(size)
        case .smaller(let size): return try open.size() < Int(size)
        case .header(let name, let text):
            return try SearchText(message: open).header(name, holds: text)
        case .body(let text): return try SearchText(message: open).body(holds: text)
        case .text(let text): return try SearchText(message: open).whole(holds: text)
        }
    }

    /// The day as it was written, whatever the zone (RFC 3501 section 6.4.4); nil without a date.
    private func day(_ kind: SearchKey.DateKind, _ open: OpenMessage) throws(StoreError) -> Int? {
        switch kind {
        case .arrived: return CivilTime(secondsSince1970: try open.internalDate()).dayNumber
        case .sent:
            return try open.headerBlock().first("Date").flatMap { MailDate.parse($0.value) }?
                .dayNumber
        }
    }

    /// Looks in a set that `resolved` has put in ascending order.
    private static func contains(_ number: UInt32, _ set: SequenceSet) -> Bool {
        var (low, high) = (0, set.ranges.count)
        while low < high {
            let middle = (low + high) / 2
            let range = set.ranges[middle]
            guard case .number(let from) = range.from, case .number(let to) = range.to else {
                return false
            }
            if number < from {
                high = middle
            } else if number > to {
                low = middle + 1
            } else {
                return true
            }
        }
        return false
    }

    /// The same key with what is in memory asked before what must be read.
    private static func cheapFirst(_ key: SearchKey) -> SearchKey {
        guard case .all(let keys) = key else { return key }
        let costs = keys.enumerated().map { (cost($0.element), $0.offset, $0.element) }
        return .all(costs.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2))
    }

    private static func cost(_ key: SearchKey) -> Int {
        switch key {
        case .flag, .recent, .sequence, .uid: 0
        case .all(let keys): keys.map(cost).max() ?? 0
        case .either(let first, let second): max(cost(first), cost(second))
        case .not(let key): cost(key)
        case .larger, .smaller: 1
        case .before(_, let kind), .on(_, let kind), .since(_, let kind): kind == .arrived ? 1 : 2
        case .header: 2
        case .body, .text: 3
        }
    }
}

extension SearchKey {
    /// The key with every set in ascending order and without `*`.
    func resolvingSets(count: UInt32, lastUID: UInt32) -> SearchKey {
        switch self {
        case .sequence(let set): .sequence(set.ascending(last: count))
        case .uid(let set): .uid(set.ascending(last: lastUID))
        case .not(let key): .not(key.resolvingSets(count: count, lastUID: lastUID))
        case .either(let first, let second):
            .either(
                first.resolvingSets(count: count, lastUID: lastUID),
                second.resolvingSets(count: count, lastUID: lastUID))
        case .all(let keys): .all(keys.map { $0.resolvingSets(count: count, lastUID: lastUID) })
        case .flag, .recent, .before, .on, .since, .larger, .smaller, .header, .body, .text: self
        }
    }

    /// The key with its texts changed; nil when one cannot be.
    func mappingTexts(_ change: ([UInt8]) -> [UInt8]?) -> SearchKey? {
        switch self {
        case .header(let name, let text): return change(text).map { .header(name: name, $0) }
        case .body(let text): return change(text).map { .body($0) }
        case .text(let text): return change(text).map { .text($0) }
        case .not(let key): return key.mappingTexts(change).map { .not($0) }
        case .either(let first, let second):
            guard let first = first.mappingTexts(change), let second = second.mappingTexts(change)
            else { return nil }
            return .either(first, second)
        case .all(let keys):
            let changed = keys.compactMap { $0.mappingTexts(change) }
            return changed.count == keys.count ? .all(changed) : nil
        case .flag, .recent, .sequence, .uid, .before, .on, .since, .larger, .smaller: return self
        }
    }
}

extension SequenceSet {
    fileprivate func ascending(last: UInt32) -> SequenceSet {
        SequenceSet(
            resolved(last: last).map { Range(.number($0.lowerBound), .number($0.upperBound)) })
    }
}
