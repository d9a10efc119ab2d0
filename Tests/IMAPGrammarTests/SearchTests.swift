import Bytes
import Testing

@testable import IMAPGrammar

private func key(_ text: String) throws(BadCommand) -> SearchKey {
    guard case .search(let search) = try parse("a SEARCH \(text)\r\n") else { return .all([]) }
    guard case .all(let keys) = search.key, keys.count == 1 else { return search.key }
    return keys[0]
}

@Suite struct SearchTests {
    @Test(arguments: [
        ("ALL", SearchKey.all([])), ("SEEN", .flag(.seen)), ("unseen", .not(.flag(.seen))),
        ("NEW", .all([.recent, .not(.flag(.seen))])), ("OLD", .not(.recent)),
        ("KEYWORD $X", .flag(.keyword(octets("$X")))),
        ("UNKEYWORD x", .not(.flag(.keyword(octets("x"))))),
        ("NOT NOT DRAFT", .not(.not(.flag(.draft)))),
        ("OR SEEN (DRAFT DELETED)", .either(.flag(.seen), .all([.flag(.draft), .flag(.deleted)]))),
        ("SEEN DRAFT", .all([.flag(.seen), .flag(.draft)])),
        ("2:*", .sequence(SequenceSet([.init(.number(2), .last)]))),
        ("UID *", .uid(SequenceSet([.init(.last, .last)]))),
        ("SINCE 1-Jan-1970", .since(day: 0, .arrived)),
        ("SENTON \"02-Jan-1970\"", .on(day: 1, .sent)),
        ("BEFORE 31-Dec-1969", .before(day: -1, .arrived)), ("LARGER 0", .larger(0)),
        ("SMALLER 4294967295", .smaller(.max)),
        ("FROM bob", .header(name: octets("FROM"), octets("bob"))),
        ("HEADER X-A \"\"", .header(name: octets("X-A"), [])),
        ("BODY {2}\r\nab", .body(octets("ab"))),
        ("TEXT \"a b\"", .text(octets("a b"))),
    ])
    func readsKeys(text: String, want: SearchKey) throws { #expect(try key(text) == want) }

    @Test(arguments: [
        "", "X", "NOT", "OR SEEN", "(SEEN", "()", "SEEN )", "KEYWORD", "KEYWORD (",
        "SINCE 31-Feb-2024",
        "SINCE 1-Foo-2024", "SINCE 1-Jan-24", "LARGER -1", "LARGER 4294967296", "HEADER X", "UID x",
        "0", "CHARSET UTF-8", "SENTX 1-Jan-1970", "SEEN  DRAFT",
    ])
    func refusesOtherKeys(text: String) {
        #expect(throws: BadCommand.self) { try key(text) }
    }

    @Test(arguments: ["NOT ", "OR SEEN ", "("])
    func boundsNesting(piece: String) throws {
        let closing = piece == "(" ? ")" : ""
        func nested(_ depth: Int) -> String {
            String(repeating: piece, count: depth) + "SEEN"
                + String(repeating: closing, count: depth)
        }
        #expect(throws: Never.self) { try key(nested(90)) }
        #expect(throws: BadCommand(tag: octets("a"), text: "nesting of search keys too long")) {
            try key(nested(1000))
        }
    }

    @Test func namesTheCharacterSet() throws {
        guard case .search(let search) = try parse("a UID SEARCH CHARSET utf-8 SEEN\r\n") else {
            return
        }
        #expect(search.charset == octets("UTF-8"))
        #expect(search.numbering == .uid)
        #expect(!search.key.asksForText)
    }
}
