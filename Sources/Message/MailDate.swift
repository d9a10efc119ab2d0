import Bytes

/// Reads the value of a Date field.
///
/// Takes RFC 5322 section 3.3, its obsolete forms (two-digit years, named zones, comments) and what
/// is met beside them: a missing or misplaced comma, a missing zone or seconds, asctime's order,
/// full names of months. Nil when no date can be made of it.
package enum MailDate {
    /// The longest value that is looked at; a date with comments is well below.
    package static let lengthLimit = 1000

    package static func parse(_ value: some Collection<UInt8>) -> CivilTime? {
        let words = self.words(in: Array(value.prefix(lengthLimit)))
        var parts = Parts()
        for word in words { parts.take(word) }
        return parts.time
    }

    /// Pieces between blanks and commas, comments left out.
    private static func words(in value: [UInt8]) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8] = []
        var depth = 0
        for byte in value {
            if byte == UInt8(ascii: "(") { depth += 1 }
            let isText =
                depth == 0 && !byte.isSpace && byte != UInt8(ascii: ",")
                && byte != UInt8(ascii: ")")
            if byte == UInt8(ascii: ")"), depth > 0 { depth -= 1 }
            if isText {
                word.append(byte)
            } else if !word.isEmpty {
                words.append(word)
                word = []
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// What has been found so far; each word goes where it fits first.
    private struct Parts {
        private var day: Int?
        private var month: Int?
        private var year: Int?
        private var clock: (hour: Int, minute: Int, second: Int)?
        private var offset: Int?

        mutating func take(_ word: [UInt8]) {
            if clock == nil, let clock = Self.clock(word) {
                self.clock = clock
            } else if month == nil, let month = Self.month(word) {
                self.month = month
            } else if word[0].isDigit {
                takeNumber(word)
            } else if offset == nil, let offset = Zone.offset(word), month != nil {
                self.offset = offset
            } else if day == nil, word.contains(UInt8(ascii: "-")) {
                // 21-Nov-2026, as IMAP and old mailers write it.
                for piece in word.split(separator: UInt8(ascii: "-")) { take(Array(piece)) }
            }
        }

        private mutating func takeNumber(_ word: [UInt8]) {
            if word.contains(UInt8(ascii: "-")) {
                for piece in word.split(separator: UInt8(ascii: "-")) { take(Array(piece)) }
                return
            }
            guard word.count <= 5, let number = Int(decimal: word) else { return }
            if day == nil {
                day = number
            } else if year == nil {
                year = Self.year(number, digits: word.count)
            }
        }

        var time: CivilTime? {
            guard let day, let month, let year else { return nil }
            return CivilTime(
                year: year, month: month, day: day, hour: clock?.hour ?? 0,
                minute: clock?.minute ?? 0, second: clock?.second ?? 0, offset: offset ?? 0)
        }

        /// RFC 5322 section 4.3: two digits below 50 are 20xx, other short years count from 1900.
        private static func year(_ number: Int, digits: Int) -> Int {
            switch digits {
            case 1, 2: number < 50 ? 2000 + number : 1900 + number
            case 3: 1900 + number
            default: number
            }
        }

        private static func clock(_ word: [UInt8]) -> (hour: Int, minute: Int, second: Int)? {
            guard word[0].isDigit, word.contains(.colon) else { return nil }
            let pieces = word.split(separator: .colon, omittingEmptySubsequences: false)
            guard (2...3).contains(pieces.count) else { return nil }
            var numbers: [Int] = []
            for piece in pieces {
                // A fraction of a second is nobody's business.
                let whole = piece.prefix { $0 != .dot }
                guard whole.count <= 2, let number = Int(decimal: whole) else { return nil }
                numbers.append(number)
            }
            return (numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
        }

        private static func month(_ word: [UInt8]) -> Int? {
            guard word.count >= 3 else { return nil }
            return CivilTime.monthNames.firstIndex {
                word.prefix(3).equalsIgnoringCase([UInt8]($0))
            }.map { $0 + 1 }
        }
    }
}

/// Zones as mail writes them.
package enum Zone {
    /// Seconds east of Greenwich of `+0100` or an obsolete name (RFC 5322 section 4.3).
    ///
    /// Names that nobody knows count as UTC, as the RFC asks; nil when the word is no zone at all.
    package static func offset(_ word: some Collection<UInt8>) -> Int? {
        let word = Array(word)
        guard let first = word.first else { return nil }
        if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            let digits = word.dropFirst().filter { $0 != .colon }
            guard digits.count == 4, let number = Int(decimal: digits), number % 100 < 60 else {
                return nil
            }
            let seconds = (number / 100 * 60 + number % 100) * 60
            return seconds < 86_400 ? (first == UInt8(ascii: "-") ? -seconds : seconds) : nil
        }
        guard word.allSatisfy(\.isLetter) else { return nil }
        return named.first { word.equalsIgnoringCase([UInt8]($0.name)) }.map { $0.hours * 3600 }
            ?? (isWeekday(word) ? nil : 0)
    }

    private static let named: [(name: String, hours: Int)] = [
        ("UT", 0), ("GMT", 0), ("UTC", 0), ("Z", 0), ("EST", -5), ("EDT", -4), ("CST", -6),
        ("CDT", -5), ("MST", -7), ("MDT", -6), ("PST", -8), ("PDT", -7),
    ]

    private static func isWeekday(_ word: [UInt8]) -> Bool {
        ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].contains {
            word.startsIgnoringCase(with: [UInt8]($0))
        }
    }
}
