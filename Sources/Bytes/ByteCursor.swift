/// A reading position in octets: what every hand-written parser of the house steps through.
package struct ByteCursor: Sendable {
    package let bytes: [UInt8]
    package private(set) var position = 0

    package init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes) }

    package var isAtEnd: Bool { position == bytes.count }
    /// The next octet, not consumed.
    package var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
    /// What has not been consumed yet.
    package var rest: ArraySlice<UInt8> { bytes[position...] }

    /// The octet `distance` places on, not consumed; 0 is `peek`.
    package func peek(at distance: Int) -> UInt8? {
        distance >= 0 && distance < bytes.count - position ? bytes[position + distance] : nil
    }

    /// Consumes one octet.
    package mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// Goes back to a position that was read from `position` before.
    package mutating func move(to position: Int) {
        precondition((0...bytes.count).contains(position))
        self.position = position
    }

    /// Consumes `byte` when it is next.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// Consumes `text` when it is next; ASCII case is ignored.
    package mutating func take(ignoringCase text: StaticString) -> Bool {
        let octets = text.octets
        guard rest.startsIgnoringCase(with: octets) else { return false }
        position += octets.count
        return true
    }

    /// Consumes at most `count` octets.
    package mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let end = position + Swift.min(Swift.max(0, count), bytes.count - position)
        defer { position = end }
        return bytes[position..<end]
    }

    /// Consumes the longest run of octets for which `matches` holds.
    package mutating func take(while matches: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, matches(bytes[position]) { position += 1 }
        return bytes[start..<position]
    }

    /// Consumes up to but not including `byte`; everything when it does not come.
    package mutating func take(upTo byte: UInt8) -> ArraySlice<UInt8> { take { $0 != byte } }

    /// Consumes a decimal number without sign; nil, and nothing consumed, when none is next or it
    /// does not fit.
    package mutating func takeNumber<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let start = position
        guard let number = Number(decimal: take(while: \.isDigit)) else {
            position = start
            return nil
        }
        return number
    }

    /// Consumes blanks (space and tab).
    package mutating func skipBlanks() { _ = take(while: \.isBlank) }

    /// Consumes one line and its LF, and yields it without the LF; nil at the end.
    package mutating func takeLine() -> ArraySlice<UInt8>? {
        guard !isAtEnd else { return nil }
        defer { _ = take(.lf) }
        return take(upTo: .lf)
    }
}
