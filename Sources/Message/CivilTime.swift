/// A date and time of day as someone wrote it, with the zone that was written beside it.
///
/// Every field is in its range; the year is 0 to 9999.
package struct CivilTime: Hashable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    /// 0 to 60: a leap second is a second too.
    package let second: Int
    /// Seconds east of Greenwich.
    package let offset: Int

    /// Nil when a number is out of its range, as 31 April is.
    package init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
        offset: Int = 0
    ) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(in: month, of: year), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second), abs(offset) < 86_400
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.offset = offset
    }

    /// The moment as it is seen `offset` seconds east of Greenwich; years outside 0 to 9999 become
    /// the nearest end.
    package init(secondsSince1970 seconds: Int, offset: Int = 0) {
        let span = Self.earliest...Self.latest
        let local = min(max(seconds, span.lowerBound), span.upperBound) + offset
        let clamped = min(max(local, span.lowerBound), span.upperBound)
        let days = Self.floorDivide(clamped, 86_400)
        let time = clamped - days * 86_400
        (year, month, day) = Self.date(days: days)
        (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        self.offset = offset
    }

    private static let earliest = -62_167_219_200
    private static let latest = 253_402_300_799

    /// Seconds since 1970 in UTC.
    package var secondsSince1970: Int {
        dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset
    }

    /// Days since 1970-01-01 of the date as written, whatever the zone.
    package var dayNumber: Int { Self.dayNumber(year: year, month: month, day: day) }

    /// 0 is Sunday.
    package var weekday: Int { Self.floorModulo(dayNumber + 4, 7) }

    package static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// The proleptic Gregorian calendar, counted in eras of 400 years that begin in March.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }

    private static func floorModulo(_ number: Int, _ divisor: Int) -> Int {
        number - floorDivide(number, divisor) * divisor
    }
}
