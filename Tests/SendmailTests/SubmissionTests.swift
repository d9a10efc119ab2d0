import Bytes
import LocalSubmission
import Posix
import TestSupport
import Testing

/// The built sendmail and postdrop, with a queue of their own.
private struct MailHost {
    let directory: TemporaryDirectory
    private let environment: [String]

    init(_ settings: String = "") throws {
        directory = try TemporaryDirectory()
        for name in ["maildrop", "public"] {
            try (directory.path / "queue" / name).makeDirectories()
        }
        try directory.file(
            "main.cf",
            "queue_directory = \(directory.path)/queue\nmail_owner = root\n\(settings)\n")
        environment = ["MAIL_CONFIG=\(directory.path)", "NAME=Some One", "PATH=/usr/bin:/bin"]
    }

    func run(
        _ program: String, _ arguments: [String], _ input: [UInt8]
    ) throws -> Program.Result {
        try Program.built(program).run(arguments, input: input, environment: environment)
    }

    /// The records of the only message in maildrop/; nil when there is none.
    func submission() throws -> [MaildropRecord]? {
        let names = try (directory.path / "queue/maildrop").list()
        guard let name = names.first else { return nil }
        #expect(names.count == 1)
        let path = directory.path / "queue/maildrop" / name
        #expect(try path.status().mode == MaildropFile.completeMode)
        var reader = MaildropReader(try FileDescriptor.open(path))
        var records: [MaildropRecord] = []
        while let record = try reader.next() { records.append(record) }
        try path.unlink()
        return records
    }
}

@Suite struct SubmissionTests {
    private let userName: String

    init() throws { userName = try User.withID(Rights.user)?.name ?? "\(Rights.user)" }

    @Test func recipientsOnTheLineTakeEveryFormThatPeopleWrite() throws {
        let host = try MailHost()
        let result = try host.run(
            "sendmail", ["-i", "alice,bob", "carol (remark)", "\"J. D.\" <j@d>"],
            Array("Subject: x\n\nbody\n.\nmore\n".utf8))
        #expect(result.ending == .exited(0), "\(result.errorText)")
        #expect(
            try host.submission() == [
                .sender(Array(userName.utf8)), .fullName(Array("Some One".utf8)),
                .recipient(Array("alice".utf8)), .recipient(Array("bob".utf8)),
                .recipient(Array("carol".utf8)), .recipient(Array("j@d".utf8)),
                .content(Array("Subject: x\n\nbody\n.\nmore\n".utf8)), .end,
            ])
    }

    @Test func theHeaderNamesTheRecipientsAndLosesItsBcc() throws {
        let host = try MailHost()
        let message =
            "To: a@b, \"C D\" <c@d>\nCc: g: x, y;\nBcc: hidden,\n deep@e\nSubject: t\n\nTo: z\n"
        let result = try host.run("sendmail", ["-t", "-f", "<>", "-F", "N"], Array(message.utf8))
        #expect(result.ending == .exited(0), "\(result.errorText)")
        #expect(
            try host.submission() == [
                .sender([]), .fullName(Array("N".utf8)), .recipient(Array("a@b".utf8)),
                .recipient(Array("c@d".utf8)), .recipient(Array("x".utf8)),
                .recipient(Array("y".utf8)), .recipient(Array("hidden".utf8)),
                .recipient(Array("deep@e".utf8)),
                .content(
                    Array("To: a@b, \"C D\" <c@d>\nCc: g: x, y;\nSubject: t\n\nTo: z\n".utf8)),
                .end,
            ])
    }

    @Test func resentRecipientsCountAlone() throws {
        let host = try MailHost()
        _ = try host.run(
            "sendmail", ["-t"], Array("Resent-To: r@s\nTo: a@b\nResent-Bcc: q@s\n\nx".utf8))
        let records = try #require(try host.submission())
        #expect(records.contains(.recipient(Array("r@s".utf8))))
        #expect(records.contains(.recipient(Array("q@s".utf8))))
        #expect(!records.contains(.recipient(Array("a@b".utf8))))
    }

    @Test func recipientsOnTheLineAreAddedToThoseOfTheHeader() throws {
        let host = try MailHost()
        let result = try host.run("sendmail", ["-t", "c"], Array("To: a\n\nx".utf8))
        #expect(result.ending == .exited(0), "\(result.errorText)")
        let records = try #require(try host.submission())
        #expect(records.contains(.recipient(Array("a".utf8))))
        #expect(records.contains(.recipient(Array("c".utf8))))
    }

    static let nobody: [(arguments: [String], want: String)] = [
        (["-t"], "No recipient addresses found in message header"),
        ([], "Recipient addresses must be specified on the command line or via the -t option"),
    ]

    @Test(arguments: nobody)
    func aMessageForNobodyIsRefused(_ row: (arguments: [String], want: String)) throws {
        let host = try MailHost()
        let result = try host.run(
            "sendmail", ["-f", "tech"] + row.arguments, Array("Subject: x\n\n".utf8))
        #expect(result.ending == .exited(75))
        #expect(result.errorText == "sendmail: fatal: tech(\(Rights.user)): \(row.want)\n")
        #expect(try host.submission() == nil)
    }

    @Test func octetsOfEveryValueArrive() throws {
        let host = try MailHost()
        let body = Array("\n".utf8) + (0...255).filter { $0 != 13 } + [10]
        _ = try host.run("sendmail", ["-i", "alice"], body)
        #expect(try host.submission()?.dropFirst(3).first == .content(body))
    }

    @Test func aMessageThatIsTooBigLeavesNothing() throws {
        let host = try MailHost("message_size_limit = 1000")
        let result = try host.run(
            "sendmail", ["alice"], [UInt8](repeating: UInt8(ascii: "x"), count: 2000))
        #expect(result.ending == .exited(69))
        #expect(result.errorText.contains("): message file too big\n"))
        #expect(try host.submission() == nil)
    }

    static let hostile: [[MaildropRecord]] = [
        [.sender([65]), .recipient(Array("a\nb".utf8)), .end], [.sender([65])], [.end],
        [.sender([65]), .attribute("client_address", [65]), .end],
        [.sender([65]), .content([65]), .recipient([65]), .end],
        [.sender([65]), .end, .content([65])],
    ]

    @Test(arguments: hostile)
    func postdropTakesNothingThatIsNotWholeAndClean(_ records: [MaildropRecord]) throws {
        let host = try MailHost()
        let result = try host.run("postdrop", [], records.flatMap(\.octets))
        #expect(result.ending == .exited(65))
        #expect(try host.submission() == nil)
    }

    @Test func postdropIsNotAskedForMoreThanSubmitting() throws {
        let host = try MailHost("authorized_submit_users = static:nobody")
        let result = try host.run("postdrop", ["-x"], [])
        #expect(result.ending == .exited(64))
    }
}
