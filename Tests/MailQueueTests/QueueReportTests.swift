import Testing

@testable import MailQueue

@Suite struct QueueReportTests {
    private func listing(
        _ queue: QueueDirectory, sender: String, _ recipients: [(String, String)]
    ) throws -> QueueListing {
        QueueListing(
            queue: queue, id: try #require(QueueID("58B1C221")), size: 268,
            arrival: 1_795_254_065, sender: Array(sender.utf8),
            recipients: recipients.map { .init(address: Array($0.0.utf8), reason: $0.1) })
    }

    @Test func `an empty queue says so`() {
        #expect(QueueReport(.table).end == "Mail queue is empty\n")
        #expect(QueueReport(.json).end == "")
    }

    @Test func `a message stands as in Postfix's table`() throws {
        var report = QueueReport(.table)
        let text = report.lines(
            for: try listing(
                .hold, sender: "",
                [("alice@x", "deferred transport"), ("bob@x", "deferred transport"), ("c@x", "")]))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------")
        #expect(lines[1].hasPrefix("58B1C221!       268 "))
        #expect(lines[1].hasSuffix("  MAILER-DAEMON"))
        #expect(lines[1].utf8.count == 41 + 13)
        #expect(lines[2] == String(repeating: " ", count: 58) + "(deferred transport)")
        #expect(lines[3] == String(repeating: " ", count: 41) + "alice@x")
        #expect(lines[4] == String(repeating: " ", count: 41) + "bob@x")
        #expect(lines[5] == String(repeating: " ", count: 41) + "c@x")
        #expect(lines[6...] == ["", ""])
        #expect(report.end == "-- 0 Kbytes in 1 Request.\n")
    }

    @Test func `what others wrote cannot move the terminal's cursor`() throws {
        var report = QueueReport(.table)
        let text = report.lines(
            for: try listing(.active, sender: "a\u{1B}[2Jb", [("x\ny", "r\u{7}")]))
        #expect(text.utf8.allSatisfy { $0 == 0x0A || $0 >= 0x20 })
        #expect(text.contains("58B1C221* "))
    }

    @Test func `JSON is Postfix's, with what must be escaped`() throws {
        var report = QueueReport(.json)
        let text = report.lines(
            for: try listing(.deferred, sender: "a\"b\\", [("x\n", "é"), ("y", "")]))
        #expect(
            text
                == "{\"queue_name\": \"deferred\", \"queue_id\": \"58B1C221\", "
                + "\"arrival_time\": 1795254065, \"message_size\": 268, "
                + "\"forced_expire\": false, \"sender\": \"a\\\"b\\\\\", \"recipients\": "
                + "[{\"address\": \"x\\u000A\", \"delay_reason\": \"é\"}, {\"address\": \"y\"}]}\n")
    }

    @Test(arguments: [
        (0, "0"), (4_999, "0"), (5_000, "0.01"), (70_000, "0.07"), (100_000, "0.1"),
        (154_000, "0.15"), (999_999, "1"), (1_040_000, "1"), (4_460_000, "4.5"),
        (9_990_000, "10"), (31_400_000, "31"), (45_500_000, "46"),
    ])
    func `delays have two significant digits`(_ microseconds: Int, _ text: String) {
        #expect(DeliveryMoments.text(microseconds) == text)
    }

    @Test func `the log line of a delivery is Postfix's`() throws {
        let start = ArrivalTime(seconds: 100)
        var moments = DeliveryMoments(
            arrival: start, activated: ArrivalTime(seconds: 145),
            handedOver: ArrivalTime(seconds: 145, microseconds: 70_000))
        moments.finished = ArrivalTime(seconds: 145, microseconds: 80_000)
        let outcome = Outcome(
            .sent, status: "2.0.0", text: "delivered to mailbox", relay: "local")
        let id = try #require(QueueID("AE2C81369"))
        let to = Array("alice@x".utf8)
        #expect(
            outcome.logLine(id, to: to, original: Array("alice".utf8), moments)
                == "AE2C81369: to=<alice@x>, orig_to=<alice>, relay=local, delay=45, "
                + "delays=45/0.07/0/0.01, dsn=2.0.0, status=sent (delivered to mailbox)")
        #expect(
            !outcome.logLine(id, to: to, original: Array("Alice@X".utf8), moments)
                .contains("orig_to"))
    }
}
