import Bytes

/// Strings as responses hold them (RFC 3501 section 9).
package enum ResponseText {
    /// Octets of a quoted string; longer texts go as literals.
    private static let quotedLimit = 1000

    /// A quoted string where the octets allow one, else a literal.
    package static func string(_ octets: some Collection<UInt8>) -> [UInt8] {
        let isPlain =
            octets.count <= quotedLimit
            && octets.allSatisfy { $0.isASCII && $0 != 0 && $0 != .cr && $0 != .lf }
        guard isPlain else { return literal(octets) }
        var out: [UInt8] = [.quote]
        for byte in octets {
            if byte == .quote || byte == .backslash { out.append(.backslash) }
            out.append(byte)
        }
        out.append(.quote)
        return out
    }

    /// A NUL cannot be sent, not even in a literal (CHAR8): it becomes 0x80, as in messages.
    package static func literal(_ octets: some Collection<UInt8>) -> [UInt8] {
        var out = [UInt8]("{\(octets.count)}\r\n")
        out.append(contentsOf: octets.lazy.map { $0 == 0 ? 0x80 : $0 })
        return out
    }

    package static func nstring(_ octets: [UInt8]?) -> [UInt8] {
        octets.map { string($0) } ?? [UInt8]("NIL")
    }

    /// An atom where the octets allow one, else a string.
    package static func astring(_ octets: [UInt8]) -> [UInt8] {
        let isAtom =
            !octets.isEmpty && octets.allSatisfy(\.isAStringCharacter)
            && !octets.equalsIgnoringCase("NIL")
        return isAtom ? octets : string(octets)
    }

    /// `(a b c)`.
    package static func list(_ elements: some Collection<[UInt8]>) -> [UInt8] {
        var out = [UInt8(ascii: "(")]
        var isFirst = true
        for element in elements {
            if !isFirst { out.append(.space) }
            isFirst = false
            out += element
        }
        out.append(UInt8(ascii: ")"))
        return out
    }
}
