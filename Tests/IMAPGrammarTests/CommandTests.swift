import Bytes
import Message
import Testing

@testable import IMAPGrammar

/// The frame of a stream; literals are received as announced.
func frame(_ stream: String) -> CommandFrame {
    var cursor = ByteCursor(stream.utf8)
    var framer = CommandFramer(limits: .session)
    while let line = cursor.takeLine() {
        switch framer.take(line: Array(line.last == .cr ? line.dropLast() : line)) {
        case .complete(let frame): return frame
        case .refused: return CommandFrame([])
        case .literal(let count, _): framer.take(literal: Array(cursor.take(count)))
        }
    }
    return framer.partial
}

func parse(_ stream: String) throws(BadCommand) -> Command {
    try Command.parse(frame(stream)).command
}

func octets(_ text: String) -> [UInt8] { [UInt8](text) }

@Suite struct CommandTests {
    @Test(arguments: [
        ("CAPABILITY", Command.capability), ("noop", .noop), ("LOGOUT", .logout), ("IDLE", .idle),
        ("CHECK", .check), ("Close", .close), ("UNSELECT", .unselect), ("NAMESPACE", .namespace),
        ("STARTTLS", .startTLS), ("EXPUNGE", .expunge(.init(uids: nil))),
        ("LOGIN bob secret", .login(.init(name: octets("bob"), password: octets("secret")))),
        ("LOGIN \"b\\\"o\" {2}\r\nxy", .login(.init(name: octets("b\"o"), password: octets("xy")))),
        ("LOGIN \"\" \"\"", .login(.init(name: [], password: []))),
        (
            "AUTHENTICATE plain",
            .authenticate(.init(mechanism: octets("PLAIN"), initialResponse: nil))
        ),
        (
            "AUTHENTICATE PLAIN AGEAYg==",
            .authenticate(.init(mechanism: octets("PLAIN"), initialResponse: [0, 0x61, 0, 0x62]))
        ),
        (
            "AUTHENTICATE EXTERNAL =",
            .authenticate(.init(mechanism: octets("EXTERNAL"), initialResponse: []))
        ),
        ("SELECT INBOX", .select(.init(mailbox: octets("INBOX"), access: .readWrite))),
        ("EXAMINE \"a b\"", .select(.init(mailbox: octets("a b"), access: .readOnly))),
        ("SELECT a]b", .select(.init(mailbox: octets("a]b"), access: .readWrite))),
        ("CREATE {3}\r\na/b", .create(.init(mailbox: octets("a/b")))),
        ("RENAME a b", .rename(.init(mailbox: octets("a"), target: octets("b")))),
        ("LIST \"\" %*", .list(.init(reference: [], pattern: octets("%*")))),
        ("LSUB a/ \"b c\"", .lsub(.init(reference: octets("a/"), pattern: octets("b c")))),
        (
            "STATUS a (messages UIDNEXT)",
            .status(.init(mailbox: octets("a"), items: [.messages, .uidNext]))
        ),
        ("UID EXPUNGE 1:*", .expunge(.init(uids: SequenceSet([.init(.number(1), .last)])))),
        (
            "COPY 1,3 b",
            .copy(
                .init(
                    numbering: .sequence,
                    set: SequenceSet([.init(.number(1), .number(1)), .init(.number(3), .number(3))]
                    ),
                    mailbox: octets("b")))
        ),
        (
            "UID STORE 1 -flags.silent (\\seen X)",
            .store(
                .init(
                    numbering: .uid, set: SequenceSet([.init(.number(1), .number(1))]),
                    action: .remove, isSilent: true, flags: [.seen, .keyword(octets("X"))]))
        ),
        (
            "STORE 1 FLAGS \\Deleted \\Draft",
            .store(
                .init(
                    numbering: .sequence, set: SequenceSet([.init(.number(1), .number(1))]),
                    action: .replace, isSilent: false, flags: [.deleted, .draft]))
        ),
        (
            "STORE 1 +FLAGS ()",
            .store(
                .init(
                    numbering: .sequence, set: SequenceSet([.init(.number(1), .number(1))]),
                    action: .add, isSilent: false, flags: []))
        ),
        ("ID NIL", .id(.init(fields: []))),
        (
            "ID (\"a\" \"b\" \"c\" NIL)",
            .id(
                .init(fields: [
                    .init(name: octets("a"), value: octets("b")),
                    .init(name: octets("c"), value: nil),
                ]))
        ),
    ])
    func readsCommands(text: String, want: Command) throws {
        #expect(try parse("tag " + text + "\r\n") == want)
        #expect(try Command.parse(frame("t.1 " + text + " \r\n")).tag == octets("t.1"))
    }

    @Test(
        arguments: [
            ("", nil, "expected a tag at octet 1"), ("a", "a", "expected a space at octet 2"),
            ("a ", "a", "expected a command at octet 3"),
            ("+ NOOP", nil, "expected a tag at octet 1"),
            ("a  NOOP", "a", "expected a command at octet 3"),
            ("a% NOOP", nil, "expected a space at octet 2"),
            ("a XYZ", "a", "unknown command"), ("a MOVE 1 b", "a", "not supported yet: MOVE"),
            ("a NOOP x", "a", "unexpected text at octet 8"),
            ("a LOGIN x", "a", "expected a space at octet 10"),
            ("a LOGIN x \"y", "a", "expected a closing quote at octet 13"),
            ("a LOGIN \"\\x\" y", "a", "expected \" or \\ at octet 11"),
            ("a SELECT", "a", "expected a space at octet 9"),
            ("a SELECT a b", "a", "unexpected text at octet 12"),
            ("a SELECT (", "a", "expected a mailbox name at octet 10"),
            ("a STATUS a ()", "a", "expected a status item at octet 13"),
            ("a STATUS a (X)", "a", "expected a status item at octet 13"),
            ("a STORE 1 FLAGS (\\Recent)", "a", "expected a flag that can be set at octet 19"),
            ("a STORE 0 FLAGS ()", "a", "expected a number above 0 at octet 9"),
            ("a STORE 4294967296 FLAGS ()", "a", "expected a number at octet 9"),
            ("a COPY 1: b", "a", "expected a message number at octet 10"),
            ("a COPY 1,,2 b", "a", "expected a message number at octet 10"),
            ("a UID NOOP", "a", "unknown command"),
            ("a AUTHENTICATE PLAIN x", "a", "expected base64 at octet 22"),
            ("a APPEND b x", "a", "expected a literal at octet 12"),
        ] as [(String, String?, String)])
    func saysWhatIsWrongAndWhere(text: String, tag: String?, want: String) {
        #expect(throws: BadCommand(tag: tag.map(octets), text: want)) {
            try Command.parse(CommandFrame(line: octets(text)))
        }
    }

    @Test(arguments: [
        "a LOGIN bob geheim extra", "a LOGIN bob \"geheim", "a LOGIN bob {6}\r\ngeheim geheim\r\n",
        "geheim", "a geheim", "a AUTHENTICATE PLAIN geheim!",
    ])
    func neverRepeatsAnArgument(text: String) {
        let bad = #expect(throws: BadCommand.self) { try Command.parse(frame(text + "\r\n")) }
        #expect(bad?.text.contains("geheim") == false)
    }

    @Test func boundsWhatItReads() {
        func text(_ command: String) -> String? {
            do throws(BadCommand) {
                _ = try Command.parse(CommandFrame(line: octets("a " + command)))
                return nil
            } catch { return error.text }
        }
        #expect(text("SELECT " + String(repeating: "x", count: 4097)) == "mailbox name too long")
        #expect(
            text("STORE 1 FLAGS (" + String(repeating: "x", count: 129) + ")") == "keyword too long"
        )
        let flags = Array(repeating: "x", count: 257).joined(separator: " ")
        #expect(text("STORE 1 FLAGS (\(flags))") == "too many flags")
        let ranges = Array(repeating: "1", count: 32_769).joined(separator: ",")
        #expect(text("COPY \(ranges) b") == "too many ranges in a set")
        let items = Array(repeating: "UID", count: 1001).joined(separator: " ")
        #expect(text("FETCH 1 (\(items))") == "too many fetch items")
        let part = Array(repeating: "1", count: 201).joined(separator: ".")
        #expect(text("FETCH 1 BODY[\(part)]") == "too many levels in a section")
        #expect(
            text("ID (" + Array(repeating: "\"a\" NIL", count: 31).joined(separator: " ") + ")")
                == "too many fields")
        let tag = String(repeating: "t", count: 257)
        #expect(throws: BadCommand(tag: nil, text: "tag too long")) {
            try Command.parse(CommandFrame(line: octets(tag + " NOOP")))
        }
    }

    @Test func readsAppendUpToItsMessage() {
        func prefix(_ text: String) -> AppendCommand.Prefix {
            AppendCommand.prefix(CommandFrame([.text(octets(text))]))
        }
        #expect(prefix("a NOOP ") == .other)
        #expect(prefix("a APPEND ") == .other)
        #expect(
            prefix("a APPEND b ")
                == .message(
                    tag: octets("a"),
                    AppendCommand(mailbox: octets("b"), flags: [], date: nil)))
        guard
            case .message(_, let full) = prefix(
                "a APPEND b (\\Seen) \" 1-Feb-2024 10:00:00 -0130\" ")
        else {
            Issue.record("no message")
            return
        }
        #expect(full.flags == [.seen])
        #expect(full.date?.secondsSince1970 == 1_706_787_000)
        for bad in [
            "a APPEND b (\\Seen ", "a APPEND b \"1-Feb-2024\" ", "a APPEND b x ",
            "a APPEND b \"31-Feb-2024 10:00:00 +0000\" ", "a APPEND b",
        ] {
            guard case .malformed(let command) = prefix(bad) else {
                Issue.record("\(bad) is taken")
                continue
            }
            #expect(command.tag == octets("a"))
        }
        let named = CommandFrame([
            .text(octets("a APPEND ")), .literal(octets("b")), .text(octets(" ")),
        ])
        #expect(
            AppendCommand.prefix(named)
                == .message(
                    tag: octets("a"), AppendCommand(mailbox: octets("b"), flags: [], date: nil)))
    }
}
