import Bytes

/// Which part of a message: `1.2.HEADER.FIELDS (FROM TO)` (RFC 3501 section 6.4.5).
package struct BodySection: Equatable, Sendable {
    package enum Text: Equatable, Sendable {
        case header, text, mime
        case headerFields([[UInt8]])
        case headerFieldsNot([[UInt8]])
    }

    /// Numbers of a part; no message that we take apart is nested deeper.
    static let depthLimit = 200
    /// Names in one list of header fields.
    static let fieldLimit = 1000

    /// Empty: the message itself.
    package let part: [UInt32]
    /// Nil: everything of the part.
    package let content: Text?

    package init(part: [UInt32], content: Text?) {
        self.part = part
        self.content = content
    }

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> BodySection {
        try cursor.require(UInt8(ascii: "["), "[")
        var part: [UInt32] = []
        var needsText = cursor.peek != UInt8(ascii: "]")
        while needsText, cursor.peek?.isDigit == true {
            part.append(try cursor.nonZeroNumber())
            guard part.count <= depthLimit else { throw cursor.tooMany("levels in a section") }
            needsText = cursor.take(.dot)
        }
        let content = needsText ? try text(&cursor, isPart: !part.isEmpty) : nil
        try cursor.require(UInt8(ascii: "]"), "]")
        return BodySection(part: part, content: content)
    }

    private static func text(
        _ cursor: inout CommandCursor, isPart: Bool
    ) throws(SyntaxError) -> Text {
        let start = cursor.position
        let name = cursor.take { $0.isLetter || $0 == .dot }.uppercased
        switch String(printable: name) {
        case "HEADER": return .header
        case "TEXT": return .text
        case "MIME" where isPart: return .mime
        case "HEADER.FIELDS": return .headerFields(try fields(&cursor))
        case "HEADER.FIELDS.NOT": return .headerFieldsNot(try fields(&cursor))
        default: throw SyntaxError(.expected("a section"), at: start)
        }
    }

    private static func fields(_ cursor: inout CommandCursor) throws(SyntaxError) -> [[UInt8]] {
        try cursor.space()
        return try cursor.list(of: "header fields", limit: fieldLimit) {
            (cursor) throws(SyntaxError) in try cursor.astring("a header field")
        }
    }

    /// The section as a response names it; names of fields in capitals.
    package var text: [UInt8] {
        var out = [UInt8](part.map { "\($0)" }.joined(separator: "."))
        guard let content else { return out }
        if !part.isEmpty { out.append(.dot) }
        switch content {
        case .header: out += "HEADER"
        case .text: out += "TEXT"
        case .mime: out += "MIME"
        case .headerFields(let names): out += [UInt8]("HEADER.FIELDS ") + Self.list(names)
        case .headerFieldsNot(let names): out += [UInt8]("HEADER.FIELDS.NOT ") + Self.list(names)
        }
        return out
    }

    private static func list(_ names: [[UInt8]]) -> [UInt8] {
        ResponseText.list(names.map { ResponseText.astring($0.uppercased) })
    }
}
