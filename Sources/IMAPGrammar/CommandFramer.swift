import Bytes

/// Puts the lines and literals of a stream together to whole commands (RFC 3501 section 4.3 and
/// RFC 7888), so that every parser behind it has a complete command in its hands.
///
/// The caller reads: first a line, then what each step asks for.
package struct CommandFramer: Sendable {
    package enum Step: Equatable, Sendable {
        case complete(CommandFrame)
        /// A literal of `count` octets comes next; `+` must be sent first when `isSynchronizing`.
        case literal(count: Int, isSynchronizing: Bool)
        /// The command must be answered with BAD; the framer is ready for the next one.
        ///
        /// With `mustClose` the client sends octets nobody can tell from commands: say BYE.
        case refused(BadCommand, mustClose: Bool)
    }

    private let limits: FrameLimits
    private var pieces: [CommandFrame.Piece] = []
    private var total = 0
    private var literals = 0

    package init(limits: FrameLimits) { self.limits = limits }

    /// What came before the literal that was announced last.
    package var partial: CommandFrame { CommandFrame(pieces) }

    /// A line began but its command is not complete.
    package var isInCommand: Bool { !pieces.isEmpty }

    /// Takes a line without its line end.
    package mutating func take(line: [UInt8]) -> Step {
        let announcement = LiteralAnnouncement(endOf: line)
        let text = announcement.map { Array(line.prefix($0.start)) } ?? line
        guard line.count <= limits.line, add(line.count) else {
            return refuse("command too long", line: line, closing: announcement)
        }
        guard !line.contains(0) else {
            return refuse("NUL in command", line: line, closing: announcement)
        }
        pieces.append(.text(text))
        guard let announcement else {
            defer { reset() }
            return .complete(CommandFrame(pieces))
        }
        guard let count = announcement.count else {
            return refuse("literal too large", line: line, closing: announcement)
        }
        literals += 1
        guard literals <= limits.literals else {
            return refuse("too many literals", line: line, closing: announcement)
        }
        return .literal(count: count, isSynchronizing: announcement.isSynchronizing)
    }

    /// Says whether a literal of `count` octets that was just announced may be held in memory, nil
    /// when it may: to be asked unless the caller streams it elsewhere.
    package mutating func refuseLiteral(count: Int, isSynchronizing: Bool) -> Step? {
        guard count > limits.literal || total + count > limits.total else { return nil }
        let bad = BadCommand(tag: CommandCursor.tag(of: partial), text: "literal too large")
        reset()
        return .refused(bad, mustClose: !isSynchronizing)
    }

    /// Takes the octets of the announced literal.
    package mutating func take(literal: [UInt8]) {
        _ = add(literal.count)
        pieces.append(.literal(literal))
    }

    /// Forgets the command that has begun.
    package mutating func reset() {
        pieces = []
        total = 0
        literals = 0
    }

    private mutating func add(_ count: Int) -> Bool {
        total += count
        return total <= limits.total
    }

    private mutating func refuse(
        _ text: String, line: [UInt8], closing announcement: LiteralAnnouncement?
    ) -> Step {
        let first = pieces.isEmpty ? CommandFrame(line: line) : partial
        reset()
        // The client sends the literal without asking: what follows are not commands.
        let mustClose = announcement.map { !$0.isSynchronizing } ?? false
        return .refused(
            BadCommand(tag: CommandCursor.tag(of: first), text: text), mustClose: mustClose)
    }
}

/// The `{n}` or `{n+}` at the end of a line.
private struct LiteralAnnouncement {
    let start: Int
    /// Nil when the number does not fit.
    let count: Int?
    let isSynchronizing: Bool

    init?(endOf line: [UInt8]) {
        guard line.last == UInt8(ascii: "}"),
            let brace = line.lastIndex(of: UInt8(ascii: "{"))
        else { return nil }
        var digits = line[(brace + 1)..<(line.count - 1)]
        isSynchronizing = digits.last != UInt8(ascii: "+")
        if !isSynchronizing { digits.removeLast() }
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit) else { return nil }
        start = brace
        count = Int(decimal: digits)
    }
}
