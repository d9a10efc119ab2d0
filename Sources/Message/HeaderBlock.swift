import Bytes

/// The header of a message: its fields in their order.
package struct HeaderBlock: Equatable, Sendable {
    package var fields: [HeaderField]

    package init(_ fields: [HeaderField] = []) { self.fields = fields }

    /// Reads the header at the begin of `message`, whose lines may end in LF or CRLF.
    ///
    /// Yields also where the body begins: behind the empty line, or at the first line that cannot
    /// belong to a header. A field longer than `fieldLimit` octets is cut there.
    package static func parse(
        _ message: some Collection<UInt8>, fieldLimit: Int = HeaderSplitter.usualFieldLimit
    ) -> (header: HeaderBlock, bodyStart: Int) {
        let message = Array(message)
        var splitter = HeaderSplitter(fieldLimit: fieldLimit)
        var fields: [HeaderField] = []
        var start = 0
        while start < message.count {
            let end = message[start...].firstIndex(of: .lf) ?? message.count
            let step = splitter.take(line: message[start..<end])
            if let field = step.finished { fields.append(field) }
            switch step.place {
            case .header: start = min(end + 1, message.count)
            case .separator: return (HeaderBlock(fields), min(end + 1, message.count))
            case .body: return (HeaderBlock(fields), start)
            }
        }
        if let field = splitter.finish() { fields.append(field) }
        return (HeaderBlock(fields), message.count)
    }

    /// The first field of this name.
    package func first(_ name: StaticString) -> HeaderField? { fields.first { $0.isNamed(name) } }

    package func all(_ name: StaticString) -> [HeaderField] { fields.filter { $0.isNamed(name) } }

    package func all(_ name: [UInt8]) -> [HeaderField] { fields.filter { $0.isNamed(name) } }

    package mutating func removeAll(_ name: StaticString) { fields.removeAll { $0.isNamed(name) } }

    package mutating func append(_ name: String, _ value: String) {
        fields.append(HeaderField(name: name, value: value))
    }

    package mutating func prepend(_ name: String, _ value: String) {
        fields.insert(HeaderField(name: name, value: value), at: 0)
    }

    /// The lines, each with its LF, without the empty line that ends a header.
    package var octets: [UInt8] {
        var out: [UInt8] = []
        for field in fields {
            out += field.octets
            out.append(.lf)
        }
        return out
    }
}
