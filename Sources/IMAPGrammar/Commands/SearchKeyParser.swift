import Bytes

/// Reads search keys; their nesting is bounded, so neither this nor who walks them can run out of
/// stack.
struct SearchKeyParser {
    /// Levels of parentheses, NOT and OR.
    static let depthLimit = 100
    /// Keys of one command.
    static let keyLimit = 10_000

    private var depth = 0
    private var count = 0

    /// Keys with one blank between them.
    mutating func keys(_ cursor: inout CommandCursor) throws(SyntaxError) -> [SearchKey] {
        var keys = [try key(&cursor)]
        while cursor.peek == .space, cursor.peekBehind != nil || !cursor.isAtEndAfterSpace {
            try cursor.space()
            keys.append(try key(&cursor))
        }
        return keys
    }

    private mutating func key(_ cursor: inout CommandCursor) throws(SyntaxError) -> SearchKey {
        count += 1
        guard count <= Self.keyLimit else { throw cursor.tooMany("search keys") }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else {
            throw SyntaxError(.tooLong("nesting of search keys"), at: cursor.position)
        }
        if cursor.take(UInt8(ascii: "(")) {
            let inner = try keys(&cursor)
            try cursor.require(UInt8(ascii: ")"), ")")
            return inner.count == 1 ? inner[0] : .all(inner)
        }
        if cursor.peek?.isDigit == true || cursor.peek == UInt8(ascii: "*") {
            return .sequence(try SequenceSet.parse(&cursor))
        }
        let start = cursor.position
        let name = String(printable: try cursor.atom("a search key").uppercased)
        if let flag = Self.flags[name] { return flag }
        if let key = try combination(name, &cursor) { return key }
        if let key = try dated(name, &cursor) { return key }
        if let key = try texted(name, &cursor) { return key }
        throw SyntaxError(.expected("a search key"), at: start)
    }

    private static let flags: [String: SearchKey] = [
        "ALL": .all([]), "ANSWERED": .flag(.answered), "DELETED": .flag(.deleted),
        "DRAFT": .flag(.draft), "FLAGGED": .flag(.flagged), "SEEN": .flag(.seen),
        "UNANSWERED": .not(.flag(.answered)), "UNDELETED": .not(.flag(.deleted)),
        "UNDRAFT": .not(.flag(.draft)), "UNFLAGGED": .not(.flag(.flagged)),
        "UNSEEN": .not(.flag(.seen)), "RECENT": .recent, "OLD": .not(.recent),
        "NEW": .all([.recent, .not(.flag(.seen))]),
    ]

    private mutating func combination(
        _ name: String, _ cursor: inout CommandCursor
    ) throws(SyntaxError) -> SearchKey? {
        switch name {
        case "NOT":
            try cursor.space()
            return .not(try key(&cursor))
        case "OR":
            try cursor.space()
            let first = try key(&cursor)
            try cursor.space()
            return .either(first, try key(&cursor))
        case "UID":
            try cursor.space()
            return .uid(try SequenceSet.parse(&cursor))
        case "KEYWORD", "UNKEYWORD":
            try cursor.space()
            let key = SearchKey.flag(.keyword(try MessageFlag.keyword(&cursor)))
            return name == "KEYWORD" ? key : .not(key)
        case "LARGER", "SMALLER":
            try cursor.space()
            let size = try cursor.number()
            return name == "LARGER" ? .larger(size) : .smaller(size)
        default: return nil
        }
    }

    private func dated(
        _ name: String, _ cursor: inout CommandCursor
    ) throws(SyntaxError) -> SearchKey? {
        let kind: SearchKey.DateKind = name.utf8.starts(with: "SENT".utf8) ? .sent : .arrived
        switch kind == .sent ? String(name.dropFirst(4)) : name {
        case "BEFORE":
            try cursor.space()
            return .before(day: try IMAPDate.day(&cursor), kind)
        case "ON":
            try cursor.space()
            return .on(day: try IMAPDate.day(&cursor), kind)
        case "SINCE":
            try cursor.space()
            return .since(day: try IMAPDate.day(&cursor), kind)
        default: return nil
        }
    }

    private func texted(
        _ name: String, _ cursor: inout CommandCursor
    ) throws(SyntaxError) -> SearchKey? {
        switch name {
        case "BCC", "CC", "FROM", "SUBJECT", "TO":
            try cursor.space()
            return .header(name: [UInt8](name), try cursor.astring())
        case "HEADER":
            try cursor.space()
            let field = try cursor.astring("a header field")
            try cursor.space()
            return .header(name: field, try cursor.astring())
        case "BODY":
            try cursor.space()
            return .body(try cursor.astring())
        case "TEXT":
            try cursor.space()
            return .text(try cursor.astring())
        default: return nil
        }
    }
}

extension CommandCursor {
    /// Only one blank is left of the command.
    fileprivate var isAtEndAfterSpace: Bool {
        var rest = self
        return rest.take(.space) && rest.isAtEnd
    }
}
