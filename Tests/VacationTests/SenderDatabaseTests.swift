import Bytes
import Posix
import TestSupport
import Testing

@testable import Vacation

@Suite struct SenderDatabaseTests {
    private let directory: TemporaryDirectory
    private let path: Path

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path / "db"
    }

    private func note(_ address: String, _ now: Int, _ interval: AnswerInterval? = nil) throws
        -> Bool
    {
        try SenderDatabase(path).note(Array(address.utf8), now: now, interval: interval)
    }

    private var text: String {
        get throws { String(decoding: try directory.content("db"), as: UTF8.self) }
    }

    @Test func aSenderIsAnsweredOnceInTheInterval() throws {
        let week = 7 * 86400
        #expect(try note("bob@x", 1000))
        #expect(try !note("BOB@X", 1000 + week - 1))
        #expect(try note("bob@x", 1000 + week))
        #expect(try note("other@x", 1000 + week))
        #expect(try note("bob@x", 1001 + week, .seconds(1)))
        #expect(try !note("bob@x", .max, .forever))
        #expect(try note("bob@x", 1002 + week, .seconds(0)))
    }

    @Test func theIntervalIsKept() throws {
        try SenderDatabase(path).start(.seconds(10))
        #expect(try note("a@b", 100))
        #expect(try !note("a@b", 109))
        #expect(try note("a@b", 110))
        try SenderDatabase(path).start(.forever)
        #expect(try note("a@b", 110))
        #expect(try !note("a@b", .max))
        try SenderDatabase(path).start(nil)
        #expect(try text == "interval 604800\n")
    }

    @Test func excludedSendersAndDomainsAreNotAnswered() throws {
        try SenderDatabase(path).exclude(["x@y", "@Z.example"].map { Array($0.utf8) })
        #expect(try !note("X@y", 1))
        #expect(try !note("any@z.example", 1))
        #expect(try note("any@sub.z.example", 1))
        #expect(try SenderDatabase(path).lines().entries.never.count == 2)
    }

    @Test func whatCouldNotBeSentIsForgotten() throws {
        #expect(try note("a@b", 1000))
        try SenderDatabase(path).forget(Array("a@b".utf8))
        #expect(try note("a@b", 1001))
        #expect(try text == "1000 a@b\n0 a@b\n1001 a@b\n")
    }

    @Test(arguments: ["1000 a@", "1000 a@b", "\n\nx\n5\n", "99999999999999999999 a@b\n", "never\n"])
    func tornAndOddLinesSayNothing(_ torn: String) throws {
        try directory.file("db", "500 x@y\n" + torn)
        #expect(try note("a@b", 1000))
        #expect(try !note("a@b", 1001))
        #expect(try !note("x@y", 501))
    }

    @Test func addressesStayOnTheirLine() throws {
        #expect(try note("\"a\nnever @b\"@c", 5))
        #expect(try text == "5 \"a?never @b\"@c\n")
    }

    @Test func anotherProgramsFileIsPutAside() throws {
        try directory.file("db", "a\0b")
        #expect(try note("a@b", 1000))
        #expect(try text == "1000 a@b\n")
        #expect(try directory.content("db.old") == Array("a\0b".utf8))
    }

    @Test func oldLinesAreThrownOut() throws {
        let database = SenderDatabase(path, compactSize: 1000)
        try database.exclude([Array("@never".utf8)])
        let now = Clock.now
        for number in 0..<200 {
            let past = now - 8 * 86400 + number
            #expect(try database.note(Array("s\(number)@x".utf8), now: past, interval: nil))
        }
        #expect(try directory.content("db").count < 1500)
        #expect(try database.note(Array("new@x".utf8), now: now, interval: nil))
        #expect(try !database.note(Array("new@x".utf8), now: now, interval: nil))
        #expect(try !database.note(Array("a@never".utf8), now: now, interval: nil))
    }

    @Test func aLinkIsNotFollowed() throws {
        try directory.file("target", "")
        try path.makeSymbolicLink(to: directory.path / "target")
        #expect(throws: SystemError.self) { try note("a@b", 1) }
        #expect(try directory.content("target").isEmpty)
    }
}

@Suite struct VacationCommandLineTests {
    @Test func optionsAndValues() throws {
        let options = try VacationOptions([
            "-a", "x", "-ay@z", "-jdz", "-f", "db", "-m", "text", "-r3", "-c", "c@d", "-R", "me@x",
            "ann",
        ])
        #expect(options.aliases == ["x", "y@z"] && options.answersAll && options.complainsHere)
        #expect(options.database == "db" && options.message == "text" && options.login == "ann")
        #expect(options.interval == .seconds(3 * 86400) && options.copies == ["c@d"])
        #expect(options.sender == "me@x" && options.mode == .answer)
        #expect(try VacationOptions(["-i"]).mode == .start)
        #expect(try VacationOptions(["-I", "-r", "infinite"]).interval == .forever)
    }

    @Test(
        arguments: [
            ("5", .seconds(432_000)), ("0", .seconds(0)), ("infinite", .forever),
            ("99999999999999999999", .forever),
            ("999999999999999999", .forever),
        ] as [(String, AnswerInterval)])
    func daysOrForEver(_ text: String, _ want: AnswerInterval) {
        #expect(AnswerInterval(days: text) == want)
    }

    @Test(
        arguments: [
            ("5s", .seconds(5)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
            ("1d", .seconds(86400)),
            ("2w", .seconds(1_209_600)), ("1", .seconds(86400)), ("xs", .forever), ("", .forever),
        ] as [(String, AnswerInterval)])
    func unitsOfSolaris(_ text: String, _ want: AnswerInterval) {
        #expect(AnswerInterval(withUnit: text) == want)
    }

    @Test(arguments: [[], ["-q"], ["-a"], ["ann", "bob"], ["-j"]])
    func aWrongLineIsRefused(_ words: [String]) {
        #expect(throws: VacationOptions.Refusal.usage) { try VacationOptions(words) }
    }
}
