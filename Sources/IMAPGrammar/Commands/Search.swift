import Bytes

/// `SEARCH [CHARSET name] keys` (RFC 3501 section 6.4.4).
package struct SearchCommand: Equatable, Sendable {
    package let numbering: Numbering
    /// In capitals; nil when the command names none.
    package let charset: [UInt8]?
    package let key: SearchKey

    static func parse(
        _ cursor: inout CommandCursor, numbering: Numbering
    ) throws(SyntaxError) -> SearchCommand {
        try cursor.space()
        var charset: [UInt8]?
        if cursor.take(word: "CHARSET") {
            try cursor.space()
            charset = try cursor.astring("a character set").uppercased
            try cursor.space()
        }
        var parser = SearchKeyParser()
        let keys = try parser.keys(&cursor)
        return SearchCommand(numbering: numbering, charset: charset, key: .all(keys))
    }
}

/// What a message must be like.
package indirect enum SearchKey: Equatable, Sendable {
    /// Every one of them; nothing asked for is true.
    case all([SearchKey])
    case either(SearchKey, SearchKey)
    case not(SearchKey)
    case flag(MessageFlag)
    case recent
    case sequence(SequenceSet)
    case uid(SequenceSet)
    /// Days since 1970 of the internal date or the Date field.
    case before(day: Int, DateKind)
    case on(day: Int, DateKind)
    case since(day: Int, DateKind)
    case larger(UInt32)
    case smaller(UInt32)
    /// A field of this name holds the text; empty: there is such a field.
    case header(name: [UInt8], [UInt8])
    case body([UInt8])
    case text([UInt8])

    package enum DateKind: Equatable, Sendable {
        case arrived
        case sent
    }

    /// What the key asks of the text of messages: whether a character set matters.
    package var asksForText: Bool {
        switch self {
        case .header, .body, .text: true
        case .all(let keys): keys.contains { $0.asksForText }
        case .either(let first, let second): first.asksForText || second.asksForText
        case .not(let key): key.asksForText
        case .flag, .recent, .sequence, .uid, .before, .on, .since, .larger, .smaller: false
        }
    }
}
