import Bytes
import Posix
import Settings
import Tables
import TestSupport
import Testing

/// Builds `name`.db with these entries.
private func build(
    _ name: Path, _ entries: [(String, String)], type: DatabaseType = .hash,
    start: DatabaseBuilder.Start = .empty(mode: 0o640), hasNUL: Bool = true
) throws {
    let builder = try DatabaseBuilder(name, type, start, hasNUL: hasNUL)
    for (key, value) in entries {
        _ = try builder.put(Array(key.utf8), Array(value.utf8), .keepFirst)
    }
    try builder.commit()
}

extension Table {
    fileprivate func text(_ key: String) throws -> String? {
        try lookup(Array(key.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
}

@Suite struct DatabaseTests {
    @Test(arguments: ["hash", "btree"])
    func findsWhatWasBuilt(_ type: String) throws {
        let directory = try TemporaryDirectory()
        let name = directory.path / "t"
        try build(
            name, [("a", "1"), ("b c", "2"), ("a", "3")], type: type == "hash" ? .hash : .btree)
        let table = try Table.open("\(type):\(name)")
        #expect(try table.text("a") == "1")
        #expect(try table.text("B C") == "2")
        #expect(try table.text("nope") == nil)
        #expect(try table.entries().count == 2)
        #expect(try (directory.path / "t.db").status().mode == 0o640)
        #expect(try directory.path.list() == ["t.db"])
    }

    @Test(arguments: [true, false])
    func findsKeysWithAndWithoutNUL(_ hasNUL: Bool) throws {
        let directory = try TemporaryDirectory()
        let name = directory.path / "t"
        try build(name, [("key", "value"), ("other", "w")], hasNUL: hasNUL)
        let table = try Table.open("hash:\(name)")
        #expect(try table.text("nope") == nil)
        #expect(try table.text("key") == "value")
        #expect(try table.text("other") == "w")
    }

    @Test func aReaderSeesATableThatWasRebuilt() throws {
        let directory = try TemporaryDirectory()
        let name = directory.path / "t"
        try build(name, [("a", "old")])
        let table = try Table.open("hash:\(name)")
        #expect(try table.text("a") == "old")
        try build(name, [("a", "new"), ("b", "2")])
        #expect(try table.text("a") == "new")
        try build(name, [("c", "3")], start: .existing)
        #expect(try table.text("b") == "2")
        #expect(try table.text("c") == "3")
    }

    @Test func aBuildThatIsNotCommittedLeavesNothing() throws {
        let directory = try TemporaryDirectory()
        let name = directory.path / "t"
        try build(name, [("a", "old")])
        do {
            let builder = try DatabaseBuilder(name, .hash, .empty(mode: nil))
            _ = try builder.put([65], [66], .replace)
        }
        #expect(try directory.path.list() == ["t.db"])
        #expect(try Table.open("hash:\(name)").text("a") == "old")
    }

    @Test func replacesAndDeletes() throws {
        let directory = try TemporaryDirectory()
        let name = directory.path / "t"
        try build(name, [("a", "1"), ("b", "2")])
        let builder = try DatabaseBuilder(name, .hash, .existing)
        #expect(try !builder.put(Array("a".utf8), Array("x".utf8), .keepFirst))
        #expect(try builder.put(Array("a".utf8), Array("y".utf8), .replace))
        #expect(try builder.delete(Array("b".utf8)))
        #expect(try !builder.delete(Array("b".utf8)))
        try builder.commit()
        let table = try Table.open("hash:\(name)")
        #expect(try table.text("a") == "y")
        #expect(try table.text("b") == nil)
    }

    @Test func warnsOfADatabaseThatIsOlderThanItsSource() throws {
        let directory = try TemporaryDirectory()
        let name = try directory.file("t", "a 1\n")
        try build(name, [("a", "1")])
        let now = Clock.now
        try name.setTimes(accessed: nil, modified: FileTime(seconds: now - 200))
        try name.adding(suffix: ".db").setTimes(
            accessed: nil, modified: FileTime(seconds: now - 300))
        var warnings: [String] = []
        _ = try Table.open("hash:\(name)") { warnings.append($0) }
        #expect(warnings == ["database \(name).db is older than source file \(name)"])
    }

    @Test func aFileThatIsNoDatabaseIsAFault() throws {
        let directory = try TemporaryDirectory()
        try directory.file("t.db", "no database\n")
        #expect(throws: TableError.self) { try Table.open("hash:\(directory.path / "t")") }
        let missing = #expect(throws: TableError.self) {
            try Table.open("hash:\(directory.path / "u")")
        }
        #expect(
            missing?.description
                == "open database \(directory.path)/u.db: No such file or directory")
    }

    @Test func theLibrarysOwnToolsReadWhatWeWrite() throws {
        guard let dump = Program.installed("db5.3_dump") else { return }
        let directory = try TemporaryDirectory()
        try build(directory.path / "t", [("alice", "bob")])
        let result = try dump.run(["-p", "\(directory.path)/t.db"])
        #expect(result.text.contains("type=hash\n"))
        #expect(result.text.contains(" alice\\00\n bob\\00\n"))
    }

    @Test func weReadWhatTheLibrarysOwnToolsWrite() throws {
        guard let load = Program.installed("db5.3_load") else { return }
        let directory = try TemporaryDirectory()
        let result = try load.run(
            ["-T", "-t", "hash", "\(directory.path)/t.db"], input: Array("k\\00\nv w\\00\n".utf8))
        #expect(result.ending == .exited(0))
        #expect(try Table.open("hash:\(directory.path / "t")").text("k") == "v w")
    }
}

@Suite struct TableKindTests {
    static let known: [(specification: String, key: String, want: String?)] = [
        ("static:bar", "foo", "bar"), ("static:{a b}", "foo", "a b"),
        ("inline:{foo=bar,a=b}", "FOO", "bar"), ("inline:{ {foo = b a r}, a=b }", "foo", "b a r"),
        ("inline:{a=b}", "c", nil), ("unix:passwd.byname", "no such user", nil),
        ("proxy:static:x", "a", "x"),
    ]

    @Test(arguments: known)
    func answers(_ row: (specification: String, key: String, want: String?)) throws {
        #expect(try Table.open(row.specification).text(row.key) == row.want)
    }

    static let faults: [(specification: String, want: String)] = [
        ("regexp:/x", "not supported yet: regexp"), ("nis:mail.aliases", "not supported yet: nis"),
        ("inline:foo", "bad syntax: \"inline:foo\"; need \"inline:{name=value...}\""),
        (
            "inline:{foo}",
            "missing '=' after attribute name: \"inline:{foo}\"; need \"inline:{name=value...}\""
        ),
        ("noted", "open dictionary: expecting \"type:name\" form instead of \"noted\""),
        ("unix:shadow", "unknown table: unix:shadow"),
    ]

    @Test(arguments: faults)
    func saysWhatCannotBeOpened(_ row: (specification: String, want: String)) {
        let error = #expect(throws: TableError.self) { try Table.open(row.specification) }
        #expect(error?.description == row.want)
    }

    @Test func readsTextTables() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("t", "A 1\na 2\nb\n")
        var warnings: [String] = []
        let table = try Table.open("texthash:\(file)") { warnings.append($0) }
        #expect(try table.text("a") == "1")
        #expect(
            warnings == [
                "\(file), line 2: duplicate entry: \"a\"",
                "\(file), line 3: expected format: key whitespace value -- ignoring this line",
            ])
    }

    @Test func aliasesAreAskedInTurnWithTheirCaseIgnored() throws {
        let aliases = try AliasDatabase.open(["inline:{a=b}", "inline:{a=c,Root=x}"])
        #expect(try aliases.targets(of: Array("A".utf8)) == [.address(Array("b".utf8))])
        #expect(try aliases.targets(of: Array("ROOT".utf8)) == [.address(Array("x".utf8))])
        #expect(try aliases.targets(of: Array("y".utf8)) == nil)
    }

    @Test func aTableThatFailsIsNeverNotFound() throws {
        let list = try TableList.open(["fail:x", "static:y"])
        #expect(throws: TableError.self) { try list.lookup([65]) }
    }
}
