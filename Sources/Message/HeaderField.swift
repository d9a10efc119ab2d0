import Bytes

/// One field of a header, octet for octet as it stands in the message.
package struct HeaderField: Hashable, Sendable {
    /// Name, colon, value and folds, without the end of the last line.
    package let octets: [UInt8]
    private let nameLength: Int
    private let valueStart: Int

    /// The field that `octets` are; nil when no field name and colon stand at their begin.
    ///
    /// The name is printable ASCII without a colon (RFC 5322 section 2.2); blanks between it and the
    /// colon are the obsolete form of section 4.5 and belong to neither name nor value.
    package init?(_ octets: some Collection<UInt8>) {
        let octets = Array(octets)
        guard let colon = Self.colon(in: octets) else { return nil }
        nameLength = octets[..<colon].lastIndex { !$0.isBlank }.map { $0 + 1 } ?? 0
        valueStart = colon + 1
        self.octets = octets
    }

    /// A field that this house makes: a blank follows the colon, lines are the caller's.
    package init(name: String, value: some Collection<UInt8>) {
        var octets = [UInt8](name)
        nameLength = octets.count
        octets.append(.colon)
        valueStart = octets.count
        octets.append(.space)
        octets.append(contentsOf: value)
        self.octets = octets
    }

    package init(name: String, value: String) { self.init(name: name, value: [UInt8](value)) }

    package var name: ArraySlice<UInt8> { octets[..<nameLength] }

    /// What follows the colon, folds and leading blank included.
    package var value: ArraySlice<UInt8> { octets[valueStart...] }

    /// The value on one line (RFC 5322 section 2.2.3): line ends taken out, and blanks at both ends.
    package var unfolded: [UInt8] {
        Array(value.filter { $0 != .cr && $0 != .lf }.trimmed)
    }

    package func isNamed(_ name: StaticString) -> Bool { self.name.equalsIgnoringCase(name) }

    package func isNamed(_ name: some Collection<UInt8>) -> Bool {
        self.name.equalsIgnoringCase(name)
    }

    /// The field with another value; the name keeps its spelling.
    package func replacingValue(_ value: some Collection<UInt8>) -> HeaderField {
        HeaderField(name: String(printable: name), value: Array(value))
    }

    /// Where the colon stands that makes `line` the first line of a field; nil when it is none.
    package static func colon(in line: some RandomAccessCollection<UInt8>) -> Int? {
        var length = 0
        var blanks = false
        for byte in line {
            if byte == .colon { return length > 0 ? length : nil }
            if byte.isBlank {
                // A continuation line begins with a blank; it has no name.
                guard length > 0 else { return nil }
                blanks = true
            } else {
                guard !blanks, byte.isPrintable else { return nil }
            }
            length += 1
        }
        return nil
    }
}
