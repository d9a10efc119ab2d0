import Bytes

/// `FETCH set items` (RFC 3501 section 6.4.5).
package struct FetchCommand: Equatable, Sendable {
    /// Items of one command; the longest honest list has about a dozen.
    static let itemLimit = 1000

    package let numbering: Numbering
    package let set: SequenceSet
    /// Macros are written out.
    package let items: [FetchItem]

    static func parse(
        _ cursor: inout CommandCursor, numbering: Numbering
    ) throws(SyntaxError) -> FetchCommand {
        try cursor.space()
        let set = try SequenceSet.parse(&cursor)
        try cursor.space()
        return FetchCommand(numbering: numbering, set: set, items: try items(&cursor))
    }

    private static func items(_ cursor: inout CommandCursor) throws(SyntaxError) -> [FetchItem] {
        if cursor.peek == UInt8(ascii: "(") {
            return try cursor.list(of: "fetch items", limit: itemLimit, FetchItem.parse)
        }
        let fast: [FetchItem] = [.flags, .internalDate, .rfc822Size]
        if cursor.take(word: "ALL") { return fast + [.envelope] }
        if cursor.take(word: "FAST") { return fast }
        if cursor.take(word: "FULL") {
            return fast + [.envelope, .bodyStructure(isExtended: false)]
        }
        return [try FetchItem.parse(&cursor)]
    }
}

/// One thing to be told of a message.
package enum FetchItem: Equatable, Sendable {
    case flags, internalDate, uid, envelope
    case rfc822, rfc822Header, rfc822Text, rfc822Size
    /// `BODY`, or `BODYSTRUCTURE` when extended.
    case bodyStructure(isExtended: Bool)
    case body(BodyItem)

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> FetchItem {
        let start = cursor.position
        // `[` is an atom's character; a section is read on its own.
        let name = cursor.take { $0.isAtomCharacter && $0 != UInt8(ascii: "[") }.uppercased
        let hasSection = cursor.peek == UInt8(ascii: "[")
        switch (String(printable: name), hasSection) {
        case ("FLAGS", false): return .flags
        case ("INTERNALDATE", false): return .internalDate
        case ("UID", false): return .uid
        case ("ENVELOPE", false): return .envelope
        case ("RFC822", false): return .rfc822
        case ("RFC822.HEADER", false): return .rfc822Header
        case ("RFC822.TEXT", false): return .rfc822Text
        case ("RFC822.SIZE", false): return .rfc822Size
        case ("BODY", false): return .bodyStructure(isExtended: false)
        case ("BODYSTRUCTURE", false): return .bodyStructure(isExtended: true)
        case ("BODY", true): return .body(try BodyItem.parse(&cursor, marksSeen: true))
        case ("BODY.PEEK", true): return .body(try BodyItem.parse(&cursor, marksSeen: false))
        default: throw SyntaxError(.expected("a fetch item"), at: start)
        }
    }
}

/// `[section]<first.count>` behind BODY or BODY.PEEK.
package struct BodyItem: Equatable, Sendable {
    package struct Window: Equatable, Sendable {
        package let first: UInt32
        package let count: UInt32
    }

    package let section: BodySection
    package let window: Window?
    /// The message gets `\Seen`: BODY, not BODY.PEEK.
    package let marksSeen: Bool

    static func parse(
        _ cursor: inout CommandCursor, marksSeen: Bool
    ) throws(SyntaxError) -> BodyItem {
        let section = try BodySection.parse(&cursor)
        guard cursor.take(.less) else {
            return BodyItem(section: section, window: nil, marksSeen: marksSeen)
        }
        let first = try cursor.number()
        try cursor.require(.dot, ".")
        let count = try cursor.nonZeroNumber()
        try cursor.require(.greater, ">")
        return BodyItem(
            section: section, window: Window(first: first, count: count), marksSeen: marksSeen)
    }

    /// `BODY[section]<first>`, as the response names it.
    package var responseName: [UInt8] {
        var out = [UInt8]("BODY[") + section.text
        out.append(UInt8(ascii: "]"))
        if let window { out += "<\(window.first)>" }
        return out
    }
}
