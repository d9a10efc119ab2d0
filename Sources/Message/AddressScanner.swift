import Bytes

/// A lexical piece of an address header.
struct AddressToken: Equatable {
    enum Kind: Equatable {
        case atom
        case quoted
        /// A domain literal, brackets included.
        case literal
        case comment
        /// One of `< > @ , ; : .`.
        case special(UInt8)
        case end
    }

    let kind: Kind
    /// The octets without quoting.
    let text: [UInt8]
    let range: Range<Int>
    /// White space stands before it.
    let follows: Bool

    func `is`(_ special: UInt8) -> Bool { kind == .special(special) }
}

/// What is wrong with an address list, and where.
package struct AddressProblem: Error, Equatable, Sendable {
    package enum Reason: Sendable {
        case unterminatedQuote, unterminatedComment, unterminatedLiteral, unterminatedGroup
        case strayCharacter, missingComma, missingLocalPart, missingDomain, missingBracket
        case spaceInLocalPart, severalAtSigns, nestedGroup
    }

    package let reason: Reason
    /// Octets from the begin of the value.
    package let position: Int

    package init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }
}

/// Cuts the value of an address header into tokens (RFC 5322 sections 3.2 and 4).
///
/// Any octets yield tokens, in linear time and without recursion; the first thing that was wrong is
/// kept in `problem`.
struct AddressScanner {
    private var cursor: ByteCursor
    private(set) var problem: AddressProblem?

    init(_ value: some Collection<UInt8>) { cursor = ByteCursor(value) }

    mutating func note(_ reason: AddressProblem.Reason, at position: Int) {
        if problem == nil { problem = AddressProblem(reason, at: position) }
    }

    mutating func next() -> AddressToken {
        let blanks = cursor.take { $0 <= .space || $0 == 0x7F }
        let follows = !blanks.isEmpty
        let start = cursor.position
        guard let first = cursor.peek else {
            return AddressToken(kind: .end, text: [], range: start..<start, follows: follows)
        }
        let (kind, text) = piece(beginningWith: first)
        return AddressToken(
            kind: kind, text: text, range: start..<cursor.position, follows: follows)
    }

    private mutating func piece(beginningWith first: UInt8) -> (AddressToken.Kind, [UInt8]) {
        switch Unicode.Scalar(first) {
        case "\"": return (.quoted, quotedString())
        case "(": return (.comment, comment())
        case "[": return (.literal, literal())
        case "<", ">", "@", ",", ";", ":", ".":
            _ = cursor.next()
            return (.special(first), [first])
        default: return (.atom, atom())
        }
    }

    private mutating func atom() -> [UInt8] {
        var text: [UInt8] = []
        while let byte = cursor.peek, !byte.endsAtom {
            _ = cursor.next()
            if byte == .backslash, let escaped = cursor.next() {
                text.append(escaped)
            } else {
                if byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]") {
                    note(.strayCharacter, at: cursor.position - 1)
                }
                text.append(byte)
            }
        }
        return text
    }

    private mutating func quotedString() -> [UInt8] {
        let start = cursor.position
        _ = cursor.next()
        var text: [UInt8] = []
        while let byte = cursor.next() {
            if byte == .quote { return text }
            if byte == .backslash, let escaped = cursor.next() {
                text.append(escaped)
            } else if byte != .cr, byte != .lf {
                text.append(byte)
            }
        }
        note(.unterminatedQuote, at: start)
        return text
    }

    /// Comments nest; their depth is a number here, not a stack.
    private mutating func comment() -> [UInt8] {
        let start = cursor.position
        var depth = 0
        var text: [UInt8] = []
        while let byte = cursor.next() {
            if byte == .backslash, let escaped = cursor.next() {
                text.append(escaped)
                continue
            }
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { return Array(text.dropFirst()) }
            if byte != .cr, byte != .lf { text.append(byte) }
        }
        note(.unterminatedComment, at: start)
        return Array(text.dropFirst())
    }

    private mutating func literal() -> [UInt8] {
        let start = cursor.position
        var text: [UInt8] = []
        while let byte = cursor.next() {
            if byte == .backslash, let escaped = cursor.next() {
                text.append(escaped)
                continue
            }
            if !byte.isSpace { text.append(byte) }
            if byte == UInt8(ascii: "]") { return text }
        }
        note(.unterminatedLiteral, at: start)
        return text
    }
}

extension UInt8 {
    fileprivate var endsAtom: Bool {
        if self <= .space || self == 0x7F { return true }
        switch Unicode.Scalar(self) {
        case "\"", "(", "[", "<", ">", "@", ",", ";", ":", ".": return true
        default: return false
        }
    }
}
