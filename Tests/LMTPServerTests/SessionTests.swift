import Bytes
import DeliveryMonitor
import SMTPGrammar
import Testing

@testable import LMTPServer

/// What each command is answered, in tables: the commands before, the command, the code and status.
@Suite struct SessionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let before: [String]
        let command: String
        let code: Int
        let status: String
        var testDescription: String { (before + [command]).joined(separator: " / ") }

        init(_ before: [String], _ command: String, _ code: Int, _ status: String) {
            (self.before, self.command, self.code, self.status) = (before, command, code, status)
        }

        init(_ command: String, _ code: Int, _ status: String) {
            self.init([], command, code, status)
        }
    }

    private static let hello = ["LHLO x"]
    private static let mail = hello + ["MAIL FROM:<a@b.example>"]
    private static let rcpt = mail + ["RCPT TO:<alice@b.example>"]

    /// A session that has taken `commands`; every recipient exists but those called `nobody`.
    private func session(_ commands: [String], errorLimit: Int = 20) -> Session {
        var rules = Session.Rules(hostName: "mail.example", sizeLimit: 1000)
        rules.recipientLimit = 2
        rules.errorLimit = errorLimit
        var session = Session(rules)
        for command in commands { _ = reply(&session, command) }
        return session
    }

    private func reply(_ session: inout Session, _ command: String) -> Reply {
        let step = session.handle(Array(command.utf8))
        guard case .ask(let address) = step.action else { return step.reply }
        let isKnown = address.localPart != Array("nobody".utf8)
        return session.finishRecipient(
            address, isKnown ? .accepted : .failed(status: "5.1.1", text: "none"))
    }

    @Test(arguments: [
        Case("HELO x", 500, "5.5.1"), Case("EHLO x", 500, "5.5.1"), Case("lhlo x", 250, ""),
        Case("LHLO", 501, "5.5.4"), Case("MAIL FROM:<a@b>", 503, "5.5.1"),
        Case("RCPT TO:<a@b>", 503, "5.5.1"), Case("DATA", 503, "5.5.1"),
        Case("NOOP", 250, "2.0.0"), Case("RSET", 250, "2.0.0"), Case("RSET x", 501, "5.5.4"),
        Case("VRFY alice", 252, "2.5.0"), Case("VRFY", 501, "5.5.4"), Case("QUIT", 221, "2.0.0"),
        Case("BDAT 5 LAST", 521, "5.5.1"), Case("", 500, "5.5.2"), Case("FOO", 500, "5.5.2"),
        Case("STARTTLS", 500, "5.5.2"), Case(hello, "HELO x", 500, "5.5.1"),
        Case(["RSET"], "MAIL FROM:<a@b>", 503, "5.5.1"),
    ])
    func answersWhatNeedsNoLetter(_ c: Case) { check(c) }

    @Test(arguments: [
        Case(hello, "MAIL FROM:<>", 250, "2.1.0"),
        Case(hello, "MAIL FROM:<a@b> SIZE=1000 BODY=8BITMIME", 250, "2.1.0"),
        Case(hello, "MAIL FROM:<a@b> SIZE=1001", 552, "5.3.4"),
        Case(hello, "MAIL FROM:<a@b> SIZE=99999999999999999999", 552, "5.3.4"),
        Case(hello, "MAIL FROM:<a@b> SIZE=x", 501, "5.5.4"),
        Case(hello, "MAIL FROM:<a@b> RET=HDRS", 501, "5.7.1"),
        Case(hello, "MAIL FROM:<a@b> SMTPUTF8", 555, "5.5.4"),
        Case(hello, "MAIL FROM:a@b", 501, "5.1.7"), Case(hello, "MAIL FROM:<a@b", 501, "5.1.7"),
        Case(hello, "MAIL FROM:<a@b, c@d>", 501, "5.1.7"),
        Case(hello, "MAIL FROM:<Name <a@b>>", 501, "5.1.7"), Case(hello, "MAIL", 501, "5.5.4"),
        Case(hello, "MAIL FROM:<a\u{1}@b>", 501, "5.1.7"),
        Case(mail, "MAIL FROM:<a@b>", 503, "5.5.1"), Case(mail, "DATA", 503, "5.5.1"),
        Case(mail, "RCPT TO:<alice>", 250, "2.1.5"),
        Case(mail, "RCPT TO:<\"alice b\"@c>", 250, "2.1.5"),
        Case(mail, "RCPT TO:<@x,@y:alice@c>", 250, "2.1.5"),
        Case(mail, "RCPT TO:<>", 501, "5.1.3"), Case(mail, "RCPT TO:<a b@c>", 501, "5.1.3"),
        Case(mail, "RCPT", 501, "5.5.4"), Case(mail, "RCPT TO:<a@b> NOTIFY=NEVER", 501, "5.7.1"),
        Case(mail, "RCPT TO:<nobody@b>", 550, "5.1.1"),
        Case(mail + ["RCPT TO:<nobody@b>"], "DATA", 503, "5.5.1"),
        Case(rcpt + ["RCPT TO:<bob>"], "RCPT TO:<carl>", 452, "4.5.3"),
        Case(rcpt, "DATA", 354, ""), Case(rcpt, "DATA x", 501, "5.5.4"),
        Case(rcpt + ["RSET"], "DATA", 503, "5.5.1"), Case(rcpt + ["LHLO y"], "DATA", 503, "5.5.1"),
    ])
    func answersWhatMakesALetter(_ c: Case) { check(c) }

    private func check(_ c: Case) {
        var session = session(c.before)
        let reply = reply(&session, c.command)
        #expect(reply.code == c.code && reply.status == c.status, "\(reply.text)")
    }

    @Test func announcesWhatItCanDo() {
        var session = session([])
        #expect(
            session.handle(Array("LHLO x".utf8)).reply.lines == [
                "mail.example", "PIPELINING", "SIZE 1000", "ENHANCEDSTATUSCODES", "8BITMIME",
            ])
    }

    @Test func keepsTheRecipientsThatExistInTheirOrder() throws {
        var session = session(Self.rcpt + ["RCPT TO:<nobody>", "RCPT TO:<\"a b\">"])
        guard case .readContent(let letter) = session.handle(Array("DATA".utf8)).action else {
            Issue.record("no content is read")
            return
        }
        #expect(letter.sender == Array("a@b.example".utf8))
        #expect(letter.recipients == [Array("alice@b.example".utf8), Array("\"a b\"".utf8)])
    }

    @Test func endsAfterTooManyErrorsAndForgivesThemForALetter() {
        #expect(session(Array(repeating: "FOO", count: 3), errorLimit: 3).hasTooManyErrors)
        #expect(!session(Array(repeating: "FOO", count: 2), errorLimit: 3).hasTooManyErrors)
        var forgiven = session(Array(repeating: "FOO", count: 3), errorLimit: 3)
        forgiven.finishContent()
        #expect(!forgiven.hasTooManyErrors)
    }

    @Test(arguments: [
        ("4.2.2", 452), ("4.3.1", 452), ("4.3.0", 451), ("5.1.1", 550), ("5.2.2", 552),
        ("5.3.4", 552), ("5.2.0", 550),
    ])
    func everyStatusHasItsCode(status: String, code: Int) {
        let reply = DeliveryAnswer.failed(status: status, text: "x").reply(about: [0x61])
        #expect(reply.code == code && reply.status == status && reply.lines == ["<a> x"])
    }
}
