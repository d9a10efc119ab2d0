import Bytes
package import Message

/// `APPEND mailbox [(flags)] [date] literal` (RFC 3501 section 6.3.11).
///
/// The message itself is not part of the value: the server streams it to the store.
package struct AppendCommand: Equatable, Sendable {
    package let mailbox: [UInt8]
    package let flags: [MessageFlag]
    package let date: CivilTime?

    /// Reads a command whose literal was received whole: only then is it complete here.
    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> AppendCommand {
        let command = try head(&cursor)
        guard cursor.takeLiteral() != nil else { throw cursor.expected("a literal") }
        return command
    }

    /// What a frame that stops before a literal says.
    package enum Prefix: Equatable, Sendable {
        /// It is APPEND, and the literal that comes is the message.
        case message(tag: [UInt8], AppendCommand)
        /// It is APPEND and already wrong: the literal need not be sent.
        case malformed(BadCommand)
        /// Another command, or APPEND whose mailbox name is the literal.
        case other
    }

    package static func prefix(_ partial: CommandFrame) -> Prefix {
        var cursor = CommandCursor(partial)
        var tag: [UInt8]?
        do throws(SyntaxError) {
            let found = try cursor.tag()
            try cursor.space()
            guard cursor.take(word: "APPEND") else { return .other }
            tag = found
            if cursor.isBeforeLastArgument { return .other }
            let command = try head(&cursor)
            guard cursor.isAtEnd else { throw cursor.expected("a literal") }
            return .message(tag: found, command)
        } catch {
            return tag == nil ? .other : .malformed(BadCommand(tag: tag, text: error.text))
        }
    }

    /// Everything before the literal, the blank before it included.
    private static func head(_ cursor: inout CommandCursor) throws(SyntaxError) -> AppendCommand {
        try cursor.space()
        let mailbox = try cursor.mailbox()
        try cursor.space()
        var flags: [MessageFlag] = []
        if cursor.peek == UInt8(ascii: "(") {
            flags = try MessageFlag.list(&cursor)
            try cursor.space()
        }
        var date: CivilTime?
        if cursor.peek == .quote {
            date = try IMAPDate.dateTime(&cursor)
            try cursor.space()
        }
        return AppendCommand(mailbox: mailbox, flags: flags, date: date)
    }
}

extension CommandCursor {
    /// Only a blank follows: the argument that comes is the literal.
    fileprivate var isBeforeLastArgument: Bool {
        var rest = self
        return rest.take(.space) && rest.isAtEnd
    }
}
