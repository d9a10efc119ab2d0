import Bytes
import Posix
import TestSupport
import Testing

@testable import MailQueue

@Suite struct QueueFileTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try QueueDirectories.create(at: directory.path, owner: nil, dropGroup: nil)
    }

    static let envelope = Envelope(
        sender: Array("bob@formatux.lan".utf8),
        recipients: [
            QueueRecipient(Array("alice@formatux.lan".utf8), original: Array("alice".utf8)),
            QueueRecipient(Array("a\nR1:x\0é@formatux.lan".utf8)), QueueRecipient([]),
        ],
        arrival: ArrivalTime(seconds: 1_795_254_065, microseconds: 7),
        attributes: [
            Attribute(Attribute.clientName, Array("localhost".utf8)),
            Attribute("empty", []), Attribute("sign", Array("a=b".utf8)),
        ])
    static let content = Array("Subject: x\n\nbody\nR5:alice\n".utf8)

    func queued(
        _ envelope: Envelope = envelope, _ content: [UInt8] = content,
        trailer: [QueueRecipient] = []
    ) throws -> Path {
        let writer = try QueueFileWriter(in: directory.path)
        try writer.begin(envelope)
        try writer.append(content)
        try writer.finish(
            attributes: trailer.isEmpty ? [] : [Attribute("late", Array("1".utf8))],
            recipients: trailer)
        return directory.path / QueueDirectory.incoming.file(writer.id)
    }

    @Test func `reads what was written`() throws {
        let path = try queued()
        let file = try QueueFile.read(inQueueAt: path)
        #expect(file.envelope == Self.envelope)
        #expect(file.header.contentSize == Self.content.count)
        let bytes = try FileDescriptor.open(path).readAll(limit: 1 << 20)
        #expect(Array(bytes[file.header.contentOffset...]) == Self.content)
        #expect(file.outcomes.standings == [.pending(nil), .pending(nil), .pending(nil)])
        #expect(try path.status().mode == 0o600)
        #expect(
            path.name.description.dropFirst(5)
                == Substring(
                    String(try path.status().inode, radix: 16, uppercase: true)))
    }

    @Test func `what is learnt late stands behind the content`() throws {
        let late = QueueRecipient(Array("late@formatux.lan".utf8), original: Array("l".utf8))
        let file = try QueueFile.read(inQueueAt: try queued(trailer: [late]))
        #expect(file.envelope.recipients == Self.envelope.recipients + [late])
        #expect(file.envelope.attribute("late") == Array("1".utf8))
        #expect(file.header.trailerSize > 0)
    }

    @Test(arguments: [0, 1, 131_000, 131_072, 400_000])
    func `content of any size is contiguous`(_ size: Int) throws {
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = try queued(Self.envelope, content)
        let file = try QueueFile.read(inQueueAt: path)
        let whole = try FileDescriptor.open(path).readAll(limit: 1 << 20)
        #expect(Array(whole[file.header.contentOffset...]) == content)
    }

    @Test func `a writer that is given up or dropped leaves nothing`() throws {
        do {
            let dropped = try QueueFileWriter(in: directory.path)
            try dropped.begin(Self.envelope)
            #expect(try (directory.path / "incoming/tmp").list().count == 1)
        }
        let aborted = try QueueFileWriter(in: directory.path)
        try aborted.begin(Self.envelope)
        aborted.abort()
        #expect(try (directory.path / "incoming/tmp").list().isEmpty)
        #expect(try (directory.path / "incoming").list() == ["tmp"])
    }

    @Test func `a file cut at any octet is damaged`() throws {
        let bytes = try FileDescriptor.open(try queued()).readAll(limit: 1 << 20)
        for length in 0..<bytes.count {
            try expectDamaged(Array(bytes[..<length]), "cut at \(length)")
        }
    }

    @Test func `a changed octet before the content is found`() throws {
        let path = try queued()
        let offset = try QueueFile.read(inQueueAt: path).header.contentOffset
        let bytes = try FileDescriptor.open(path).readAll(limit: 1 << 20)
        for place in 0..<offset {
            // The figure of the size in the log guards nothing.
            if (42..<57).contains(place) { continue }
            var changed = bytes
            changed[place] ^= 0x01
            try expectDamaged(changed, "changed at \(place)")
        }
    }

    /// Records with a right checksum that no writer makes.
    @Test(arguments: [
        "", "S0:\n", "T12:1.000001\n", "S0:\nT8:1.000001\nS0:\n", "S0:\nT8:1.000001\nT8:1.000001\n",
        "S0:\nT7:1.00001\n", "S0:\nT8:1,000001\n", "S0:\nT8:1.000001\nR5:alic\n",
        "S0:\nT8:1.000001\nR99999999999999999999:a\n", "S0:\nT8:1.000001\nR-1:a\n",
        "S0:\nT8:1.000001\nR65537:a\n", "S0:\nT8:1.000001\nR:a\n", "S0:\nT8:1.000001\nR1 :a\n",
        "S0:\nT8:1.000001\nA1:=\n", "S0:\nT8:1.000001\nA3:a b\n", "S0:\nT8:1.000001\nO1:a\n",
        "S0:\nT8:1.000001\nO1:a\nO1:b\nR1:c\n", "S0:\nT8:1.000001\nX1:a\n",
        "S0:\nT8:1.000001\nR1:a", "S0:\nT8:1.000001\n\n",
    ])
    func `records that no writer makes are damaged`(_ records: String) throws {
        try expectDamaged(Self.file(records: Array(records.utf8)), records)
    }

    @Test func `hostile figures in the first line are damaged, and harmless`() throws {
        let good = "S0:\nT8:1.000001\n"
        var bytes = Self.file(records: Array(good.utf8))
        for (place, count) in [(4, 10), (15, 15), (31, 10)] {
            let kept = bytes
            bytes.replaceSubrange(
                place..<place + count, with: [UInt8](repeating: 0x39, count: count))
            try expectDamaged(bytes, "figure at \(place)")
            bytes = kept
        }
        try expectDamaged([UInt8](repeating: 0, count: 4096), "zeros")
        try expectDamaged(Array("From bob Sat Nov 21\n".utf8), "a mailbox")
    }

    @Test func `more recipients than anybody holds are damaged`() throws {
        let records =
            Array("S0:\nT8:1.000001\n".utf8)
            + (0...Envelope.recipientLimit).flatMap { _ in Array("R1:a\n".utf8) }
        try expectDamaged(Self.file(records: records), "recipients")
    }

    private static func file(records: [UInt8]) -> [UInt8] {
        let header = QueueFileHeader(
            contentOffset: QueueFileHeader.length + records.count + 1, contentSize: 0,
            trailerSize: 0, loggedSize: 0, checksum: Checksum(records).value)
        return header.bytes + records + [0x0A]
    }

    private func expectDamaged(_ bytes: [UInt8], _ what: String) throws {
        let path = directory.path / "damaged"
        try FileDescriptor.open(path, .writeOnly, [.create, .truncate]).write(bytes)
        do throws(QueueFileError) {
            _ = try QueueFile.read(inQueueAt: path)
            Issue.record("\(what): accepted")
        } catch {
            guard case .damaged = error else {
                Issue.record("\(what): \(error.text)")
                return
            }
        }
    }
}
