/// Fields of a framed message between two of our processes: the one encoding that every channel uses.
///
/// A number is eight octets, a text or list its length as a number and then its octets. There is no
/// self-description: sender and receiver are of one build.
package struct FieldWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func put(_ number: Int) {
        let bits = UInt64(bitPattern: Int64(number))
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
    }

    package mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    package mutating func put(_ octets: some Collection<UInt8>) {
        put(octets.count)
        bytes.append(contentsOf: octets)
    }

    package mutating func put(_ text: String) { put(Array(text.utf8)) }

    /// A list: its count, then each element as `each` writes it.
    package mutating func put<Element>(
        _ list: [Element], each: (Element, inout FieldWriter) -> Void
    ) {
        put(list.count)
        for element in list { each(element, &self) }
    }
}

/// A frame that does not hold the fields its reader asks for.
///
/// Its channel is closed, never more.
package struct MalformedFrame: Error, Equatable, Sendable {
    package init() {}
}

/// Reads what `FieldWriter` wrote, in the same order.
package struct FieldReader {
    private var cursor: ByteCursor

    package init(_ bytes: some Collection<UInt8>) { cursor = ByteCursor(bytes) }

    package mutating func number() throws(MalformedFrame) -> Int {
        let octets = cursor.take(8)
        guard octets.count == 8 else { throw MalformedFrame() }
        let bits = octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(truncatingIfNeeded: Int64(bitPattern: bits))
    }

    package mutating func flag() throws(MalformedFrame) -> Bool {
        switch cursor.next() {
        case 0: false
        case 1: true
        default: throw MalformedFrame()
        }
    }

    package mutating func octets() throws(MalformedFrame) -> [UInt8] {
        let count = try number()
        guard count >= 0, count <= cursor.rest.count else { throw MalformedFrame() }
        return Array(cursor.take(count))
    }

    package mutating func text() throws(MalformedFrame) -> String {
        guard let text = String(utf8: try octets()) else { throw MalformedFrame() }
        return text
    }

    package mutating func list<Element>(
        each: (inout FieldReader) throws(MalformedFrame) -> Element
    ) throws(MalformedFrame) -> [Element] {
        let count = try number()
        // Each element takes at least one octet, so a count beyond what is left cannot be true.
        guard count >= 0, count <= cursor.rest.count else { throw MalformedFrame() }
        var list: [Element] = []
        for _ in 0..<count { list.append(try each(&self)) }
        return list
    }

    /// Says that the frame must end here.
    package func finish() throws(MalformedFrame) {
        guard cursor.isAtEnd else { throw MalformedFrame() }
    }
}
