/// What ASCII says of one octet. Mail's grammars are octets; no `Character` is ever involved.
///
/// All of it is inlinable: in a loop over a mailbox a call for each octet would be most of the work.
extension UInt8 {
    @inlinable package static var tab: UInt8 { 0x09 }
    @inlinable package static var lf: UInt8 { 0x0A }
    @inlinable package static var cr: UInt8 { 0x0D }
    @inlinable package static var space: UInt8 { 0x20 }
    @inlinable package static var quote: UInt8 { 0x22 }
    @inlinable package static var dot: UInt8 { 0x2E }
    @inlinable package static var colon: UInt8 { 0x3A }
    @inlinable package static var less: UInt8 { 0x3C }
    @inlinable package static var greater: UInt8 { 0x3E }
    @inlinable package static var at: UInt8 { 0x40 }
    @inlinable package static var backslash: UInt8 { 0x5C }

    /// Not to be used: in a comparison `UInt8("x")` is the standard library's reading of a decimal
    /// number, which is nil, and the comparison is never true.
    ///
    /// `UInt8(ascii: "x")` is the octet everywhere.
    @available(*, deprecated, message: "write UInt8(ascii:): UInt8(\"x\") is nil in a comparison")
    package init(_ character: Unicode.Scalar) {
        precondition(character.isASCII)
        self = UInt8(truncatingIfNeeded: character.value)
    }

    @inlinable package var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    @inlinable package var isUppercase: Bool { self >= 0x41 && self <= 0x5A }
    @inlinable package var isLowercase: Bool { self >= 0x61 && self <= 0x7A }
    @inlinable package var isLetter: Bool { isUppercase || isLowercase }
    @inlinable package var isAlphanumeric: Bool { isLetter || isDigit }
    /// Space or tab: RFC 5234's WSP.
    @inlinable package var isBlank: Bool { self == .space || self == .tab }
    /// Space, tab, LF, VT, FF or CR: what `isspace(3)` says in the C locale.
    @inlinable package var isSpace: Bool { self == .space || (self >= 0x09 && self <= 0x0D) }
    @inlinable package var isControl: Bool { self < 0x20 || self == 0x7F }
    @inlinable package var isPrintable: Bool { self >= 0x20 && self < 0x7F }
    @inlinable package var isASCII: Bool { self < 0x80 }

    /// The lower-case form of an ASCII capital, every other octet as it is.
    @inlinable package var lowercased: UInt8 { isUppercase ? self | 0x20 : self }
    @inlinable package var uppercased: UInt8 { isLowercase ? self & 0xDF : self }

    /// The value of a decimal digit.
    @inlinable package var digitValue: Int? { isDigit ? Int(self) - 0x30 : nil }

    /// The value of a hexadecimal digit in either case.
    package var hexValue: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x41 + 10
        case 0x61...0x66: Int(self) - 0x61 + 10
        default: nil
        }
    }
}

extension Collection<UInt8> {
    /// The octets with ASCII capitals folded; no other octet changes.
    @inlinable package var lowercased: [UInt8] { map(\.lowercased) }
    @inlinable package var uppercased: [UInt8] { map(\.uppercased) }

    /// Equal to `other` when ASCII case is ignored.
    @inlinable package func equalsIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowercased == $1.lowercased }
    }

    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        equalsIgnoringCase(text.octets)
    }

    /// Begins with `prefix` when ASCII case is ignored.
    @inlinable package func startsIgnoringCase(with prefix: some Collection<UInt8>) -> Bool {
        count >= prefix.count && self.prefix(prefix.count).equalsIgnoringCase(prefix)
    }
}

extension BidirectionalCollection<UInt8> where SubSequence: BidirectionalCollection {
    /// Without blanks, CR and LF at either end.
    @inlinable package var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isSpace { rest = rest.dropFirst() }
        while let last = rest.last, last.isSpace { rest = rest.dropLast() }
        return rest
    }
}

extension StaticString {
    /// The UTF-8 octets of a text written out in the source.
    package var octets: [UInt8] { Array(description.utf8) }
}
