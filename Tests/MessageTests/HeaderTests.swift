import Bytes
import Message
import Testing

@Suite struct HeaderTests {
    @Test(arguments: [
        ("Subject: hello", "Subject", " hello", "hello"),
        ("Subject:hello", "Subject", "hello", "hello"),
        ("Subject : hello", "Subject", " hello", "hello"),
        ("X-A: a\r\n b\r\n\tc ", "X-A", " a\r\n b\r\n\tc ", "a b\tc"),
        ("X:", "X", "", ""),
        ("X: a:b", "X", " a:b", "a:b"),
    ])
    func readsAField(text: String, name: String, value: String, unfolded: String) throws {
        let field = try #require(HeaderField([UInt8](text)))
        #expect(Array(field.name) == [UInt8](name))
        #expect(Array(field.value) == [UInt8](value))
        #expect(field.unfolded == [UInt8](unfolded))
        #expect(field.octets == [UInt8](text))
        #expect(field.isNamed([UInt8](name.lowercased())))
    }

    @Test(arguments: [
        "", ":", " a: b", "no colon", "a b: c", "na\u{e9}me: c", "a\u{0}: b",
        "From a@b Sat Nov 21 09:00:00 2026",
    ])
    func refusesWhatIsNoField(text: String) { #expect(HeaderField([UInt8](text)) == nil) }

    private static let message = "A: 1\r\nB: 2\r\n 3\r\nA: 4\r\n\r\nbody\r\n"

    @Test func splitsHeaderFromBody() {
        let (header, start) = HeaderBlock.parse([UInt8](Self.message))
        #expect(header.fields.map(\.unfolded) == ["1", "2 3", "4"].map { [UInt8]($0) })
        #expect(String(utf8: [UInt8](Self.message)[start...]) == "body\r\n")
        #expect(header.all("a").count == 2)
        #expect(header.first("b")?.unfolded == [UInt8]("2 3"))
        #expect(header.octets == [UInt8]("A: 1\nB: 2\n 3\nA: 4\n"))
    }

    @Test(arguments: [
        ("A: 1\nbody\n", 1, "body\n"), ("\nbody", 0, "body"), ("body", 0, "body"),
        ("A: 1\n", 1, ""), ("A: 1", 1, ""), ("", 0, ""), (" A: 1\n", 0, " A: 1\n"),
        ("A: 1\n\n\n", 1, "\n"), ("A: 1\r\n \r\n\r\nx", 1, "x"),
    ])
    func findsWhereTheBodyBegins(text: String, count: Int, body: String) {
        let (header, start) = HeaderBlock.parse([UInt8](text))
        #expect(header.fields.count == count)
        #expect(String(utf8: [UInt8](text)[start...]) == body)
    }

    @Test func cutsAFieldAtTheLimitAndSaysSo() {
        var splitter = HeaderSplitter(fieldLimit: 10)
        #expect(splitter.take(line: [UInt8]("A: 1234")).finished == nil)
        #expect(!splitter.hasCutField)
        _ = splitter.take(line: [UInt8](" 567890"))
        #expect(splitter.hasCutField)
        #expect(splitter.take(line: []).finished?.octets == [UInt8]("A: 1234\n 5"))
    }

    @Test func keepsTheSpellingOfANameWhenTheValueChanges() throws {
        let field = try #require(HeaderField([UInt8]("tO: a")))
        #expect(field.replacingValue([UInt8]("b")).octets == [UInt8]("tO: b"))
    }
}
