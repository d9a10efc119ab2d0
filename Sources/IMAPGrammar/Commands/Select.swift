/// `SELECT mailbox` and `EXAMINE mailbox` (RFC 3501 sections 6.3.1 and 6.3.2).
package struct SelectCommand: Equatable, Sendable {
    package enum Access: Equatable, Sendable {
        case readWrite
        case readOnly
    }

    package let mailbox: [UInt8]
    package let access: Access

    static func parse(
        _ cursor: inout CommandCursor, access: Access
    ) throws(SyntaxError) -> SelectCommand {
        try cursor.space()
        return SelectCommand(mailbox: try cursor.mailbox(), access: access)
    }
}
