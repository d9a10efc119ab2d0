import Bytes
import MailQueue
import Testing

@testable import Bounces

@Suite struct NoticeTests {
    private func settings(_ classes: [String]) -> BounceSettings {
        var settings = BounceSettings()
        settings.notifyClasses = classes
        settings.doubleBounceSender = "double-bounce"
        settings.bounceRecipient = "postmaster"
        settings.doubleBounceRecipient = "root"
        return settings
    }

    private func plan(_ sender: String, _ classes: [String] = ["resource", "software"])
        -> NoticePlan
    {
        NoticePlan(
            sender: Array(sender.utf8), settings: settings(classes), hostName: "mail.formatux.lan")
    }

    @Test func `a sender is told, from the null sender`() {
        #expect(
            plan("bob@x").notices
                == [Notice(audience: .sender, sender: [], recipient: Array("bob@x".utf8))])
    }

    @Test func `a notice that does not arrive makes none`() {
        #expect(plan("").notices.isEmpty)
        #expect(plan("", ["2bounce"]).notices.map(\.audience) == [.postmasterInstead])
        #expect(plan("", ["2bounce"]).notices.map(\.recipient) == [Array("root".utf8)])
        #expect(plan("Double-Bounce@mail.formatux.lan", ["2bounce", "bounce"]).notices.isEmpty)
        #expect(plan("double-bounce@mail.formatux.lan").isDiscarded)
    }

    @Test func `the postmaster gets a copy on demand`() {
        #expect(plan("bob@x", ["BOUNCE"]).notices.map(\.audience) == [.sender, .postmasterCopy])
    }

    private func text(_ failures: [BounceFailure], eightBit: Bool = false) throws -> String {
        let file = QueueFile(
            header: QueueFileHeader(
                contentOffset: 100, contentSize: 5, trailerSize: 0, loggedSize: 6, checksum: 0),
            envelope: Envelope(sender: Array("bob@x".utf8), arrival: ArrivalTime(seconds: 0)),
            outcomes: Outcomes(recipients: 0, end: 105))
        let request = BounceRequest(
            queueID: try #require(QueueID("ABC123")), file: file, failures: failures)
        let text = NoticeText(
            notice: Notice(audience: .sender, sender: [], recipient: Array("bob@x".utf8)),
            request: request, hostName: "mail.x", origin: "x", id: try #require(QueueID("DEF456")),
            now: 5, isWhole: true, isEightBit: eightBit)
        return String(decoding: text.opening + text.closing, as: UTF8.self)
    }

    private func failure(_ address: String, _ original: String, _ text: String) -> BounceFailure {
        BounceFailure(
            address: Array(address.utf8), original: Array(original.utf8),
            outcome: Outcome(
                .bounced, status: "5.1.1", text: text, remoteHost: "mx.y",
                diagnostic: "smtp; 550 no"))
    }

    @Test func `names each recipient, the reason and what the other side said`() throws {
        let text = try text([
            failure("nosuch@x", "nosuch", "unknown user: \"nosuch\""),
            failure(
                "z@y", "Z@Y",
                "host mx.y[192.0.2.1] said: 550 5.1.1 no such person here (in reply to RCPT TO command)"
            ),
        ])
        for line in [
            "From: Mail Delivery System <MAILER-DAEMON@x>", "To: bob@x",
            "Subject: Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied",
            "<nosuch@x> (expanded from <nosuch>): unknown user: \"nosuch\"",
            "    RCPT TO command)", "Final-Recipient: rfc822; nosuch@x",
            "Original-Recipient: rfc822;nosuch@x", "Action: failed", "Status: 5.1.1",
            "Remote-MTA: dns; mx.y", "Diagnostic-Code: smtp; 550 no", "Return-Path: <bob@x>",
            "X-Postfix-Queue-ID: ABC123", "--ABC123.5/mail.x--",
        ] { #expect(text.contains("\(line)\n"), "\(line)") }
        #expect(!text.contains("<z@y> (expanded"))
        #expect(text.utf8.split(separator: 0x0A).allSatisfy { $0.count <= 80 })
    }

    @Test func `what others said begins neither a line nor a part`() throws {
        let text = try text([
            failure("a\n--ABC123.5/mail.x\nb@x", "é", "said:\r\n.\r\n--ABC123.5/mail.x--\u{1B}[2J")
        ])
        #expect(text.components(of: "\n--ABC123.5/mail.x\n") == 4)
        #expect(text.components(of: "\n--ABC123.5/mail.x--\n") == 2)
        #expect(text.utf8.allSatisfy { $0 == 0x0A || $0 == 0x09 || $0.isPrintable })
    }

    @Test func `octets beyond ASCII are announced`() throws {
        #expect(try !text([]).contains("8bit"))
        #expect(try text([], eightBit: true).contains("Content-Transfer-Encoding: 8bit\n"))
    }
}

extension String {
    /// How many pieces `separator` cuts the text into.
    fileprivate func components(of separator: String) -> Int {
        var count = 1
        var rest = Array(utf8)[...]
        let wanted = Array(separator.utf8)
        while rest.count >= wanted.count {
            if rest.starts(with: wanted) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
