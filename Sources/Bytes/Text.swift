/// The two doors between octets and text for people.

extension Array<UInt8> {
    /// The UTF-8 octets of `text`.
    package init(_ text: some StringProtocol) { self = Array(text.utf8) }
}

extension Array<UInt8> {
    package static func += (bytes: inout [UInt8], text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}

extension String {
    /// The octets as text when they are valid UTF-8.
    package init?(utf8 bytes: some Sequence<UInt8>) {
        self.init(validating: Array(bytes), as: UTF8.self)
    }

    /// The octets as one line fit for a log or a reply: every octet that is not printable ASCII
    /// becomes `?`, as Postfix's `printable()` does, and what exceeds `limit` octets is cut.
    package init(printable bytes: some Collection<UInt8>, limit: Int = 2048) {
        self = String(
            decoding: bytes.prefix(limit).map { $0.isPrintable ? $0 : UInt8(ascii: "?") },
            as: UTF8.self)
    }

    /// The octets as text, one scalar (U+0000 to U+00FF) an octet: nothing is lost and nothing fails.
    package init(latin1 bytes: some Sequence<UInt8>) {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(Unicode.Scalar(byte)) }
        self = String(text)
    }
}

extension FixedWidthInteger {
    /// The number written in decimal digits only, without sign or blank; nil when it is not one or
    /// does not fit.
    package init?(decimal digits: some Collection<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var value = Self.zero
        for byte in digits {
            guard let digit = byte.digitValue else { return nil }
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Self(digit))
            guard !over, !carry else { return nil }
            value = sum
        }
        self = value
    }

    /// The number in `radix`, filled on the left with zeros to `width` digits, in capitals.
    package func padded(to width: Int, radix: Int = 10) -> String {
        let digits = String(self, radix: radix, uppercase: true)
        return String(repeating: "0", count: Swift.max(0, width - digits.utf8.count)) + digits
    }
}
