/// CREATE, DELETE, SUBSCRIBE, UNSUBSCRIBE: commands whose one argument is a mailbox (RFC 3501 sections 6.3.3 to 6.3.7).
package struct MailboxCommand: Equatable, Sendable {
    package let mailbox: [UInt8]

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> MailboxCommand {
        try cursor.space()
        return MailboxCommand(mailbox: try cursor.mailbox())
    }
}
