import Bytes
import Tables
import Testing

private func items(_ text: String) -> [SourceItem] { Array(MapSource(Array(text.utf8))) }

private func entry(_ key: String, _ value: String, _ line: Int) -> SourceItem {
    .entry(SourceEntry(key: Array(key.utf8), value: Array(value.utf8), line: line))
}

@Suite struct SourceTests {
    @Test func readsKeysAndValues() {
        let text = "a b\nA  x y  \n\tcont\n# c\nkey\n  lead\n\"Quo ted\" v\n\"k\\\" 2\" v"
        #expect(
            items(text) == [
                entry("a", "b", 1), entry("a", "x y  \tcont", 2), entry("key", "lead", 5),
                entry("\"quo ted\"", "v", 7), entry("\"k\\\" 2\"", "v", 8),
            ])
    }

    @Test func reportsOddLines() {
        #expect(items(" lead x\nk v") == [.stray(" lead x"), entry("k", "v", 2)])
        #expect(
            items("key\n")
                == [.malformed(line: 1, "expected format: key whitespace value")])
        #expect(
            items("k: v\n") == [
                .suspicious(
                    line: 1, "record is in \"key: value\" format; is this an alias file?"),
                entry("k:", "v", 1),
            ])
    }

    @Test func readsAliases() {
        let text =
            "a: b, c\nRoot: x,y\n  z\n\"quo ted\": v\nnocolon\n: x\nc:\n\"e\\\"f\" : g\n"
            + "x y: z\nu@d: v\nw (remark): v\n"
        #expect(
            Array(AliasSource(Array(text.utf8))) == [
                entry("a", "b, c", 1), entry("root", "x, y z", 2), entry("quo ted", "v", 4),
                .malformed(line: 5, "need name:value pair"),
                .malformed(line: 6, "need name:value pair"),
                .malformed(line: 7, "need name:value pair"), entry("e\"f", "g", 8),
                entry("x y", "z", 9),
                .malformed(line: 10, "name must be local"), entry("w", "v", 11),
            ])
    }

    @Test func saysWhichKeyHasAnOpenQuote() {
        #expect(
            items("\"open four\nk v\na\"b\"c\" d\n\"a\"\n") == [
                .malformed(line: 1, "unbalanced '\"' in '\"open four' -- ignoring this line"),
                entry("k", "v", 2),
                .malformed(line: 3, "unbalanced '\"' in 'a\"b\"c\" d' -- ignoring this line"),
                .malformed(line: 4, "expected format: key whitespace value"),
            ])
    }

    static let lists: [(text: String, want: String)] = [
        ("alice,\n  bob,\n\t\"|/bin/cat  >/x, y\", /f", "alice, bob, \"|/bin/cat  >/x, y\", /f"),
        ("a  b\t,c ,, d", "a b, c, , d"), ("\"x \\\"  y\" , z\\  w", "\"x \\\"  y\", z\\  w"),
    ]

    @Test(arguments: lists)
    func aliasListsLoseBlanksThatSayNothing(_ row: (text: String, want: String)) {
        #expect(
            Array(AliasSource(Array("k: \(row.text)\n".utf8))) == [entry("k", row.want, 1)])
    }

    static let values: [(text: String, want: [AliasTarget])] = [
        ("alice", [.address(Array("alice"))]),
        ("alice, bob@example.org", [.address(Array("alice")), .address(Array("bob@example.org"))]),
        ("a b", [.address(Array("a")), .address(Array("b"))]),
        ("\"|cmd -a, b\"", [.command(Array("cmd -a, b"))]),
        ("|\"cmd a\", x", [.command(Array("\"cmd a\"")), .address(Array("x"))]),
        ("|cmd a b", [.command(Array("cmd a b"))]), ("/var/mail/x", [.file(Array("/var/mail/x"))]),
        ("\"/a b\"", [.file(Array("/a b"))]),
        (":include:/etc/list", [.include(Array("/etc/list"))]),
        (":INCLUDE:/l, z", [.include(Array("/l")), .address(Array("z"))]),
        ("\"john smith\"@x", [.address(Array("\"john smith\"@x"))]),
        ("\"john smith\"", [.address(Array("john smith"))]), ("(no) a (b)", [.address(Array("a"))]),
        ("<a@b>", [.address(Array("a@b"))]), ("\\alice", [.address(Array("\\alice"))]),
        (", ,", []), ("\"unterminated", [.address(Array("unterminated"))]),
    ]

    @Test(arguments: values)
    func readsTargets(_ row: (text: String, want: [AliasTarget])) {
        #expect(AliasValue.targets(Array(row.text.utf8)) == row.want)
    }

    @Test func everyPrefixOfAValueIsReadWithoutEnd() {
        let value = Array("\"|c \\\"d\\\"\", (x(y)), :include:/f, <a@b>, \"q\"@d".utf8)
        for end in value.indices {
            #expect(AliasValue.targets(value[..<end]).count <= 5)
        }
    }
}
