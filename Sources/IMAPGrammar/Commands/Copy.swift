/// `COPY set mailbox` (RFC 3501 section 6.4.7).
package struct CopyCommand: Equatable, Sendable {
    package let numbering: Numbering
    package let set: SequenceSet
    package let mailbox: [UInt8]

    static func parse(
        _ cursor: inout CommandCursor, numbering: Numbering
    ) throws(SyntaxError) -> CopyCommand {
        try cursor.space()
        let set = try SequenceSet.parse(&cursor)
        try cursor.space()
        return CopyCommand(numbering: numbering, set: set, mailbox: try cursor.mailbox())
    }
}
