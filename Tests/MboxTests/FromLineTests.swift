import Mbox
import Posix
import Testing

struct FromCase: Sendable, CustomTestStringConvertible {
    let line: String
    let sender: String?
    /// Seconds since 1970 when the line has a zone.
    let date: Int?
    init(_ line: String, _ sender: String?, _ date: Int? = nil) {
        (self.line, self.sender, self.date) = (line, sender, date)
    }
    var testDescription: String { line }
}

@Suite struct FromLineTests {
    @Test(arguments: [
        FromCase("From joe@a.b  Tue Mar  5 09:00:00 2019", "joe@a.b"),
        FromCase("From user Wed Dec  2 05:53 1992", "user"),
        FromCase("From user Wed Dec  2 05:53:22 1992", "user"),
        FromCase("From user Wed Dec  2 05:53 PST 1992", "user", 723_304_380),
        FromCase("From user Wed Dec  2 05:53:22 PST 1992", "user", 723_304_402),
        FromCase("From user Wed Dec  2 05:53 -0700 1992", "user", 723_300_780),
        FromCase("From user Wed Dec  2 05:53:22 -0700 1992", "user", 723_300_802),
        FromCase("From user Wed Dec  2 05:53 1992 PST", "user", 723_304_380),
        FromCase("From user Wed Dec  2 05:53:22 1992 PST", "user", 723_304_402),
        FromCase("From user Wed Dec  2 05:53 1992 -0700", "user", 723_300_780),
        FromCase("From user Wed Dec  2 05:53:22 1992 -0700", "user", 723_300_802),
        FromCase("From user Wed Dec  2 05:53:22 MET DST 1992", "user", 723_268_402),
        FromCase("From uucp Wed Dec  2 05:53:22 1992 remote from host", "uucp"),
        FromCase("From uucp Wed Dec  2 05:53:22 92 remote from host", "uucp"),
        FromCase("From a@b Thu, 9 Nov 2002 22:33:52 +0000", "a@b", 1_036_881_232),
        FromCase("From a@b Thu, 9 Nov 2002 22:33:52", "a@b"),
        FromCase("From \"a b\"@c  Sat Nov 21 09:00:00 2026 UTC", "\"a b\"@c", 1_795_251_600),
        FromCase("From a@b Sat Nov 21 9:00:00 2026 GMT", "a@b", 1_795_251_600),
        FromCase("From Wed@Dec Sat Nov 21 09:00:00 2026 GMT\r", "Wed@Dec", 1_795_251_600),
        FromCase("From a@b", nil),
        FromCase("From the first day on", nil),
        FromCase("From  Sat Nov 21 09:00:00 2026", nil),
        FromCase("From a@b Sat Nov 32 09:00:00 2026", nil),
        FromCase("From a@b Sat Nov 21 24:00:00 2026", nil),
        FromCase("From a@b Sat Nov 21 09:00:00 12026", nil),
        FromCase("From a@b Sat Nov 21 09:00:00 2026 and more", nil),
        FromCase("From: a@b Sat Nov 21 09:00:00 2026", nil),
        FromCase(">From a@b Sat Nov 21 09:00:00 2026", nil),
        FromCase("From a@b Sat Nov 21 09:00:00 2026 +99999999999999999999", nil),
        FromCase("From " + String(repeating: "a", count: 1100) + " Sat Nov 21 09:00:00 2026", nil),
    ])
    func readsWhatProgramsWrite(_ wanted: FromCase) {
        let line = FromLine(Array(wanted.line.utf8))
        #expect(line?.sender == wanted.sender.map { Array($0.utf8) })
        if let date = wanted.date { #expect(line?.date == date) }
    }

    @Test func readsWhatItWrites() {
        for date in [0, 951_825_600, 1_711_846_800, 1_795_251_600] {
            let line = FromLine.format(sender: Array("a@b".utf8), date: date)
            #expect(FromLine(line.dropLast())?.date == date)
        }
        #expect(
            FromLine.format(sender: [], date: 0).starts(with: Array("From MAILER-DAEMON ".utf8)))
    }

    @Test func keepsItsLineOne() {
        let line = FromLine.format(sender: Array("a\nFrom b\0".utf8), date: 0)
        #expect(line.filter { $0 == 10 || $0 == 0 }.count == 1)
    }

    @Test func neverTrapsOnCutLines() {
        let line = Array("From a@b Wed Dec  2 05:53:22 MET DST 1992 remote from host".utf8)
        let accepted = (0...line.count).filter { FromLine(line[..<$0]) != nil }
        // Whole with the four-digit year, at `19` taken for a year, and whole with the host.
        #expect(accepted.contains(41) && accepted.contains(line.count) && !accepted.contains(30))
    }
}
