import Bytes

/// Strings, numbers and lists of RFC 3501 section 9.
extension CommandCursor {
    package mutating func atom(_ name: StaticText = "an atom") throws(SyntaxError) -> [UInt8] {
        let atom = take(while: \.isAtomCharacter)
        guard !atom.isEmpty else { throw expected(name) }
        return atom
    }

    /// A quoted string or a literal.
    package mutating func string(_ name: StaticText) throws(SyntaxError) -> [UInt8] {
        if let octets = takeLiteral() {
            // A literal may not hold a NUL (CHAR8); taking it would let texts be cut in C programs.
            guard !octets.contains(0) else { throw expected("text without NUL") }
            return octets
        }
        guard peek == .quote else { throw expected(name) }
        return try quoted()
    }

    /// A quoted string.
    ///
    /// Octets above 127 are taken although the RFC has none here: clients send them.
    private mutating func quoted() throws(SyntaxError) -> [UInt8] {
        _ = next()
        var out: [UInt8] = []
        while true {
            out += take { $0 != .quote && $0 != .backslash && $0 != .cr && $0 != .lf }
            switch next() {
            case UInt8.quote: return out
            case UInt8.backslash:
                guard let escaped = peek, escaped == .quote || escaped == .backslash else {
                    throw expected("\" or \\")
                }
                _ = next()
                out.append(escaped)
            default: throw expected("a closing quote")
            }
        }
    }

    /// An atom (which may hold `]`) or a string.
    package mutating func astring(
        _ name: StaticText = "a string"
    ) throws(SyntaxError) -> [UInt8] {
        let atom = take(while: \.isAStringCharacter)
        return atom.isEmpty ? try string(name) : atom
    }

    /// A string or NIL.
    package mutating func nstring(_ name: StaticText) throws(SyntaxError) -> [UInt8]? {
        take(word: "NIL") ? nil : try string(name)
    }

    /// A mailbox name: an astring that is no longer than a file name's path can be.
    package mutating func mailbox() throws(SyntaxError) -> [UInt8] {
        let name = try astring("a mailbox name")
        guard name.count <= Self.mailboxLimit else {
            throw SyntaxError(.tooLong("mailbox name"), at: position)
        }
        return name
    }

    /// Octets of a mailbox name or pattern: PATH_MAX.
    private static var mailboxLimit: Int { 4096 }

    /// A mailbox name with wildcards.
    package mutating func listMailbox() throws(SyntaxError) -> [UInt8] {
        let run = take(while: \.isListCharacter)
        let pattern = run.isEmpty ? try string("a mailbox pattern") : run
        guard pattern.count <= Self.mailboxLimit else {
            throw SyntaxError(.tooLong("mailbox pattern"), at: position)
        }
        return pattern
    }

    /// 0 to 4294967295.
    package mutating func number() throws(SyntaxError) -> UInt32 {
        let start = position
        guard let number = UInt32(decimal: take(while: \.isDigit)) else {
            throw SyntaxError(.expected("a number"), at: start)
        }
        return number
    }

    /// 1 to 4294967295.
    package mutating func nonZeroNumber() throws(SyntaxError) -> UInt32 {
        let start = position
        let number = try number()
        guard number > 0 else { throw SyntaxError(.expected("a number above 0"), at: start) }
        return number
    }

    /// Elements in parentheses with one blank between them; an empty list is refused unless
    /// `orEmpty`.
    package mutating func list<Element>(
        of name: StaticText, limit: Int, orEmpty: Bool = false,
        _ element: (inout CommandCursor) throws(SyntaxError) -> Element
    ) throws(SyntaxError) -> [Element] {
        try require(UInt8(ascii: "("), "(")
        var elements: [Element] = []
        if orEmpty, take(UInt8(ascii: ")")) { return elements }
        while true {
            elements.append(try element(&self))
            guard elements.count <= limit else { throw tooMany(name) }
            if take(UInt8(ascii: ")")) { return elements }
            try space()
        }
    }
}
