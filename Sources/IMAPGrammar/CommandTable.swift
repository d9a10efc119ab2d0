import Bytes

/// The commands by their names: how the arguments are read.
package enum CommandTable {
    struct Row: Sendable {
        let name: StaticString
        let parse: @Sendable (inout CommandCursor) throws(SyntaxError) -> Command

        init(
            _ name: StaticString,
            _ parse: @escaping @Sendable (inout CommandCursor) throws(SyntaxError) -> Command
        ) {
            self.name = name
            self.parse = parse
        }

        /// A command without arguments.
        init(_ name: StaticString, _ command: Command) { self.init(name) { _ in command } }
    }

    static let rows = [
        Row("CAPABILITY", .capability),
        Row("NOOP", .noop),
        Row("LOGOUT", .logout),
        Row("STARTTLS", .startTLS),
        Row("ID") { (c) throws(SyntaxError) in .id(try IDCommand.parse(&c)) },
        Row("LOGIN") { (c) throws(SyntaxError) in .login(try LoginCommand.parse(&c)) },
        Row("AUTHENTICATE") { (c) throws(SyntaxError) in
            .authenticate(try AuthenticateCommand.parse(&c))
        },
        Row("SELECT") { (c) throws(SyntaxError) in
            .select(try SelectCommand.parse(&c, access: .readWrite))
        },
        Row("EXAMINE") { (c) throws(SyntaxError) in
            .select(try SelectCommand.parse(&c, access: .readOnly))
        },
        Row("CREATE") { (c) throws(SyntaxError) in .create(try MailboxCommand.parse(&c)) },
        Row("DELETE") { (c) throws(SyntaxError) in .delete(try MailboxCommand.parse(&c)) },
        Row("RENAME") { (c) throws(SyntaxError) in .rename(try RenameCommand.parse(&c)) },
        Row("SUBSCRIBE") { (c) throws(SyntaxError) in .subscribe(try MailboxCommand.parse(&c)) },
        Row("UNSUBSCRIBE") { (c) throws(SyntaxError) in
            .unsubscribe(try MailboxCommand.parse(&c))
        },
        Row("LIST") { (c) throws(SyntaxError) in .list(try ListCommand.parse(&c)) },
        Row("LSUB") { (c) throws(SyntaxError) in .lsub(try ListCommand.parse(&c)) },
        Row("NAMESPACE", .namespace),
        Row("STATUS") { (c) throws(SyntaxError) in .status(try StatusCommand.parse(&c)) },
        Row("APPEND") { (c) throws(SyntaxError) in .append(try AppendCommand.parse(&c)) },
        Row("IDLE", .idle),
        Row("CHECK", .check),
        Row("CLOSE", .close),
        Row("UNSELECT", .unselect),
        Row("EXPUNGE", .expunge(ExpungeCommand(uids: nil))),
        Row("SEARCH") { (c) throws(SyntaxError) in
            .search(try SearchCommand.parse(&c, numbering: .sequence))
        },
        Row("FETCH") { (c) throws(SyntaxError) in
            .fetch(try FetchCommand.parse(&c, numbering: .sequence))
        },
        Row("STORE") { (c) throws(SyntaxError) in
            .store(try StoreCommand.parse(&c, numbering: .sequence))
        },
        Row("COPY") { (c) throws(SyntaxError) in
            .copy(try CopyCommand.parse(&c, numbering: .sequence))
        },
        Row("UID", uid),
    ]

    /// Commands of IMAP's extensions that have no file yet.
    static let notBuilt: [StaticText] = [
        "ENABLE", "MOVE", "SORT", "THREAD", "COMPRESS", "NOTIFY", "REPLACE", "ESEARCH", "CONVERT",
        "GETQUOTA", "GETQUOTAROOT", "SETQUOTA", "GETACL", "SETACL", "DELETEACL", "LISTRIGHTS",
        "MYRIGHTS", "GETMETADATA", "SETMETADATA", "UNAUTHENTICATE", "GENURLAUTH", "URLFETCH",
        "RESETKEY", "LANGUAGE", "COMPARATOR", "CANCELUPDATE", "XLIST",
    ]

    /// RFC 3501 section 6.4.8, and UID EXPUNGE of RFC 4315.
    static let uidRows = [
        Row("FETCH") { (c) throws(SyntaxError) in
            .fetch(try FetchCommand.parse(&c, numbering: .uid))
        },
        Row("SEARCH") { (c) throws(SyntaxError) in
            .search(try SearchCommand.parse(&c, numbering: .uid))
        },
        Row("STORE") { (c) throws(SyntaxError) in
            .store(try StoreCommand.parse(&c, numbering: .uid))
        },
        Row("COPY") { (c) throws(SyntaxError) in
            .copy(try CopyCommand.parse(&c, numbering: .uid))
        },
        Row("EXPUNGE") { (c) throws(SyntaxError) in .expunge(try ExpungeCommand.parseUID(&c)) },
    ]

    private static let uid: @Sendable (inout CommandCursor) throws(SyntaxError) -> Command = {
        (cursor) throws(SyntaxError) in
        try cursor.space()
        return try command(&cursor, in: uidRows)
    }

    static func command(_ cursor: inout CommandCursor) throws(SyntaxError) -> Command {
        try command(&cursor, in: rows)
    }

    private static func command(
        _ cursor: inout CommandCursor, in rows: [Row]
    ) throws(SyntaxError) -> Command {
        let start = cursor.position
        let name = try cursor.atom("a command")
        guard let row = rows.first(where: { name.equalsIgnoringCase($0.name) }) else {
            let later = notBuilt.first { name.equalsIgnoringCase([UInt8]($0.text)) }
            throw SyntaxError(later.map { .notSupported($0) } ?? .unknownCommand, at: start)
        }
        return try row.parse(&cursor)
    }
}
