import Bytes

/// A flag as the protocol names it.
package enum MessageFlag: Hashable, Sendable {
    case seen, answered, flagged, deleted, draft
    case keyword([UInt8])

    /// Octets of a keyword; mailbox formats keep them in header lines or one letter each.
    package static let keywordLimit = 128
    /// Flags in one list.
    package static let listLimit = 256

    /// The name as it is sent.
    package var name: [UInt8] {
        switch self {
        case .seen: [UInt8](#"\Seen"#)
        case .answered: [UInt8](#"\Answered"#)
        case .flagged: [UInt8](#"\Flagged"#)
        case .deleted: [UInt8](#"\Deleted"#)
        case .draft: [UInt8](#"\Draft"#)
        case .keyword(let name): name
        }
    }

    /// One flag that a client may set: `\Recent` and unknown `\` flags are refused.
    package static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> MessageFlag {
        guard cursor.take(.backslash) else { return .keyword(try keyword(&cursor)) }
        if cursor.take(word: "Seen") { return .seen }
        if cursor.take(word: "Answered") { return .answered }
        if cursor.take(word: "Flagged") { return .flagged }
        if cursor.take(word: "Deleted") { return .deleted }
        if cursor.take(word: "Draft") { return .draft }
        throw cursor.expected("a flag that can be set")
    }

    package static func keyword(_ cursor: inout CommandCursor) throws(SyntaxError) -> [UInt8] {
        let name = try cursor.atom("a flag")
        guard name.count <= keywordLimit else {
            throw SyntaxError(.tooLong("keyword"), at: cursor.position)
        }
        return name
    }

    /// `(\Seen $Forwarded)`, perhaps empty.
    package static func list(_ cursor: inout CommandCursor) throws(SyntaxError) -> [MessageFlag] {
        try cursor.list(of: "flags", limit: listLimit, orEmpty: true, parse)
    }
}
