import Bytes

/// `STORE set [+|-]FLAGS[.SILENT] flags` (RFC 3501 section 6.4.6).
package struct StoreCommand: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        case replace, add, remove
    }

    package let numbering: Numbering
    package let set: SequenceSet
    package let action: Action
    /// No FETCH responses for what this command changes.
    package let isSilent: Bool
    package let flags: [MessageFlag]

    static func parse(
        _ cursor: inout CommandCursor, numbering: Numbering
    ) throws(SyntaxError) -> StoreCommand {
        try cursor.space()
        let set = try SequenceSet.parse(&cursor)
        try cursor.space()
        let action: Action =
            cursor.take(UInt8(ascii: "+"))
            ? .add : cursor.take(UInt8(ascii: "-")) ? .remove : .replace
        // The dot is an atom's character: the longer word goes first.
        let isSilent = cursor.take(word: "FLAGS.SILENT")
        guard isSilent || cursor.take(word: "FLAGS") else { throw cursor.expected("FLAGS") }
        try cursor.space()
        return StoreCommand(
            numbering: numbering, set: set, action: action, isSilent: isSilent,
            flags: try flags(&cursor))
    }

    /// A list in parentheses, or flags without them.
    private static func flags(
        _ cursor: inout CommandCursor
    ) throws(SyntaxError) -> [MessageFlag] {
        if cursor.peek == UInt8(ascii: "(") { return try MessageFlag.list(&cursor) }
        var flags = [try MessageFlag.parse(&cursor)]
        while cursor.peek == .space, cursor.peekBehind != nil {
            try cursor.space()
            flags.append(try MessageFlag.parse(&cursor))
            guard flags.count <= MessageFlag.listLimit else { throw cursor.tooMany("flags") }
        }
        return flags
    }
}
