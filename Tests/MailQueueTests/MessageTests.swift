import Bytes
import Posix
import Services
import TestSupport
import Testing

@testable import MailQueue

@Suite struct MessageTests {
    static let id = QueueID(microseconds: 3, inode: 77)
    static let outcome = Outcome(
        .deferred, status: "4.2.0", text: "é", relay: "local", remoteHost: "h", diagnostic: "d")
    static let time = ArrivalTime(seconds: 9, microseconds: 999_999)

    static let submissions: [SubmissionMessage] = [
        .sender([0, 255], .forward, time), .attribute(Attribute("a", [1])),
        .recipient(QueueRecipient([1], original: [2])), .content([0x0A]), .end, .queueID(id),
        .status(.queued), .status(.refused(status: "5.7.1", text: "no")),
        .status(.deferred(status: "4.7.1", text: "later")), .status(.tooBig),
        .status(.tooManyHops), .status(.noRecipients), .status(.writeError), .status(.malformed),
    ]
    static let deliveries: [DeliveryMessage] = [
        .request(
            DeliveryRequest(
                queueID: id, sender: [], nexthop: [1],
                recipients: [DeliveryRecipient(index: 4, address: [1], original: [2])],
                contentOffset: 5, contentSize: 6, arrival: time, activated: time,
                attributes: [Attribute("a", [])])),
        .result(DeliveryResult(recipient: 3, outcome: outcome)),
        .unreachable(status: "4.4.1", text: "x"), .done,
    ]
    static let listings: [ShowqMessage] = [
        .message(QueueListing(queue: .hold, id: id, size: 1, arrival: 2, sender: [3])),
        .recipient(.init(address: [1], reason: "r")), .end,
    ]

    @Test func `what is said is heard, and nothing less or more`() throws {
        for message in Self.submissions { try check(message) }
        for message in Self.deliveries { try check(message) }
        for message in Self.listings { try check(message) }
        try check(BounceMessage.handled)
        try check(BounceMessage.failed("x"))
        try check(BounceMessage.request(try request()))
    }

    private func request() throws -> BounceRequest {
        let file = QueueFile(
            header: QueueFileHeader(
                contentOffset: 100, contentSize: 5, trailerSize: 0, loggedSize: 6, checksum: 0),
            envelope: Envelope(sender: [1], arrival: Self.time, attributes: [Attribute("a", [])]),
            outcomes: Outcomes(recipients: 0, end: 105))
        return BounceRequest(
            queueID: Self.id, file: file,
            failures: [BounceFailure(address: [1], original: [2], outcome: Self.outcome)])
    }

    private func check<Message: FramedMessage & Equatable>(_ message: Message) throws {
        var writer = FieldWriter()
        message.encode(into: &writer)
        var reader = FieldReader(writer.bytes)
        #expect(try Message(kind: message.kind, from: &reader) == message)
        try reader.finish()
        for length in 0..<writer.bytes.count {
            var cut = FieldReader(writer.bytes[..<length])
            #expect(throws: MalformedFrame.self) { try Message(kind: message.kind, from: &cut) }
        }
        var empty = FieldReader([])
        #expect(throws: MalformedFrame.self) { try Message(kind: 200, from: &empty) }
    }

    @Test func `a submission goes to cleanup and its status comes back`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path / "cleanup"
        let listener = try Socket.listen(on: .local(path)).release()
        inBackground { Self.cleanup(listener, answering: .queued, after: .max) }
        let client = try SubmissionClient(
            to: path, sender: [1], origin: .local, patience: 10)
        #expect(client.queueID == Self.id)
        client.attribute("a", [1])
        client.recipient(QueueRecipient([2]))
        client.content([UInt8](repeating: 0x78, count: 300_000))
        #expect(client.finish() == .queued)
    }

    @Test func `a cleanup that gives up early is understood`() throws {
        Signal.ignoreWriteSignals()
        let directory = try TemporaryDirectory()
        let path = directory.path / "cleanup"
        let listener = try Socket.listen(on: .local(path)).release()
        inBackground { Self.cleanup(listener, answering: .writeError, after: 2) }
        let client = try SubmissionClient(
            to: path, sender: [1], origin: .local, patience: 10)
        for _ in 0..<100 { client.content([UInt8](repeating: 0x78, count: 65_536)) }
        #expect(client.finish() == .writeError)
        #expect(client.hasFailed)
    }

    /// A cleanup that takes `limit` messages, then answers and leaves.
    private static func cleanup(
        _ listener: Int32, answering status: SubmissionStatus, after limit: Int
    ) {
        do {
            let socket = FileDescriptor(adopting: listener)
            guard let connection = try Socket.accept(socket) else { return }
            let channel = try Channel(connection)
            channel.deadline = .after(seconds: 10)
            let receiver = try SubmissionReceiver(channel, queueID: Self.id)
            for _ in 0..<limit { if try receiver.next() == .end { break } }
            try receiver.answer(status)
        } catch { Issue.record("\(error)") }
    }
}
