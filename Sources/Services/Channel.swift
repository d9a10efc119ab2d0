import Bytes
package import Posix

/// Length-framed messages to and from one other process over a UNIX-domain socket; a descriptor may
/// ride along with a message.
package final class Channel {
    /// Octets received at once: a content block and its frame, and less than the 128 KiB from which
    /// on malloc asks the kernel for fresh pages each time.
    private static let block = 98_304

    private let socket: FileDescriptor
    private var input: [UInt8] = []
    /// Descriptors in the order in which they came; their frames may still be under way.
    private var arrived: [OwnedDescriptor] = []
    private var current: OwnedDescriptor?

    /// By when the next send or receive must be done.
    package var deadline = Deadline.never

    /// Speaks over a connected socket.
    package init(_ socket: consuming FileDescriptor) throws(SystemError) {
        try socket.setNonBlocking(true)
        self.socket = socket
    }

    /// Connects to the service that listens at `path`.
    package static func connect(
        to path: Path, deadline: Deadline
    ) throws(ChannelError) -> Channel {
        do throws(SystemError) {
            let channel = try Channel(try Socket.connect(to: .local(path), deadline: deadline))
            channel.deadline = deadline
            return channel
        } catch { throw ChannelError(error) }
    }

    /// The number to wait on.
    package var descriptor: Int32 { socket.number }

    /// Sends one message.
    package func send(_ message: some FramedMessage) throws(ChannelError) {
        do throws(SystemError) {
            try socket.send(frame(message, withDescriptor: false), until: deadline)
        } catch { throw ChannelError(error) }
    }

    /// Sends one message and a copy of `descriptor` with it.
    package func send(
        _ message: some FramedMessage, passing descriptor: borrowing FileDescriptor
    ) throws(ChannelError) {
        let bytes = frame(message, withDescriptor: true)
        do throws(SystemError) {
            guard try socket.wait(for: .writable, until: deadline) else {
                throw SystemError.timeOut
            }
            let sent = try socket.send(bytes, passing: descriptor)
            try socket.send(Array(bytes[sent...]), until: deadline)
        } catch { throw ChannelError(error) }
    }

    /// Waits for the next message.
    package func receive<Message: FramedMessage>(_: Message.Type) throws(ChannelError) -> Message {
        while true {
            if let message = try takeMessage(Message.self) { return message }
            do throws(SystemError) {
                guard try socket.wait(for: .readable, until: deadline) else {
                    throw SystemError.timeOut
                }
            } catch { throw ChannelError(error) }
            try fill()
        }
    }

    /// The messages that have arrived whole, after one look that does not wait: for event loops.
    package func receiveReady<Message: FramedMessage>(
        _: Message.Type
    ) throws(ChannelError) -> [Message] {
        try fill()
        var messages: [Message] = []
        while let message = try takeMessage(Message.self) { messages.append(message) }
        return messages
    }

    /// The descriptor that came with the last received message; its new owner is the caller.
    package func takeDescriptor() -> FileDescriptor? {
        defer { current = nil }
        return current?.take()
    }

    private func frame(_ message: some FramedMessage, withDescriptor: Bool) -> [UInt8] {
        var fields = FieldWriter()
        message.encode(into: &fields)
        return Frame(kind: message.kind, carriesDescriptor: withDescriptor, fields: fields.bytes)
            .bytes
    }

    private func fill() throws(ChannelError) {
        do throws(SystemError) {
            var received = try socket.receive(limit: Self.block)
            if let descriptor = received.descriptor.take() {
                arrived.append(OwnedDescriptor(descriptor))
            }
            if !received.bytes.isEmpty {
                input += received.bytes
                return
            }
        } catch {
            if error.code == SystemError.tryAgain { return }
            throw ChannelError(error)
        }
        throw .closed
    }

    private func takeMessage<Message: FramedMessage>(
        _: Message.Type
    ) throws(ChannelError) -> Message? {
        guard let frame = try Frame(takenFrom: &input) else { return nil }
        current = nil
        if frame.carriesDescriptor {
            guard !arrived.isEmpty else { throw .malformed }
            current = arrived.removeFirst()
        }
        do throws(MalformedFrame) {
            var fields = FieldReader(frame.fields)
            let message = try Message(kind: frame.kind, from: &fields)
            try fields.finish()
            return message
        } catch { throw .malformed }
    }
}

/// A descriptor in a list: the language keeps what cannot be copied out of arrays.
private final class OwnedDescriptor {
    private var descriptor: FileDescriptor?

    init(_ descriptor: consuming FileDescriptor) { self.descriptor = consume descriptor }

    func take() -> FileDescriptor? { descriptor.take() }
}
