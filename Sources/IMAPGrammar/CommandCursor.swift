import Bytes

/// A reading position in a complete command: the lexical rules of RFC 3501 section 9.
package struct CommandCursor {
    /// Octets of a tag; clients use a handful.
    static let tagLimit = 256

    private let pieces: [CommandFrame.Piece]
    private var index = 0
    private var offset = 0
    /// Octets of the pieces before this one.
    private var before = 0

    package init(_ frame: CommandFrame) { pieces = frame.pieces }

    private var current: CommandFrame.Piece? { index < pieces.count ? pieces[index] : nil }

    /// Octets from the begin of the command.
    package var position: Int { before + offset }

    /// The next octet of text; nil at a literal and at the end.
    package var peek: UInt8? {
        guard case .text(let text) = current, offset < text.count else { return nil }
        return text[offset]
    }

    /// The octet behind the next one.
    package var peekBehind: UInt8? {
        guard case .text(let text) = current, offset + 1 < text.count else { return nil }
        return text[offset + 1]
    }

    /// Nothing follows, not even a literal.
    package var isAtEnd: Bool {
        var rest = pieces.dropFirst(index)
        if case .text(let text) = rest.first, offset >= text.count { rest = rest.dropFirst() }
        return rest.isEmpty
    }

    /// A literal is next.
    package var isAtLiteral: Bool {
        if case .literal = current { return true }
        guard case .text(let text) = current, offset >= text.count, index + 1 < pieces.count,
            case .literal = pieces[index + 1]
        else { return false }
        return true
    }

    private mutating func leavePiece() {
        switch current {
        case .text(let octets), .literal(let octets): before += octets.count
        case nil: return
        }
        index += 1
        offset = 0
    }

    /// The error of something else standing here.
    package func expected(_ what: StaticText) -> SyntaxError {
        SyntaxError(.expected(what), at: position)
    }

    package func tooMany(_ what: StaticText) -> SyntaxError {
        SyntaxError(.tooMany(what), at: position)
    }

    /// Consumes one octet of text.
    package mutating func next() -> UInt8? {
        guard let byte = peek else { return nil }
        offset += 1
        return byte
    }

    /// Consumes `byte` when it is next.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        offset += 1
        return true
    }

    /// Consumes the word when it is next and ends there; ASCII case is ignored.
    package mutating func take(word: StaticString) -> Bool {
        guard case .text(let text) = current else { return false }
        let octets = word.octets
        guard text[min(offset, text.count)...].startsIgnoringCase(with: octets) else {
            return false
        }
        let end = offset + octets.count
        guard end >= text.count || !text[end].isAtomCharacter else { return false }
        offset = end
        return true
    }

    /// Consumes the longest run of text octets for which `matches` holds.
    package mutating func take(while matches: (UInt8) -> Bool) -> [UInt8] {
        guard case .text(let text) = current else { return [] }
        let run = text[min(offset, text.count)...].prefix(while: matches)
        offset += run.count
        return Array(run)
    }

    package mutating func require(_ byte: UInt8, _ name: StaticText) throws(SyntaxError) {
        guard take(byte) else { throw expected(name) }
    }

    /// One blank: RFC 3501 allows no more.
    package mutating func space() throws(SyntaxError) { try require(.space, "a space") }

    /// Says that the command ends here; blanks before the line end are passed over.
    package mutating func end() throws(SyntaxError) {
        _ = take { $0 == .space }
        guard isAtEnd else { throw SyntaxError(.trailingText, at: position) }
    }

    /// The octets of the literal that is next.
    package mutating func takeLiteral() -> [UInt8]? {
        guard isAtLiteral else { return nil }
        if case .text = current { leavePiece() }
        guard case .literal(let octets) = current else { return nil }
        leavePiece()
        return octets
    }

    /// The tag of a command that may be malformed behind it; nil when it has none.
    package static func tag(of frame: CommandFrame) -> [UInt8]? {
        var cursor = CommandCursor(frame)
        do throws(SyntaxError) {
            let tag = try cursor.tag()
            return cursor.peek == .space || cursor.isAtEnd ? tag : nil
        } catch {
            return nil
        }
    }

    package mutating func tag() throws(SyntaxError) -> [UInt8] {
        let tag = take { $0.isAStringCharacter && $0 != UInt8(ascii: "+") }
        guard !tag.isEmpty else { throw expected("a tag") }
        guard tag.count <= Self.tagLimit else { throw SyntaxError(.tooLong("tag"), at: 0) }
        return tag
    }
}

extension UInt8 {
    /// ATOM-CHAR of RFC 3501.
    package var isAtomCharacter: Bool {
        guard isPrintable else { return false }
        switch Unicode.Scalar(self) {
        case " ", "(", ")", "{", "%", "*", "\"", "\\", "]": return false
        default: return true
        }
    }

    /// ASTRING-CHAR: an atom may also hold `]`.
    package var isAStringCharacter: Bool { isAtomCharacter || self == UInt8(ascii: "]") }

    /// What a mailbox pattern may hold without quotes.
    package var isListCharacter: Bool {
        isAStringCharacter || self == UInt8(ascii: "%") || self == UInt8(ascii: "*")
    }
}
