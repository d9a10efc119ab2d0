import Bytes

/// The encoding of mailbox names in IMAP4rev1 (RFC 3501 section 5.1.3).
package enum ModifiedUTF7 {
    /// The name as UTF-8; nil when it is not the one proper encoding of any text.
    ///
    /// Refused are octets that are not printable ASCII, an open or empty shift (but `&-`), what
    /// could have been written without a shift, surrogate halves and bits left over: two spellings
    /// of one name could otherwise pass a check that one of them fails.
    package static func decode(_ name: some Collection<UInt8>) -> [UInt8]? {
        var cursor = ByteCursor(name)
        var out: [UInt8] = []
        while let byte = cursor.next() {
            guard byte.isPrintable else { return nil }
            guard byte == UInt8(ascii: "&") else {
                out.append(byte)
                continue
            }
            let shifted = cursor.take(upTo: UInt8(ascii: "-"))
            guard cursor.take(UInt8(ascii: "-")) else { return nil }
            guard !shifted.isEmpty else {
                out.append(UInt8(ascii: "&"))
                continue
            }
            // Two shifts side by side should have been one.
            if cursor.peek == UInt8(ascii: "&"), cursor.peek(at: 1) != UInt8(ascii: "-") {
                return nil
            }
            guard let text = decode(shifted: shifted) else { return nil }
            out += text
        }
        return out
    }

    private static func decode(shifted: ArraySlice<UInt8>) -> [UInt8]? {
        guard !shifted.contains(UInt8(ascii: "/")), !shifted.contains(UInt8(ascii: "=")) else {
            return nil
        }
        let base64 = shifted.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: "/") : $0 }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - base64.count % 4) % 4)
        guard let octets = Base64.decode(base64 + padding), octets.count % 2 == 0 else {
            return nil
        }
        var units: [UInt16] = []
        for index in stride(from: 0, to: octets.count, by: 2) {
            let unit = UInt16(octets[index]) << 8 | UInt16(octets[index + 1])
            guard !(0x20...0x7E).contains(unit) else { return nil }
            units.append(unit)
        }
        return String(validating: units, as: UTF16.self).map { [UInt8]($0) }
    }

    /// The encoding of a UTF-8 text; nil when it is not UTF-8.
    package static func encode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard let text = String(utf8: text) else { return nil }
        var out: [UInt8] = []
        var shifted: [UInt8] = []
        func flush() {
            guard !shifted.isEmpty else { return }
            let base64 = Base64.encode(shifted).filter { $0 != UInt8(ascii: "=") }
            out.append(UInt8(ascii: "&"))
            out += base64.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: ",") : $0 }
            out.append(UInt8(ascii: "-"))
            shifted = []
        }
        for scalar in text.unicodeScalars {
            if (0x20...0x7E).contains(scalar.value) {
                flush()
                out.append(UInt8(truncatingIfNeeded: scalar.value))
                if scalar == "&" { out.append(UInt8(ascii: "-")) }
            } else {
                for unit in UTF16.encode(scalar) ?? .init([]) {
                    shifted.append(UInt8(truncatingIfNeeded: unit >> 8))
                    shifted.append(UInt8(truncatingIfNeeded: unit))
                }
            }
        }
        flush()
        return out
    }
}
