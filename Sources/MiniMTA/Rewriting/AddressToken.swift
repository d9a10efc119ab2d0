import Bytes

/// The words of an address as RFC 822 section 3.3 has them, read as leniently as Postfix reads them.
///
/// Addresses are cut into tokens and put together again only here, so that what the relay rules
/// look at and what is delivered cannot be read in two ways.
package enum AddressToken: Equatable, Sendable {
    /// A run of octets without specials; escaped octets stand for themselves.
    case atom([UInt8])
    /// What stood between double quotes, or an atom that needs them.
    case quoted([UInt8])
    /// What stood between brackets.
    case literal([UInt8])
    /// A comment with its parentheses.
    case comment([UInt8])
    /// One special octet such as `@`.
    case special(UInt8)

    package static let at = AddressToken.special(.at)
    package static let dot = AddressToken.special(.dot)
    package static let percent = AddressToken.special(UInt8(ascii: "%"))
    package static let bang = AddressToken.special(UInt8(ascii: "!"))
    package static let colon = AddressToken.special(.colon)

    /// Cuts an address in its external (quoted) form into tokens.
    ///
    /// Never fails: an open quote, bracket or comment ends where the text ends.
    package static func scan(_ text: some Collection<UInt8>) -> [AddressToken] {
        var cursor = ByteCursor(text)
        var tokens: [AddressToken] = []
        while let byte = cursor.peek {
            if isTokenSpace(byte) {
                _ = cursor.next()
            } else if byte == UInt8(ascii: "(") {
                tokens.append(.comment(takeComment(&cursor)))
            } else if byte == UInt8(ascii: "[") {
                tokens.append(.literal(takeEnclosed(&cursor, by: UInt8(ascii: "]"))))
            } else if byte == .quote {
                tokens.append(.quoted(takeEnclosed(&cursor, by: .quote)))
            } else if byte != .backslash, isOperator(byte) {
                _ = cursor.next()
                tokens.append(.special(byte))
            } else {
                tokens.append(takeAtom(&cursor))
            }
        }
        return tokens
    }

    /// The internal (unquoted) form: a blank only between two words that would run together.
    package static func text(of tokens: some Collection<AddressToken>) -> [UInt8] {
        var out: [UInt8] = []
        var previous: AddressToken?
        for token in tokens {
            if let previous, needsBlank(previous, token) { out.append(.space) }
            switch token {
            case .atom(let bytes), .quoted(let bytes), .comment(let bytes): out += bytes
            case .literal(let bytes): out += [UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")]
            case .special(let byte): out.append(byte)
            }
            previous = token
        }
        return out
    }

    private var isWord: Bool {
        switch self {
        case .atom, .quoted, .literal, .comment: true
        case .special: false
        }
    }

    private static func needsBlank(_ left: AddressToken, _ right: AddressToken) -> Bool {
        left == .special(UInt8(ascii: ",")) || right == .special(.less)
            || left.isWord && right.isWord
    }
}

/// RFC 822's specials and the two operators of older routing.
private func isOperator(_ byte: UInt8) -> Bool {
    switch Unicode.Scalar(byte) {
    case "(", ")", "<", ">", "@", ",", ";", ":", "\\", "\"", ".", "[", "]", "|", "%", "!": true
    default: false
    }
}

/// The blanks between tokens.
private func isTokenSpace(_ byte: UInt8) -> Bool {
    byte == .space || byte == .tab || byte == .cr || byte == .lf
}

/// Takes octets up to one that `ends` the token; a backslash makes the next octet an ordinary one.
private func takeOctets(_ cursor: inout ByteCursor, until ends: (UInt8) -> Bool) -> [UInt8] {
    var out: [UInt8] = []
    while let byte = cursor.peek {
        if byte == .backslash {
            _ = cursor.next()
            guard cursor.peek != nil else { break }
        } else if ends(byte) {
            break
        }
        guard let plain = cursor.next() else { break }
        out.append(isTokenSpace(plain) ? .space : plain)
    }
    return out
}

private func takeEnclosed(_ cursor: inout ByteCursor, by close: UInt8) -> [UInt8] {
    _ = cursor.next()
    let inside = takeOctets(&cursor) { $0 == close }
    _ = cursor.next()
    return inside
}

private func takeAtom(_ cursor: inout ByteCursor) -> AddressToken {
    let bytes = takeOctets(&cursor) { isTokenSpace($0) || isOperator($0) }
    // Octets that were escaped are not fit for an atom without their backslash.
    let isPlain = bytes.allSatisfy {
        !$0.isASCII || $0.isPrintable && $0 != .space && !isSpecial($0)
    }
    return isPlain ? .atom(bytes) : .quoted(bytes)
}

/// RFC 822's specials alone.
private func isSpecial(_ byte: UInt8) -> Bool {
    isOperator(byte) && byte != UInt8(ascii: "|") && byte != UInt8(ascii: "%")
        && byte != UInt8(ascii: "!")
}

private func takeComment(_ cursor: inout ByteCursor) -> [UInt8] {
    var out: [UInt8] = []
    var depth = 0
    while let byte = cursor.next() {
        if byte == .backslash {
            guard let next = cursor.next() else { break }
            out += [byte, next]
            continue
        }
        out.append(isTokenSpace(byte) ? .space : byte)
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") { depth -= 1 }
        if depth == 0 { break }
    }
    return out
}
