import Bytes

/// How UIDL's identifiers are made of UID and UIDVALIDITY: Dovecot's `pop3_uidl_format`.
///
/// `%u` is the UID and `%v` the UIDVALIDITY; between percent sign and letter may stand `0`, a width and
/// `X` or `x` for hexadecimal digits. UW's form is `%08xv%08xu`, Dovecot's own `%08Xu%08Xv`.
package struct UIDLFormat: Equatable, Sendable {
    /// Dovecot's default: identifiers that a mailbox has recorded count before it.
    package static let standard = UIDLFormat(parts: [
        .number(isUID: true, width: 8, radix: 16), .number(isUID: false, width: 8, radix: 16),
    ])
    /// RFC 1939 section 7.
    static let lengthLimit = 70

    private let parts: [Part]

    private enum Part: Equatable, Sendable {
        case octet(UInt8)
        case number(isUID: Bool, width: Int, radix: Int)
    }

    private init(parts: [Part]) { self.parts = parts }

    /// nil for a format that we cannot follow, or that would give two messages one identifier.
    init?(_ format: String) {
        var cursor = ByteCursor(Array(format.utf8))
        var parts: [Part] = []
        while let byte = cursor.next() {
            guard byte == UInt8(ascii: "%") else {
                guard byte.isPrintable, byte != .space else { return nil }
                parts.append(.octet(byte))
                continue
            }
            guard let part = Self.variable(&cursor) else { return nil }
            parts.append(part)
        }
        let namesUID = parts.contains { part in
            if case .number(isUID: true, _, _) = part { true } else { false }
        }
        guard namesUID else { return nil }
        self.parts = parts
    }

    private static func variable(_ cursor: inout ByteCursor) -> Part? {
        if cursor.take(UInt8(ascii: "%")) { return .octet(UInt8(ascii: "%")) }
        let hasZero = cursor.take(UInt8(ascii: "0"))
        let width = cursor.takeNumber(Int.self) ?? 0
        // Without the zero the width cuts, which could make two identifiers one.
        guard width <= 32, hasZero || width == 0 else { return nil }
        let isHex = cursor.take(UInt8(ascii: "X")) || cursor.take(UInt8(ascii: "x"))
        switch cursor.next() {
        case UInt8(ascii: "u"): return .number(isUID: true, width: width, radix: isHex ? 16 : 10)
        case UInt8(ascii: "v"): return .number(isUID: false, width: width, radix: isHex ? 16 : 10)
        default: return nil
        }
    }

    /// The identifier of the message with `uid`.
    package func identifier(uid: UInt32, validity: UInt32) -> [UInt8] {
        var text: [UInt8] = []
        for part in parts {
            switch part {
            case .octet(let octet): text.append(octet)
            case .number(let isUID, let width, let radix):
                // Dovecot's %X writes small letters.
                let digits = (isUID ? uid : validity).padded(to: width, radix: radix)
                text += Array(digits.utf8).lowercased
            }
        }
        return Array(text.prefix(Self.lengthLimit))
    }
}
