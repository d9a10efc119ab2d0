import Bytes
import IMAPGrammar
import Wire

/// Reads whole commands of a session, literals and their continuation requests included.
///
/// The message of APPEND is left to its command.
struct CommandReader {
    enum Received {
        case command(TaggedCommand)
        /// To be answered with BAD; the connection goes on.
        case bad(BadCommand)
        /// APPEND up to its message, whose literal has not been asked for.
        case append(tag: [UInt8], AppendCommand, MessageLiteral)
        /// To be answered with BAD and BYE: what follows cannot be told from commands.
        case hopeless(BadCommand)
    }

    /// The announced message of APPEND.
    struct MessageLiteral {
        let count: Int
        /// The client waits for `+` before it sends.
        let isSynchronizing: Bool
    }

    /// Octets of an overlong line that are passed over before the connection is given up.
    private static let skipLimit = 1 << 20

    let stream: ByteStream
    private let limits = FrameLimits.session
    private var framer = CommandFramer(limits: .session)

    init(_ stream: ByteStream) { self.stream = stream }

    /// The next command; everything written before is sent first.
    mutating func next() throws(WireError) -> Received {
        framer.reset()
        try stream.flush()
        while true {
            let line = try stream.readLine(limit: limits.line)
            guard line.ending != .none else { return try skipLine(beginning: line.bytes) }
            switch framer.take(line: line.bytes) {
            case .complete(let frame): return Self.parse(frame)
            case .refused(let bad, let mustClose): return mustClose ? .hopeless(bad) : .bad(bad)
            case .literal(let count, let isSynchronizing):
                let literal = MessageLiteral(count: count, isSynchronizing: isSynchronizing)
                if let received = try take(literal) { return received }
            }
        }
    }

    private static func parse(_ frame: CommandFrame) -> Received {
        do throws(BadCommand) { return .command(try Command.parse(frame)) } catch {
            return .bad(error)
        }
    }

    /// Receives an announced literal, or says why it is not wanted.
    private mutating func take(_ literal: MessageLiteral) throws(WireError) -> Received? {
        switch AppendCommand.prefix(framer.partial) {
        case .message(let tag, let command): return .append(tag: tag, command, literal)
        case .malformed(let bad): return literal.isSynchronizing ? .bad(bad) : .hopeless(bad)
        case .other: break
        }
        let refusal = framer.refuseLiteral(
            count: literal.count, isSynchronizing: literal.isSynchronizing)
        if case .refused(let bad, let mustClose) = refusal {
            return mustClose ? .hopeless(bad) : .bad(bad)
        }
        if literal.isSynchronizing { try proceed() }
        var octets: [UInt8] = []
        while octets.count < literal.count {
            octets += try stream.read(limit: literal.count - octets.count)
        }
        framer.take(literal: octets)
        return nil
    }

    /// Asks the client for the literal that it has announced.
    func proceed() throws(WireError) {
        try stream.write("+ OK\r\n")
        try stream.flush()
    }

    private func skipLine(beginning: [UInt8]) throws(WireError) -> Received {
        let bad = BadCommand(
            tag: CommandCursor.tag(of: CommandFrame(line: beginning)), text: "command line too long"
        )
        var skipped = 0
        while skipped < Self.skipLimit {
            let line = try stream.readLine(limit: limits.line)
            if line.ending != .none { return .bad(bad) }
            skipped += line.bytes.count
        }
        return .hopeless(bad)
    }
}
