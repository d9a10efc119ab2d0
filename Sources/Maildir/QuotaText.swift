import Bytes

/// The text of a `maildirsize` file: a line of limits, then lines of octets and messages that were
/// added or, with a minus, removed.
struct QuotaText: Equatable {
    /// `S` of the first line; nil: no limit.
    private(set) var octetLimit: Int?
    /// `C` of the first line; nil: no limit.
    private(set) var messageLimit: Int?
    /// The sum of the lines.
    private(set) var octets = 0
    private(set) var messages = 0
    /// Lines after the first.
    private(set) var entries = 0
    /// A line is cut or is none, or the sum cannot be: the messages have to be counted.
    private(set) var isDamaged = false
    /// The first line as it stands, for a file that takes this one's place.
    let limits: [UInt8]

    /// Nil when the first line sets no limit: then the file has no effect.
    init?(parsing text: [UInt8]) {
        let lines = text.split(separator: .lf, omittingEmptySubsequences: false)
        limits = Array(lines.first?.trimmed ?? [])
        for part in limits.split(separator: UInt8(ascii: ",")) { takeLimit(part) }
        guard octetLimit != nil || messageLimit != nil else { return nil }
        for line in lines.dropFirst().dropLast() { take(line) }
        // The last line has its end, and nothing stands behind it.
        if lines.count < 2 || lines.last?.isEmpty == false { isDamaged = true }
        if octets < 0 || messages < 0 { isDamaged = true }
    }

    /// `10000000S` or `1000C`; 0 is no limit, other letters mean nothing to us.
    private mutating func takeLimit(_ part: ArraySlice<UInt8>) {
        let part = part.trimmed
        guard let letter = part.last, let number = Int(decimal: part.dropLast()), number > 0 else {
            return
        }
        switch letter {
        case UInt8(ascii: "S"): octetLimit = number
        case UInt8(ascii: "C"): messageLimit = number
        default: break
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        entries += 1
        let words = line.split(whereSeparator: \.isBlank)
        guard words.count == 2, let octets = Self.number(words[0]),
            let messages = Self.number(words[1])
        else {
            isDamaged = true
            return
        }
        let (octetSum, octetsOver) = self.octets.addingReportingOverflow(octets)
        let (messageSum, messagesOver) = self.messages.addingReportingOverflow(messages)
        if octetsOver || messagesOver { isDamaged = true }
        self.octets = octetSum
        self.messages = messageSum
    }

    private static func number(_ word: ArraySlice<UInt8>) -> Int? {
        guard word.first == UInt8(ascii: "-") else { return Int(decimal: word) }
        return Int(decimal: word.dropFirst()).map { -$0 }
    }

    /// Whether so much more is too much.
    func isExceeded(octets more: Int, messages moreMessages: Int) -> Bool {
        if let octetLimit, octets > octetLimit - min(octetLimit, more) || more > octetLimit {
            return true
        }
        guard let messageLimit else { return false }
        return messages > messageLimit - min(messageLimit, moreMessages)
            || moreMessages > messageLimit
    }

    /// A line for the file.
    static func line(octets: Int, messages: Int) -> [UInt8] { Array("\(octets) \(messages)\n") }

    /// The whole file after a count.
    func counted(octets: Int, messages: Int) -> [UInt8] {
        limits + [.lf] + Self.line(octets: octets, messages: messages)
    }
}
