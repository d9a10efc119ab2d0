import Bytes
import Posix
import TestSupport
import Testing

@testable import Maildir

/// The text of `maildirsize`: limits, sum, and what makes a count necessary.
@Suite struct QuotaTextTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        /// Octet limit, message limit, octets, messages; nil limits are -1.
        let want: [Int]
        let isDamaged: Bool
        var testDescription: String { text.debugDescription }
        init(_ text: String, _ want: [Int], damaged: Bool = false) {
            (self.text, self.want, isDamaged) = (text, want, damaged)
        }
    }

    @Test(arguments: [
        Case("1000S,10C\n", [1000, 10, 0, 0]), Case("10C,1000S\n5 1\n", [1000, 10, 5, 1]),
        Case("1000S\n5 1\n-3 -1\n7 2\n", [1000, -1, 9, 2]),
        Case("10C\n          51          1\n", [-1, 10, 51, 1]),
        Case("0S,10C\n", [-1, 10, 0, 0]), Case("1000S,7X\n1 1\n", [1000, -1, 1, 1]),
        Case("1000S", [1000, -1, 0, 0], damaged: true),
        Case("1000S\n5 1\n5 1", [1000, -1, 5, 1], damaged: true),
        Case("1000S\n5\n", [1000, -1, 0, 0], damaged: true),
        Case("1000S\n5 1 2\n", [1000, -1, 0, 0], damaged: true),
        Case("1000S\nx y\n", [1000, -1, 0, 0], damaged: true),
        Case("1000S\n-5 -1\n", [1000, -1, -5, -1], damaged: true),
        Case("1000S\n--5 1\n", [1000, -1, 0, 0], damaged: true),
        Case(
            "1000S\n9223372036854775807 1\n1 1\n", [1000, -1, .min, 2], damaged: true),
        Case("1000S\n9223372036854775808 1\n", [1000, -1, 0, 0], damaged: true),
    ])
    func reads(_ c: Case) throws {
        let text = try #require(QuotaText(parsing: Array(c.text)))
        #expect(
            [text.octetLimit ?? -1, text.messageLimit ?? -1, text.octets, text.messages] == c.want)
        #expect(text.isDamaged == c.isDamaged)
    }

    @Test(arguments: ["", "\n", "x\n", "0S\n", "S\n", "1000\n", "-1S\n", "NOQUOTA\n5 1\n"])
    func aFirstLineWithoutALimitIsNoQuota(text: String) {
        #expect(QuotaText(parsing: Array(text)) == nil)
    }

    @Test(arguments: [
        ("100S\n90 1\n", 10, 1, false), ("100S\n90 1\n", 11, 1, true),
        ("100S\n90 1\n", Int.max, 1, true), ("2C\n90 1\n", 1000, 1, false),
        ("2C\n90 1\n", 0, 2, true), ("100S\n9223372036854775807 1\n", 1, 1, true),
        ("100S,2C\n0 2\n", 1, 1, true),
    ])
    func saysWhatIsTooMuch(text: String, octets: Int, messages: Int, isExceeded: Bool) throws {
        let text = try #require(QuotaText(parsing: Array(text)))
        #expect(text.isExceeded(octets: octets, messages: messages) == isExceeded)
    }
}

/// The file beside a Maildir with a folder and letters.
@Suite struct MaildirQuotaTests {
    private let directory: TemporaryDirectory
    private let path: Path

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path / "Maildir"
        _ = try Maildir.openOrCreate(path)
        _ = try Maildir.openOrCreate(path / ".Sub")
        try directory.file("Maildir/new/1.a", "12345")
        try directory.file("Maildir/cur/2.a:2,T", "1234567")
        try directory.file("Maildir/.Sub/cur/3.a,S=1000,W=1010:2,S", "short")
        try directory.file("Maildir/tmp/4.a", "never counted")
        try directory.file("Maildir/cur/.hidden", "never counted")
    }

    private var text: String {
        get throws { String(decoding: try directory.content("Maildir/maildirsize"), as: UTF8.self) }
    }

    /// Makes the file, `age` seconds old.
    private func quota(_ text: String, age: Int = 0) throws {
        let file = try directory.file("Maildir/maildirsize", text)
        let time = FileTime(seconds: Clock.now - age)
        try FileDescriptor.open(file, .readWrite).setTimes(accessed: time, modified: time)
    }

    private func isFull(_ octets: Int, at path: Path? = nil) throws -> Bool {
        do throws(SystemError) {
            try MaildirQuota(governing: path ?? self.path)?.check(adding: octets)
            return false
        } catch {
            guard error.code == SystemError.overQuota else { throw error }
            return true
        }
    }

    @Test func withoutAFileThereIsNoQuota() throws {
        #expect(try MaildirQuota(governing: path) == nil)
        #expect(try !isFull(.max))
    }

    @Test func aFileThatSaysThereIsRoomIsBelieved() throws {
        try quota("2000S\n50 1\n")
        #expect(try !isFull(1950))
        #expect(try text == "2000S\n50 1\n")
    }

    @Test func aYoungCountThatSaysThereIsNoRoomIsBelieved() throws {
        try quota("2000S\n1999 1\n")
        #expect(try isFull(2))
        #expect(try text == "2000S\n1999 1\n")
    }

    @Test(arguments: [
        ("2000S,9C\n1500 1\n499 1\n", 0), ("2000S,9C\n1999 1\n", 901), ("2000S,9C\n", 0),
        ("2000S,9C\n-7 -1\n", 0), ("2000S,9C\n1 1", 0), ("2000S,9C\nx\n", 0),
        ("2000S,9C\n" + String(repeating: "1 0\n", count: 1300), 0),
    ])
    func whatMayBeWrongIsCounted(text: String, age: Int) throws {
        try quota(text, age: age)
        #expect(try !isFull(988))
        // A message marked for deletion counts, what is in tmp/ does not.
        #expect(try self.text == "2000S,9C\n1012 3\n")
        #expect(try isFull(989))
        #expect(try (path / "tmp").list() == ["4.a"])
    }

    @Test func aFolderIsGovernedByItsMaildir() throws {
        try quota("2000S\n1999 1\n")
        #expect(try isFull(2, at: path / ".Sub"))
        #expect(try isFull(2, at: path / ".NotThereYet"))
        #expect(try !isFull(2, at: directory.path / "Other"))
        // A Maildir with a dot in its name that lies in no other.
        _ = try Maildir.openOrCreate(directory.path / ".maildir")
        try directory.file(".maildir/maildirsize", "1S\n1 1\n")
        #expect(try isFull(1, at: directory.path / ".maildir"))
    }

    @Test func aDeliveryIsCheckedAndWrittenDown() throws {
        try quota("2000S\n1000 3\n")
        let source = try FileDescriptor.open(directory.file("source", "Subject: a\n\nb\n"))
        var names = UniqueNames()
        let folder = try Maildir.open(path / ".Sub")
        _ = try folder.deliver(
            prefix: Array("A: b\n"), content: source, at: 0, count: 14, names: &names)
        #expect(try text == "2000S\n1000 3\n19 1\n")
        try quota("2000S\n1982 3\n")
        do throws(SystemError) {
            _ = try folder.deliver(
                prefix: Array("A: b\n"), content: source, at: 0, count: 14, names: &names)
            Issue.record("delivered")
        } catch { #expect(error.code == SystemError.overQuota) }
        #expect(try text == "2000S\n1982 3\n")
        #expect(try (path / ".Sub/new").list().count == 1)
        #expect(try (path / ".Sub/tmp").list().isEmpty)
    }

    @Test func whatIsNotAFileIsNoQuota() throws {
        try (path / "maildirsize").makeFIFO(mode: 0o600)
        #expect(try MaildirQuota(governing: path) == nil)
    }

    @Test func aNewFolderIsMarked() throws {
        _ = try Maildir.openOrCreate(path / ".New")
        #expect(try (path / ".New/maildirfolder").statusIfPresent() != nil)
        #expect(try (path / "maildirfolder").statusIfPresent() == nil)
        _ = try Maildir.openOrCreate(directory.path / ".maildir")
        #expect(try (directory.path / ".maildir/maildirfolder").statusIfPresent() == nil)
    }

    @Test func onlyAnEmptyFolderIsTakenBack() throws {
        _ = try Maildir.openOrCreate(path / ".New")
        Maildir.removeIfEmpty(path / ".New")
        #expect(try (path / ".New").statusIfPresent() == nil)
        Maildir.removeIfEmpty(path)
        #expect(try directory.content("Maildir/new/1.a") == Array("12345"))
        #expect(try directory.content("Maildir/cur/2.a:2,T") == Array("1234567"))
    }
}
