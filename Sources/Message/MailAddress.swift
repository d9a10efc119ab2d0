import Bytes

/// One address of a header: who, and where in the text it stood.
///
/// Two are equal when name and address are; where they stood does not count.
package struct MailAddress: Hashable, Sendable {
    /// The phrase before `<`, or else the comment behind the address, without quoting; encoded
    /// words are still encoded.
    ///
    /// Nil when there is neither.
    package let displayName: [UInt8]?
    /// The domains of an obsolete source route (RFC 5322 section 4.4), which nobody follows.
    package let route: [[UInt8]]
    /// What stands before the `@`, without quoting: any octets.
    package let localPart: [UInt8]
    /// What stands behind it, a literal with its brackets; empty when the address has no domain.
    package let domain: [UInt8]
    /// Where the address itself, without name, route, comment and brackets, stood in the value: what
    /// a rewriter replaces.
    package let range: Range<Int>

    package init(
        displayName: [UInt8]? = nil, route: [[UInt8]] = [], localPart: [UInt8], domain: [UInt8],
        range: Range<Int> = 0..<0
    ) {
        self.displayName = displayName
        self.route = route
        self.localPart = localPart
        self.domain = domain
        self.range = range
    }

    package static func == (left: MailAddress, right: MailAddress) -> Bool {
        left.displayName == right.displayName && left.route == right.route
            && left.localPart == right.localPart && left.domain == right.domain
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(localPart)
        hasher.combine(domain)
    }

    /// The null address `<>`.
    package var isEmpty: Bool { localPart.isEmpty && domain.isEmpty }

    /// `local@domain` with the local part quoted where it must be.
    package var address: [UInt8] { Self.quoted(localPart: localPart) + at }

    /// `local@domain` as lookup keys have it: the local part's octets without quoting.
    package var plain: [UInt8] { localPart + at }

    private var at: [UInt8] { domain.isEmpty ? [] : [.at] + domain }

    /// The form for a header: `Name <local@domain>`, or the bare address when there is no name.
    package var formatted: [UInt8] {
        guard let displayName, !displayName.isEmpty else {
            return isEmpty ? [.less, .greater] : address
        }
        return Self.quoted(phrase: displayName) + [.space, .less] + address + [.greater]
    }

    /// A local part as RFC 5322 section 3.4.1 writes it: a dot-atom, else a quoted string.
    package static func quoted(localPart: [UInt8]) -> [UInt8] {
        isDotAtom(localPart) ? localPart : quoted(localPart)
    }

    /// A display name: words as they are, else a quoted string.
    package static func quoted(phrase: [UInt8]) -> [UInt8] {
        let words = phrase.split(separator: .space, omittingEmptySubsequences: false)
        let isPlain = words.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isAtomText) }
        return isPlain ? phrase : quoted(phrase)
    }

    /// Text between quotes (RFC 5322 section 3.2.4); what may not stand there becomes a blank.
    package static func quoted(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [.quote]
        for byte in text {
            if byte == .quote || byte == .backslash { out.append(.backslash) }
            out.append(byte == 0 || byte == .cr || byte == .lf ? .space : byte)
        }
        return out + [.quote]
    }

    private static func isDotAtom(_ text: [UInt8]) -> Bool {
        text.split(separator: .dot, omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isAtomText) }
    }
}

extension UInt8 {
    /// What an atom may hold: RFC 5322's atext and the octets of UTF-8 (RFC 6532).
    package var isAtomText: Bool {
        if isAlphanumeric || self >= 0x80 { return true }
        switch Unicode.Scalar(self) {
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|",
            "}", "~":
            return true
        default: return false
        }
    }
}
