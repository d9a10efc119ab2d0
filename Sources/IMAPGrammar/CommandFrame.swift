/// One command as it was received: runs of text and, between them, literals.
package struct CommandFrame: Equatable, Sendable {
    package enum Piece: Equatable, Sendable {
        /// Octets of a line, without line end and without the `{n}` that announces a literal.
        case text([UInt8])
        case literal([UInt8])
    }

    package let pieces: [Piece]

    package init(_ pieces: [Piece]) { self.pieces = pieces }

    /// A command without literals.
    package init(line: [UInt8]) { pieces = [.text(line)] }
}

/// How much of a command is held in memory.
package struct FrameLimits: Equatable, Sendable {
    /// Octets of one line.
    package let line: Int
    /// Octets of one literal.
    package let literal: Int
    /// Octets of the whole command.
    package let total: Int
    /// Literals of one command.
    package let literals: Int

    package init(line: Int, literal: Int, total: Int, literals: Int) {
        self.line = line
        self.literal = literal
        self.total = total
        self.literals = literals
    }

    /// Before login: a name, a password, or a SASL response, from a stranger.
    package static let beforeLogin = FrameLimits(
        line: 8192, literal: 4096, total: 16_384, literals: 8)

    /// After login: long lists of UIDs and search texts.
    ///
    /// The message of APPEND is not held here.
    package static let session = FrameLimits(
        line: 65_536, literal: 65_536, total: 262_144, literals: 1000)
}
