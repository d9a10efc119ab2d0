import Bytes

/// The two forms of an address: internal as in envelopes (`john doe@host`) and external as in
/// headers and SMTP commands (`"john doe"@host`, RFC 5321 section 4.1.2).
package enum AddressQuoting {
    /// The external form: a local part that is no dot-string gets quotes.
    ///
    /// Eight-bit octets pass as they are; a leading source route is left alone.
    package static func quote(_ address: [UInt8]) -> [UInt8] {
        let (route, rest) = splitRoute(address)
        let end = rest.lastIndex(of: .at) ?? rest.endIndex
        let local = rest[..<end]
        guard !isDotString(local) else { return address }
        var out = Array(route) + [.quote]
        for byte in local {
            if byte == .quote || byte == .backslash || byte == .cr { out.append(.backslash) }
            out.append(byte)
        }
        return out + [.quote] + rest[end...]
    }

    /// The external form of an envelope's address: as `quote`, but the null address stays empty.
    package static func quote(envelope address: [UInt8]) -> [UInt8] {
        address.isEmpty ? [] : quote(address)
    }

    /// The internal form of what `quote` yields.
    package static func unquote(_ address: [UInt8]) -> [UInt8] {
        let (route, rest) = splitRoute(address)
        guard let end = rest.lastIndex(of: .at) else { return address }
        var out = Array(route)
        var isEscaped = false
        for byte in rest[..<end] {
            if isEscaped {
                out.append(byte)
                isEscaped = false
            } else if byte == .backslash {
                isEscaped = true
            } else if byte != .quote {
                out.append(byte)
            }
        }
        return out + rest[end...]
    }

    private static func splitRoute(
        _ address: [UInt8]
    ) -> (route: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        guard address.first == .at, let colon = address.firstIndex(of: .colon) else {
            return ([], address[...])
        }
        return (address[...colon], address[(colon + 1)...])
    }

    /// Atoms with single dots between them.
    private static func isDotString(_ local: ArraySlice<UInt8>) -> Bool {
        guard let first = local.first, first != .dot, local.last != .dot else { return false }
        var previous: UInt8 = 0
        for byte in local {
            if byte == .dot, previous == .dot { return false }
            if byte == .space || byte.isControl || isQuotedSpecial(byte) { return false }
            previous = byte
        }
        return true
    }

    private static func isQuotedSpecial(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "(", ")", "<", ">", "@", ",", ";", ":", "\\", "\"", "[", "]": true
        default: false
        }
    }
}
