/// `RENAME mailbox mailbox` (RFC 3501 section 6.3.5).
package struct RenameCommand: Equatable, Sendable {
    package let mailbox: [UInt8]
    package let target: [UInt8]

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> RenameCommand {
        try cursor.space()
        let mailbox = try cursor.mailbox()
        try cursor.space()
        return RenameCommand(mailbox: mailbox, target: try cursor.mailbox())
    }
}
