import Bytes
import Posix

/// A date as From_ lines have it: weekday, then day and month in either order, time and year with a
/// zone somewhere behind the time.
struct MboxDate {
    let seconds: Int

    init?(_ words: ArraySlice<[UInt8]>) {
        var words = words
        guard var weekday = words.popFirst() else { return nil }
        if weekday.last == UInt8(ascii: ",") { weekday.removeLast() }
        guard Self.index(of: weekday, in: CalendarTime.dayNames) != nil else { return nil }
        guard let first = words.popFirst(), let second = words.popFirst() else { return nil }
        let rest = Array(words)
        if let month = Self.index(of: first, in: CalendarTime.monthNames) {
            guard let day = Self.day(second), let seconds = Self.unixOrder(month, day, rest) else {
                return nil
            }
            self.seconds = seconds
        } else if let month = Self.index(of: second, in: CalendarTime.monthNames) {
            guard let day = Self.day(first), let seconds = Self.headerOrder(month, day, rest) else {
                return nil
            }
            self.seconds = seconds
        } else {
            return nil
        }
    }

    static let usualCount = 24

    /// Reads `Sat Nov 21 09:00:00 2026`, with a blank for a day's first digit; nil for other forms.
    init?(usual text: ArraySlice<UInt8>) {
        let start = text.startIndex
        guard text.count == Self.usualCount,
            [3, 7, 10, 19].allSatisfy({ text[start + $0] == .space }),
            text[start + 13] == .colon, text[start + 16] == .colon,
            Self.place(of: text[start..<start + 3], in: Self.days) != nil,
            let month = Self.place(of: text[start + 4..<start + 7], in: Self.months)
        else { return nil }
        func number(_ from: Int, _ count: Int) -> Int? {
            var value = 0
            for octet in text[start + from..<start + from + count] {
                guard octet.isDigit else { return nil }
                value = value * 10 + Int(octet & 0x0F)
            }
            return value
        }
        let day = text[start + 8] == .space ? number(9, 1) : number(8, 2)
        guard let day, (1...31).contains(day), let hour = number(11, 2), hour < 24,
            let minute = number(14, 2), minute < 60, let second = number(17, 2), second <= 60,
            let year = number(20, 4), year >= 1900
        else { return nil }
        seconds = Self.inLocalZone(
            Self.days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second)
    }

    private static let days = CalendarTime.dayNames.map { packed(Array($0.utf8)[...]) }
    private static let months = CalendarTime.monthNames.map { packed(Array($0.utf8)[...]) }

    private static func packed(_ word: ArraySlice<UInt8>) -> UInt32 {
        word.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func place(of word: ArraySlice<UInt8>, in names: [UInt32]) -> Int? {
        names.firstIndex(of: packed(word))
    }

    /// `05:53[:22] [zone] 1992 [zone]`.
    private static func unixOrder(_ month: Int, _ day: Int, _ words: [[UInt8]]) -> Int? {
        guard let clock = words.first.flatMap(time) else { return nil }
        guard let place = words.dropFirst().firstIndex(where: { year($0) != nil }),
            let year = year(words[place]), place <= 3
        else { return nil }
        let zones = [words[1..<place], words[(place + 1)...]]
        guard zones[0].isEmpty || zones[1].isEmpty else { return nil }
        let zone = zones[0].isEmpty ? zones[1] : zones[0]
        return moment(year, month, day, clock, zone)
    }

    /// `1992 05:53[:22] [zone]`.
    private static func headerOrder(_ month: Int, _ day: Int, _ words: [[UInt8]]) -> Int? {
        guard words.count >= 2, let year = year(words[0]), let clock = time(words[1]) else {
            return nil
        }
        return moment(year, month, day, clock, words[2...])
    }

    private static func moment(
        _ year: Int, _ month: Int, _ day: Int, _ clock: Int, _ zone: ArraySlice<[UInt8]>
    ) -> Int? {
        let moment = days(year, month, day) * 86400 + clock
        if zone.isEmpty { return inLocalZone(moment) }
        guard let offset = Self.offset(zone) else { return nil }
        switch offset {
        case .known(let seconds): return moment - seconds
        case .unknown: return inLocalZone(moment)
        }
    }

    private static func inLocalZone(_ moment: Int) -> Int {
        // The offset at the moment itself: it may be on the other side of a change of the clocks.
        let guess = moment - CalendarTime.local(moment).offset
        return moment - CalendarTime.local(guess).offset
    }

    private static func index(of word: [UInt8], in names: [String]) -> Int? {
        names.firstIndex { word.equalsIgnoringCase(Array($0.utf8)) }
    }

    private static func day(_ word: [UInt8]) -> Int? {
        guard word.count <= 2, let day = Int(decimal: word), (1...31).contains(day) else {
            return nil
        }
        return day
    }

    /// Four digits, or two of the years 1970 to 2069.
    private static func year(_ word: [UInt8]) -> Int? {
        guard let year = Int(decimal: word) else { return nil }
        switch word.count {
        case 2: return year < 70 ? 2000 + year : 1900 + year
        case 4: return (1900...9999).contains(year) ? year : nil
        default: return nil
        }
    }

    /// `5:53` or `05:53:22`, as seconds of the day.
    private static func time(_ word: [UInt8]) -> Int? {
        let parts = word.split(separator: .colon, omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ (1...2).contains($0.count) }),
            let hour = Int(decimal: parts[0]), let minute = Int(decimal: parts[1]),
            let second = parts.count == 3 ? Int(decimal: parts[2]) : 0,
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private enum Offset {
        case known(Int)
        case unknown
    }

    /// `+0100`, `CET`, `MET DST`; names that nobody has listed count as the machine's zone.
    private static func offset(_ words: ArraySlice<[UInt8]>) -> Offset? {
        guard let word = words.first, words.count <= 2 else { return nil }
        let hasSummerWord = words.count == 2
        if hasSummerWord, words.last.map({ $0.equalsIgnoringCase("DST") }) != true { return nil }
        if let sign = word.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            guard word.count == 5, let digits = Int(decimal: word.dropFirst()) else { return nil }
            let seconds = (digits / 100 * 60 + digits % 100) * 60
            return .known(sign == UInt8(ascii: "-") ? -seconds : seconds)
        }
        guard (1...5).contains(word.count), word.allSatisfy(\.isLetter) else { return nil }
        guard let hours = zones[String(printable: word.uppercased)] else { return .unknown }
        return .known((hours + (hasSummerWord ? 1 : 0)) * 3600)
    }

    /// Hours east of Greenwich: RFC 5322 section 4.3 and the names that European machines used.
    private static let zones: [String: Int] = [
        "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "MET": 1,
        "MEZ": 1, "CEST": 2, "MEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "EST": -5, "EDT": -4,
        "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "JST": 9,
    ]

    /// Days from 1970 to a date of the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Years that begin in March, so that the leap day is the last.
        let shifted = month < 2 ? year - 1 : year
        let yearOfEra = shifted % 400
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return shifted / 400 * 146_097 + dayOfEra - 719_468
    }
}
