import Bytes
import Message
import Testing

@Suite struct MailDateTests {
    @Test(arguments: [
        ("Sat, 21 Nov 2026 09:00:00 +0100", 1_795_248_000),
        ("Sat, 21 Nov 2026 09:00:00 +0100 (CET)", 1_795_248_000),
        ("21 Nov 2026 08:00 GMT", 1_795_248_000), ("21 Nov 26 03:00:00 EST", 1_795_248_000),
        ("Sat Nov 21 08:00:00 2026", 1_795_248_000), ("21-Nov-2026 08:00:00 -0000", 1_795_248_000),
        ("Sat,21 november 2026 8:00:00.5 Z", 1_795_248_000), ("1 Jan 1970 00:00:00 +0000", 0),
        ("Thu, 1 Jan 70 0:0:0 UT", 0), ("1 Jan 1969 00:00:00 +0000", -31_536_000),
        ("29 Feb 2000 00:00:00 +0000", 951_782_400), ("1 Jan 100 00:00:00 GMT", 946_684_800),
        ("(a(b)c) 1 Jan 1970 00:00:00 +0000", 0), ("1 Jan 1970", 0), ("1 Jan 1970 00:00 XYZ", 0),
    ])
    func readsDates(text: String, seconds: Int) {
        #expect(MailDate.parse([UInt8](text))?.secondsSince1970 == seconds)
    }

    @Test(arguments: [
        "", "x", "31 Apr 2026 00:00:00 +0000", "29 Feb 1900 00:00 +0000", "1 Jan 99999999999",
        "1 Jan 2026 24:00:00 +0000", "1 Foo 2026", "0 Jan 2026", "1 Jan",
        "1 Jan 123456",
    ])
    func refusesWhatIsNoDate(text: String) {
        #expect(MailDate.parse([UInt8](text)) == nil)
    }

    @Test(arguments: [-62_167_219_200, -1, 0, 951_782_400, 1_795_248_000, 253_402_300_799])
    func goesThereAndBack(seconds: Int) {
        #expect(CivilTime(secondsSince1970: seconds).secondsSince1970 == seconds)
    }

    @Test func knowsTheDayAsWritten() throws {
        let time = try #require(MailDate.parse([UInt8]("Sat, 21 Nov 2026 23:30:00 -0800")))
        #expect((time.year, time.month, time.day, time.weekday) == (2026, 11, 21, 6))
        #expect(CivilTime(secondsSince1970: .max).year == 9999)
    }

    @Test(arguments: [
        ("<a@b>", ["<a@b>"]), ("<a@b> <c@d>", ["<a@b>", "<c@d>"]), ("x <a\r\n @b> y", ["<a@b>"]),
        ("<>", []), ("<a", []), ("<a<b>", ["<b>"]), ("", []),
    ])
    func findsMessageIdentifiers(text: String, want: [String]) {
        #expect(MessageID.list(in: [UInt8](text)).compactMap { String(utf8: $0) } == want)
    }
}
