import Bytes
import Posix

/// The line that begins a letter in an mbox: `From SENDER DATE`.
///
/// Read in every form that mail programs have written it (those of c-client's list, with or without
/// ` remote from HOST`, two-digit years, dates as in a header), and written in asctime(3)'s.
package struct FromLine: Equatable, Sendable {
    package let sender: [UInt8]
    /// Seconds since 1970; a line without a zone is in the machine's.
    package let date: Int

    /// The sender in the From_ line of letters that APPEND and COPY have put here, which have no
    /// envelope: it says that their lines of the form `>*From ` have one `>` more than the letter.
    ///
    /// A stranger who takes it as a sender makes a letter of its own lose such a `>`, no more.
    package static let quotingSender = Array("mboxrd@localhost".utf8)

    /// Longer lines begin no letter: a sender has at most 256 octets (RFC 5321 section 4.5.3.1.3)
    /// in any quoting, and a date few.
    package static let lengthLimit = 1024

    /// The line with its LF; an empty `sender` is MAILER-DAEMON.
    ///
    /// Control characters, which no address has, become `?`, so that the line stays one.
    package static func format(sender: [UInt8], date: Int) -> [UInt8] {
        let name = sender.isEmpty ? Array("MAILER-DAEMON".utf8) : sender
        return Array("From ".utf8) + name.prefix(lengthLimit / 2).map { $0.isControl ? 0x3F : $0 }
            + Array("  \(CalendarTime.local(date).asctime)\n".utf8)
    }

    /// Reads a line without its LF; nil when it begins no letter.
    package init?(_ line: some Collection<UInt8>) {
        guard line.count <= Self.lengthLimit, line.starts(with: Self.from) else { return nil }
        if let usual = Self.usual(Array(line)) {
            self = usual
            return
        }
        var words = line.dropFirst(5).split(whereSeparator: \.isBlank).map { Array($0) }
        if words.last?.last == .cr { words[words.count - 1].removeLast() }
        // ` remote from HOST` of UUCP.
        if words.count > 3, words[words.count - 3] == Array("remote".utf8),
            words[words.count - 2] == Array("from".utf8)
        {
            words.removeLast(3)
        }
        // The date has at most seven words; a weekday before that belongs to the sender.
        for start in stride(from: words.count - 4, through: max(1, words.count - 8), by: -1) {
            guard let date = MboxDate(words[start...]) else { continue }
            sender = Array(words[..<start].joined(separator: [.space]))
            self.date = date.seconds
            return
        }
        return nil
    }
}

extension FromLine {
    private static let from = Array("From ".utf8)

    /// The line as nearly every program writes it: a sender in one word, and asctime(3)'s date at
    /// the end; nil for every other form.
    private static func usual(_ line: [UInt8]) -> FromLine? {
        let start = line.count - MboxDate.usualCount
        guard start > from.count, line[start - 1].isBlank,
            let date = MboxDate(usual: line[start...])
        else { return nil }
        let sender = line[from.count..<start].trimmed
        guard !sender.isEmpty, !sender.contains(where: \.isBlank) else { return nil }
        return FromLine(sender: Array(sender), date: date.seconds)
    }

    private init(sender: [UInt8], date: Int) {
        self.sender = sender
        self.date = date
    }
}
