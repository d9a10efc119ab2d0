import Bytes
import Posix
import Services
import TestSupport
import Testing

/// A message for these tests.
private enum Note: FramedMessage, Equatable {
    case text([UInt8])
    case number(Int)

    var kind: UInt8 {
        switch self {
        case .text: 1
        case .number: 2
        }
    }

    func encode(into fields: inout FieldWriter) {
        switch self {
        case .text(let octets): fields.put(octets)
        case .number(let number): fields.put(number)
        }
    }

    init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1: self = .text(try fields.octets())
        case 2: self = .number(try fields.number())
        default: throw MalformedFrame()
        }
    }
}

@Suite final class ChannelTests {
    private let left: Channel
    private let right: Channel
    private let raw: FileDescriptor

    init() throws {
        let pair = try SocketPair()
        raw = try pair.first.duplicate()
        left = try Channel(try pair.first.duplicate())
        right = try Channel(try pair.second.duplicate())
        left.deadline = .after(seconds: 5)
        right.deadline = .after(seconds: 5)
    }

    @Test func carriesMessagesInOrder() throws {
        let long = [UInt8](repeating: 7, count: 100_000)
        try left.send(Note.text([]))
        try left.send(Note.number(-1))
        try left.send(Note.text(long))
        #expect(try right.receive(Note.self) == .text([]))
        #expect(try right.receive(Note.self) == .number(-1))
        #expect(try right.receive(Note.self) == .text(long))
    }

    @Test func givesEachDescriptorToItsMessage() throws {
        let directory = try TemporaryDirectory()
        let first = try FileDescriptor.open(directory.file("first", "1"))
        let second = try FileDescriptor.open(directory.file("second", "2"))
        try left.send(Note.number(0))
        try left.send(Note.number(1), passing: first)
        try left.send(Note.number(2), passing: second)
        #expect(try right.receive(Note.self) == .number(0))
        let none = right.takeDescriptor() == nil
        #expect(none)
        for number in 1...2 {
            #expect(try right.receive(Note.self) == .number(number))
            guard let passed = right.takeDescriptor() else {
                Issue.record("no descriptor came with message \(number)")
                continue
            }
            #expect(try passed.readAll(limit: 10) == Array("\(number)".utf8))
        }
    }

    @Test func yieldsMessagesThatArriveOctetByOctet() throws {
        var got: [Note] = []
        for byte in [0, 0, 0, 8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5] as [UInt8] {
            try raw.write([byte])
            got += try right.receiveReady(Note.self)
        }
        #expect(got == [.number(5)])
    }

    @Test(
        arguments: [
            [255, 255, 255, 255, 0, 2], [0, 0, 0, 0, 7, 2], [0, 0, 0, 0, 0, 9],
            [0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5],
            [0, 0, 0, 9, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5, 5],
            [0, 0, 0, 8, 1, 2, 0, 0, 0, 0, 0, 0, 0, 5],
            [0, 0, 0, 8, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255],
        ] as [[UInt8]])
    func refusesFramesThatAreNotMessages(bytes: [UInt8]) throws {
        try raw.write(bytes)
        #expect(throws: ChannelError.malformed) { try right.receive(Note.self) }
    }

    @Test func saysThatTheOtherSideIsSilent() throws {
        right.deadline = .after(milliseconds: 20)
        #expect(throws: ChannelError.timedOut) { try right.receive(Note.self) }
    }
}

@Suite struct ClosedChannelTests {
    @Test func saysThatTheOtherSideIsGone() throws {
        Signal.ignoreWriteSignals()
        let pair = try SocketPair()
        let channel = try Channel(pair.keepFirst())
        #expect(throws: ChannelError.closed) { try channel.receive(Note.self) }
        #expect(throws: ChannelError.closed) { try channel.send(Note.number(1)) }
    }
}
