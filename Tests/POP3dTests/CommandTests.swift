import Testing

@testable import POP3d

@Suite struct CommandTests {
    @Test(arguments: [
        ("STAT", Command.stat), ("stat", .stat), ("Stat  ", .stat), ("STAT 1", .malformed),
        ("LIST", .list(nil)), ("LIST 2", .list(2)), ("LIST  2 ", .list(2)), ("LIST\t2", .list(2)),
        ("LIST 2 3", .malformed), ("LIST -1", .malformed), ("LIST 1x", .malformed),
        ("LIST 4294967297", .list(4_294_967_297)), ("LIST 0", .list(0)),
        ("LIST 99999999999999999999", .malformed), ("UIDL", .uidl(nil)), ("uidl 7", .uidl(7)),
        ("RETR", .malformed), ("RETR 1", .retr(1)), ("RETR +1", .malformed), ("DELE 3", .dele(3)),
        ("DELE", .malformed), ("TOP 1 0", .top(1, lines: 0)),
        ("TOP 1 99999999999", .top(1, lines: 99_999_999_999)), ("TOP 1", .malformed),
        ("TOP 1 2 3", .malformed), ("TOP 1 -2", .malformed), ("NOOP", .noop), ("RSET", .rset),
        ("QUIT", .quit), ("QUIT now", .malformed), ("CAPA", .capa), ("AUTH", .authList),
        ("USER alice", .user(Array("alice".utf8))), ("USER", .malformed), ("USER ", .malformed),
        ("user  alice ", .user(Array("alice".utf8))), ("PASS", .malformed), ("PASS ", .malformed),
        ("PASS a b ", .pass(Array("a b ".utf8))), ("pass  x", .pass(Array(" x".utf8))),
        ("AUTH plain", .auth(mechanism: Array("PLAIN".utf8), initial: nil)),
        ("AUTH PLAIN AGE=", .auth(mechanism: Array("PLAIN".utf8), initial: Array("AGE=".utf8))),
        ("AUTH PLAIN =", .auth(mechanism: Array("PLAIN".utf8), initial: [])),
        ("AUTH PLAIN a b", .malformed),
        ("AUTH PLAIN\0", .auth(mechanism: Array("PLAIN\0".utf8), initial: nil)),
        ("STLS", .notSupported("STLS")), ("APOP a b", .notSupported("APOP")),
        ("LAST", .notSupported("LAST")), ("", .unknown), ("  STAT", .unknown), ("STATX", .unknown),
        ("EXPLODE 1", .unknown), ("STAT\0", .unknown), ("\u{e9}", .unknown),
    ])
    func readsCommands(line: String, command: Command) {
        #expect(Command(Array(line.utf8)) == command)
    }

    @Test func aLongVerbIsUnknown() {
        #expect(Command([UInt8](repeating: 0x41, count: 100_000)) == .unknown)
    }
}
