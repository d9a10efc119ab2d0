import CPosix
import Glibc

/// The two clocks: one for the reader of a date, one for every timer.
package enum Clock {
    /// Seconds since 1970: for headers, logs and lifetimes, never for a timer.
    package static var now: Int { time(nil) }

    /// Wall clock with microseconds, for names that must be unique and for delays in the log.
    package static var precise: (seconds: Int, microseconds: Int) {
        var time = timeval()
        unsafe gettimeofday(&time, nil)
        return (time.tv_sec, Int(time.tv_usec))
    }

    /// The clock of which local file systems write their times: it stands still for milliseconds.
    package static var ofFiles: FileTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return FileTime(time)
    }

    /// Milliseconds of the clock that nobody sets and that runs on while the machine sleeps.
    package static var monotonic: Int { Int(cposix_boot_time_ms()) }
}

/// The moment by which something must be done, on the monotonic clock.
package struct Deadline: Comparable, Sendable {
    /// Milliseconds of `Clock.monotonic`.
    package let milliseconds: Int

    package init(milliseconds: Int) { self.milliseconds = milliseconds }

    /// `seconds` from now.
    package static func after(seconds: Int) -> Deadline {
        Deadline(milliseconds: Clock.monotonic + seconds * 1000)
    }

    package static func after(milliseconds: Int) -> Deadline {
        Deadline(milliseconds: Clock.monotonic + milliseconds)
    }

    package static let never = Deadline(milliseconds: .max)

    package static func < (left: Deadline, right: Deadline) -> Bool {
        left.milliseconds < right.milliseconds
    }

    package var hasPassed: Bool { remaining <= 0 }

    /// Milliseconds left, 0 when passed; at most what poll(2) takes.
    package var remaining: Int {
        self == .never
            ? Int(Int32.max) : max(0, min(milliseconds - Clock.monotonic, Int(Int32.max)))
    }
}

/// A moment as people write it: a calendar date and time with its zone.
package struct CalendarTime: Equatable, Sendable {
    package let year: Int
    /// 1 to 12.
    package let month: Int
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int
    /// 0 is Sunday.
    package let weekday: Int
    /// Seconds east of Greenwich.
    package let offset: Int
    /// The zone's abbreviation, such as `CET`.
    package let zone: String

    /// The moment in the machine's zone.
    package static func local(_ seconds: Int) -> CalendarTime {
        var (time, parts) = unsafe (seconds, tm())
        unsafe localtime_r(&time, &parts)
        return unsafe CalendarTime(parts)
    }

    package static func utc(_ seconds: Int) -> CalendarTime {
        var (time, parts) = unsafe (seconds, tm())
        unsafe gmtime_r(&time, &parts)
        return unsafe CalendarTime(parts)
    }

    private init(_ parts: tm) {
        year = unsafe Int(parts.tm_year) + 1900
        month = unsafe Int(parts.tm_mon) + 1
        day = unsafe Int(parts.tm_mday)
        hour = unsafe Int(parts.tm_hour)
        minute = unsafe Int(parts.tm_min)
        second = unsafe Int(parts.tm_sec)
        weekday = unsafe Int(parts.tm_wday)
        offset = unsafe parts.tm_gmtoff
        zone = unsafe parts.tm_zone.map { unsafe String(cString: $0) } ?? "UTC"
    }

    package static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    package static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `Sat, 21 Nov 2026 09:00:00 +0100 (CET)`, the form of Postfix's headers (RFC 5322 section 3.3).
    package var mailDate: String {
        "\(Self.dayNames[weekday]), \(pad(day, " ").trimmedLeft) \(Self.monthNames[month - 1]) \(year)"
            + " \(clock) \(numericZone) (\(zone))"
    }

    /// `Sat Nov 21 09:00:00 2026`, the form of asctime(3) and of the mbox From_ line.
    package var asctime: String {
        "\(Self.dayNames[weekday]) \(Self.monthNames[month - 1]) \(pad(day, " ")) \(clock) \(year)"
    }

    /// `Nov 21 09:00:00`, the form of a syslog line (RFC 3164 section 4.1.2).
    package var syslogDate: String { "\(Self.monthNames[month - 1]) \(pad(day, " ")) \(clock)" }

    /// The zone as digits, such as `+0100`.
    package var numericZone: String {
        let minutes = abs(offset) / 60
        return (offset < 0 ? "-" : "+") + pad(minutes / 60, "0") + pad(minutes % 60, "0")
    }

    /// The time of day, such as `09:00:00`.
    package var clock: String { "\(pad(hour, "0")):\(pad(minute, "0")):\(pad(second, "0"))" }

    private func pad(_ number: Int, _ fill: String) -> String {
        number < 10 ? fill + "\(number)" : "\(number)"
    }
}

extension String {
    fileprivate var trimmedLeft: Substring { drop { $0 == " " } }
}
