/// A whole command and its tag.
package struct TaggedCommand: Equatable, Sendable {
    package let tag: [UInt8]
    package let command: Command

    package init(tag: [UInt8], command: Command) {
        self.tag = tag
        self.command = command
    }
}

/// Every command of IMAP4rev1 and of the extensions that we offer.
///
/// The forms behind `UID` are the same cases; their value says that numbers are UIDs.
package enum Command: Equatable, Sendable {
    case capability, noop, logout, startTLS
    case id(IDCommand)
    case login(LoginCommand)
    case authenticate(AuthenticateCommand)
    case select(SelectCommand)
    case create(MailboxCommand)
    case delete(MailboxCommand)
    case rename(RenameCommand)
    case subscribe(MailboxCommand)
    case unsubscribe(MailboxCommand)
    case list(ListCommand)
    case lsub(ListCommand)
    case namespace
    case status(StatusCommand)
    case append(AppendCommand)
    case idle
    case check, close, unselect
    case expunge(ExpungeCommand)
    case search(SearchCommand)
    case fetch(FetchCommand)
    case store(StoreCommand)
    case copy(CopyCommand)

    /// Reads a complete command.
    package static func parse(_ frame: CommandFrame) throws(BadCommand) -> TaggedCommand {
        var cursor = CommandCursor(frame)
        var tag: [UInt8]?
        do throws(SyntaxError) {
            let found = try cursor.tag()
            try cursor.space()
            tag = found
            let command = try CommandTable.command(&cursor)
            try cursor.end()
            return TaggedCommand(tag: found, command: command)
        } catch {
            throw BadCommand(tag: tag ?? CommandCursor.tag(of: frame), text: error.text)
        }
    }
}

/// Whether the numbers of a command are positions or UIDs.
package enum Numbering: Equatable, Sendable {
    case sequence
    case uid
}
