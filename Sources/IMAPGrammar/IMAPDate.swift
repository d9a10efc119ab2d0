import Bytes
package import Message

/// Dates of RFC 3501 section 9.
package enum IMAPDate {
    /// `21-Nov-2026`, quoted or not, as SEARCH has it: days since 1970.
    package static func day(_ cursor: inout CommandCursor) throws(SyntaxError) -> Int {
        let isQuoted = cursor.take(.quote)
        let day = try date(&cursor, paddedDay: false)
        if isQuoted { try cursor.require(.quote, "a closing quote") }
        guard let time = CivilTime(year: day.year, month: day.month, day: day.day) else {
            throw cursor.expected("a date")
        }
        return time.dayNumber
    }

    /// `"21-Nov-2026 09:00:00 +0100"`, the day padded with a blank, as APPEND has it.
    package static func dateTime(_ cursor: inout CommandCursor) throws(SyntaxError) -> CivilTime {
        try cursor.require(.quote, "a date and time")
        let date = try date(&cursor, paddedDay: true)
        try cursor.space()
        let hour = try digits(&cursor, 2)
        try cursor.require(.colon, ":")
        let minute = try digits(&cursor, 2)
        try cursor.require(.colon, ":")
        let second = try digits(&cursor, 2)
        try cursor.space()
        let offset = try zone(&cursor)
        try cursor.require(.quote, "a closing quote")
        guard
            let time = CivilTime(
                year: date.year, month: date.month, day: date.day, hour: hour, minute: minute,
                second: second, offset: offset)
        else { throw cursor.expected("a date and time") }
        return time
    }

    private static func date(
        _ cursor: inout CommandCursor, paddedDay: Bool
    ) throws(SyntaxError) -> (year: Int, month: Int, day: Int) {
        if paddedDay { _ = cursor.take(.space) }
        let run = cursor.take(while: \.isDigit)
        guard run.count <= 2, let day = Int(decimal: run) else { throw cursor.expected("a day") }
        try cursor.require(UInt8(ascii: "-"), "-")
        let name = cursor.take(while: \.isLetter)
        guard
            let month = CivilTime.monthNames.firstIndex(where: {
                name.equalsIgnoringCase([UInt8]($0))
            })
        else { throw cursor.expected("a month") }
        try cursor.require(UInt8(ascii: "-"), "-")
        return (try digits(&cursor, 4), month + 1, day)
    }

    private static func digits(
        _ cursor: inout CommandCursor, _ count: Int
    ) throws(SyntaxError) -> Int {
        let run = cursor.take(while: \.isDigit)
        guard run.count == count, let number = Int(decimal: run) else {
            throw cursor.expected("a number of that many digits")
        }
        return number
    }

    private static func zone(_ cursor: inout CommandCursor) throws(SyntaxError) -> Int {
        let word = cursor.take { !$0.isBlank && $0 != .quote }
        guard word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-"),
            !word.contains(.colon), let offset = Zone.offset(word)
        else { throw cursor.expected("a zone") }
        return offset
    }

    /// INTERNALDATE's form, with its quotes.
    package static func text(_ time: CivilTime) -> [UInt8] {
        let minutes = abs(time.offset) / 60
        return [UInt8](
            "\"\(time.day < 10 ? " " : "")\(time.day)-\(CivilTime.monthNames[time.month - 1])-"
                + time.year.padded(to: 4) + " " + time.hour.padded(to: 2) + ":"
                + time.minute.padded(to: 2) + ":" + time.second.padded(to: 2)
                + (time.offset < 0 ? " -" : " +") + (minutes / 60).padded(to: 2)
                + (minutes % 60).padded(to: 2) + "\"")
    }
}
