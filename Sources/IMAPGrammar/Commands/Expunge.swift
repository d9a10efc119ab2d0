/// `EXPUNGE` (RFC 3501 section 6.4.3) and `UID EXPUNGE set` (RFC 4315).
package struct ExpungeCommand: Equatable, Sendable {
    /// The UIDs to which it is limited; nil: all messages with `\Deleted`.
    package let uids: SequenceSet?

    static func parseUID(_ cursor: inout CommandCursor) throws(SyntaxError) -> ExpungeCommand {
        try cursor.space()
        return ExpungeCommand(uids: try SequenceSet.parse(&cursor))
    }
}
