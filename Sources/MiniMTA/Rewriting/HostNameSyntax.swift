import Bytes
package import Posix

/// What may stand right of an `@`, as lenient as Postfix is (RFC 5321 section 4.1.2, plus `_`).
package enum HostNameSyntax {
    /// The longest name in DNS (RFC 1035 section 2.3.4).
    private static let nameLimit = 255
    private static let labelLimit = 63

    /// A host name: labels of letters, digits, `-`, `_` and eight-bit octets; no all-digit name.
    package static func isName(_ name: some Collection<UInt8>) -> Bool {
        guard !name.isEmpty, name.count <= nameLimit else { return false }
        let labels = Array(name).split(separator: .dot, omittingEmptySubsequences: false)
        return labels.allSatisfy(isLabel) && !name.allSatisfy { $0.isDigit || $0 == .dot }
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let dash = UInt8(ascii: "-")
        guard !label.isEmpty, label.count <= labelLimit, label.first != dash else { return false }
        var last: UInt8 = 0
        for byte in label {
            guard byte.isAlphanumeric || byte == dash || byte == UInt8(ascii: "_") || !byte.isASCII
            else {
                return false
            }
            last = byte
        }
        return last != dash
    }

    /// The address inside `[192.0.2.1]` or `[IPv6:2001:db8::1]`.
    package static func literalAddress(_ text: some Collection<UInt8>) -> IPAddress? {
        guard text.first == UInt8(ascii: "["), text.count >= 2 else { return nil }
        let inside = Array(text.dropFirst())
        guard inside.last == UInt8(ascii: "]") else { return nil }
        return address(inside.dropLast())
    }

    /// An IPv4 address, or an IPv6 one behind `IPv6:`.
    package static func address(_ inside: ArraySlice<UInt8>) -> IPAddress? {
        let tag = Array("IPv6:".utf8)
        guard inside.startsIgnoringCase(with: tag) else {
            guard let address = IPAddress(String(latin1: inside)), address.isIPv4 else {
                return nil
            }
            return address
        }
        guard let address = IPAddress(String(latin1: inside.dropFirst(tag.count))),
            !address.isIPv4
        else { return nil }
        return address
    }
}
