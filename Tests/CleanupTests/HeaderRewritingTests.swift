import Bytes
import MailQueue
import Rewriting
import Testing

@testable import Cleanup

/// Headers of local mail on a host `mail.formatux.lan`, as Postfix 3.7.11 completes them.
@Suite struct HeaderRewritingTests {
    struct Case: Sendable {
        let header: String
        let completed: String
        init(_ header: String, _ completed: String) {
            self.header = header
            self.completed = completed
        }
    }

    @Test(arguments: forms)
    func completesAddressesAsPostfixDoes(_ form: Case) throws {
        let rewriter = Rewriter(.init(origin: Array("mail.formatux.lan".utf8), domain: []))
        let rewriting = HeaderRewriting(rewriter: rewriter, context: .local)
        let field = try #require(HeaderField(Array((form.header + "\n").utf8)))
        #expect(String(latin1: rewriting.complete(field)) == form.completed + "\n")
    }

    static let forms: [Case] = [
        Case("To: alice", "To: alice@mail.formatux.lan"),
        Case("To: alice, bob", "To: alice@mail.formatux.lan, bob@mail.formatux.lan"),
        Case("To: alice bob", "To: alice@mail.formatux.lan, bob@mail.formatux.lan"),
        Case("To: Alice Liddell <alice>", "To: Alice Liddell <alice@mail.formatux.lan>"),
        Case(
            "To: \"Alice, L.\" <alice>, bob@x.y",
            "To: \"Alice, L.\" <alice@mail.formatux.lan>, bob@x.y"),
        Case("To: alice (Alice Liddell)", "To: alice@mail.formatux.lan (Alice Liddell)"),
        Case(
            "To: friends: alice, bob;",
            "To: friends: alice@mail.formatux.lan, bob@mail.formatux.lan;"),
        Case("To: undisclosed-recipients:;", "To: undisclosed-recipients:;"),
        Case("To: <alice>", "To: <alice@mail.formatux.lan>"),
        Case("To: <>", "To: <>"),
        Case("To: a@b, c@d", "To: a@b, c@d"),
        Case("To:", "To:"),
        Case("To: joe%x.y", "To: joe@x.y"),
        Case("To: x!y", "To: y@x"),
        Case("To: \"john doe\"", "To: \"john doe\"@mail.formatux.lan"),
        Case("To: @a,@b:c@d", "To: \"\"@a, c@d"),
        Case(
            "To: alice,alice,alice,alice,alice,alice",
            "To: alice@mail.formatux.lan, alice@mail.formatux.lan,\n\talice@mail.formatux.lan, alice@mail.formatux.lan,\n\talice@mail.formatux.lan, alice@mail.formatux.lan"
        ),
        Case(
            "To: very.long.user.name.number.one, very.long.user.name.number.two, x",
            "To: very.long.user.name.number.one@mail.formatux.lan,\n\tvery.long.user.name.number.two@mail.formatux.lan, x@mail.formatux.lan"
        ),
        Case("Cc: alice,\n  bob", "Cc: alice@mail.formatux.lan, bob@mail.formatux.lan"),
        Case("Reply-To: a@b (c) , d", "Reply-To: a@b (c), d@mail.formatux.lan"),
        Case("To: =?utf-8?q?J=C3=A9?= <jo>", "To: =?utf-8?q?J=C3=A9?= <jo@mail.formatux.lan>"),
        Case("To: caf'e@x.y; bob", "To: caf'e@x.y;, bob@mail.formatux.lan"),
        Case("To: alice@[1.2.3.4], bob@host.", "To: alice@[1.2.3.4], bob@host"),
    ]

    /// The headers that are added to a message with these.
    static func added(
        _ headers: [String], sender: String, fullName: String = "", completes: Bool = true
    ) throws -> [String] {
        let id = try #require(QueueID("1587D234"))
        let envelope = Envelope(
            sender: Array(sender.utf8), arrival: ArrivalTime(seconds: 1_206_544_262))
        var missing = MissingHeaders(
            queueID: id, hostName: "h.x", created: 1_206_544_262, envelope: envelope,
            fullName: Array(fullName.utf8))
        for header in headers {
            missing.note(try #require(HeaderField(Array((header + "\n").utf8))))
        }
        let text = String(latin1: missing.missing(completes: completes, always: false))
        return text.split(separator: "\n").map { line in
            line.contains("Date: ") ? String(line.prefix { $0 != " " }) : String(line)
        }
    }

    @Test func addsWhatIsMissing() throws {
        #expect(
            try Self.added(["Subject: x"], sender: "a@b") == [
                "Message-Id: <20080326151102.1587D234@h.x>", "Date:", "From: a@b",
            ])
        #expect(try Self.added(["date: x", "MESSAGE-ID: <a>", "From: x"], sender: "a@b").isEmpty)
        #expect(
            try Self.added(["Resent-To: x", "From: y"], sender: "") == [
                "Resent-Message-Id: <20080326151102.1587D234@h.x>", "Resent-Date:",
                "Resent-From: MAILER-DAEMON",
            ])
        #expect(try Self.added([], sender: "a@b", completes: false).isEmpty)
    }

    @Test func namesALocalSender() throws {
        let head = ["Date: x", "Message-Id: <a>"]
        #expect(
            try Self.added(head, sender: "a@b", fullName: "Alice Liddell") == [
                "From: Alice Liddell <a@b>"
            ])
        #expect(
            try Self.added(head, sender: "a@b", fullName: "A. \"L\"\n") == [
                "From: \"A. \\\"L\\\"\" <a@b>"
            ])
    }
}
