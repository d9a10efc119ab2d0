import Bytes

/// One thing that the right side of an alias, or a line of a .forward file, can name.
package enum AliasTarget: Equatable, Sendable {
    /// An address, unquoted where the whole of it was quoted: `"john smith"` or `a@b`.
    case address([UInt8])
    /// `|command`, without the bar.
    case command([UInt8])
    /// `/file`.
    case file([UInt8])
    /// `:include:/file`, only the file.
    case include([UInt8])
}

/// Reads the right side of an alias: targets between commas, each perhaps quoted.
package enum AliasValue {
    /// The targets in their order; comments and empty ones are left out.
    ///
    /// White space separates targets too when no comma does, as Postfix takes it: `a b` are two.
    package static func targets(_ value: some Collection<UInt8>) -> [AliasTarget] {
        var cursor = ByteCursor(value)
        var targets: [AliasTarget] = []
        while !cursor.isAtEnd {
            let word = next(&cursor)
            if !word.isEmpty { targets.append(target(word)) }
        }
        return targets
    }

    /// The next item, unquoted, and the comma after it consumed.
    private static func next(_ cursor: inout ByteCursor) -> [UInt8] {
        _ = cursor.take { $0.isSpace || $0 == UInt8(ascii: ",") }
        // A command may be quoted as a whole or behind its bar; unquoted it goes up to the comma.
        if cursor.peek == UInt8(ascii: "|") || cursor.peek == UInt8(ascii: "/")
            || cursor.rest.startsIgnoringCase(with: Array(":include:".utf8))
        {
            return Array(plain(&cursor, endsAtBlank: false).trimmed)
        }
        return plain(&cursor, endsAtBlank: true)
    }

    /// Octets up to a comma, or white space, outside of quotes and angle brackets.
    private static func plain(_ cursor: inout ByteCursor, endsAtBlank: Bool) -> [UInt8] {
        var text: [UInt8] = []
        while let byte = cursor.peek {
            switch byte {
            case UInt8(ascii: ","):
                _ = cursor.next()
                return text
            case .quote: text += quoted(&cursor, keepsQuotes: !endsAtBlank && !text.isEmpty)
            case UInt8(ascii: "(") where endsAtBlank: cursor.skipComment()
            default:
                if endsAtBlank, byte.isSpace { return text }
                text.append(byte)
                _ = cursor.next()
            }
        }
        return text
    }

    /// A quoted text; the quotes stay where they are part of a command or of a local part.
    private static func quoted(_ cursor: inout ByteCursor, keepsQuotes: Bool) -> [UInt8] {
        let start = cursor.position
        let text = cursor.takeQuoted()
        let raw = cursor.bytes[start..<cursor.position]
        return keepsQuotes || cursor.peek == .at ? Array(raw) : text
    }

    private static func target(_ word: [UInt8]) -> AliasTarget {
        let include = Array(":include:".utf8)
        if word.startsIgnoringCase(with: include) { return .include(Array(word[include.count...])) }
        if word.first == UInt8(ascii: "|") { return .command(Array(word.dropFirst().trimmed)) }
        if word.first == UInt8(ascii: "/") { return .file(word) }
        if word.first == .less, word.last == .greater {
            return .address(Array(word.dropFirst().dropLast()))
        }
        return .address(word)
    }
}
