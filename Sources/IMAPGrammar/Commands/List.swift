/// `LIST reference pattern` and `LSUB reference pattern` (RFC 3501 sections 6.3.8 and 6.3.9).
package struct ListCommand: Equatable, Sendable {
    package let reference: [UInt8]
    package let pattern: [UInt8]

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> ListCommand {
        try cursor.space()
        let reference = try cursor.mailbox()
        try cursor.space()
        return ListCommand(reference: reference, pattern: try cursor.listMailbox())
    }
}
