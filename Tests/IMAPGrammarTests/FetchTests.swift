import Bytes
import Testing

@testable import IMAPGrammar

private func items(_ text: String) throws(BadCommand) -> [FetchItem] {
    guard case .fetch(let fetch) = try parse("a FETCH 1 \(text)\r\n") else { return [] }
    return fetch.items
}

@Suite struct FetchTests {
    @Test(arguments: [
        ("FLAGS", [FetchItem.flags]), ("(UID rfc822.size)", [.uid, .rfc822Size]),
        ("ALL", [.flags, .internalDate, .rfc822Size, .envelope]),
        ("FAST", [.flags, .internalDate, .rfc822Size]),
        (
            "FULL",
            [.flags, .internalDate, .rfc822Size, .envelope, .bodyStructure(isExtended: false)]
        ),
        ("(RFC822 RFC822.HEADER RFC822.TEXT)", [.rfc822, .rfc822Header, .rfc822Text]),
        (
            "(BODY BODYSTRUCTURE)",
            [.bodyStructure(isExtended: false), .bodyStructure(isExtended: true)]
        ),
    ])
    func readsItems(text: String, want: [FetchItem]) throws { #expect(try items(text) == want) }

    @Test(arguments: [
        ("BODY[]", "BODY[]"), ("BODY.PEEK[]<0.10>", "BODY[]<0>"), ("body[header]", "BODY[HEADER]"),
        ("BODY[1.2.3]", "BODY[1.2.3]"), ("BODY[1.MIME]", "BODY[1.MIME]"),
        (
            "BODY[1.2.HEADER.FIELDS (From \"to\")]<4294967295.1>",
            "BODY[1.2.HEADER.FIELDS (FROM TO)]<4294967295>"
        ),
        ("BODY[HEADER.FIELDS.NOT (x)]", "BODY[HEADER.FIELDS.NOT (X)]"),
        ("BODY[TEXT]", "BODY[TEXT]"),
        ("BODY[HEADER.FIELDS ({3}\r\na b)]", "BODY[HEADER.FIELDS (\"A B\")]"),
    ])
    func namesSectionsInItsResponse(text: String, want: String) throws {
        guard case .body(let item)? = try items(text).first else {
            Issue.record("no section")
            return
        }
        #expect(String(latin1: item.responseName) == want)
        #expect(item.marksSeen == !text.lowercased().contains("peek"))
    }

    @Test(arguments: [
        "", "()", "(FLAGS", "FLAGS UID", "(ALL)", "X", "BODY[", "BODY[0]", "BODY[1.0]", "BODY[1.]",
        "BODY[MIME]", "BODY[X]", "BODY[HEADER.FIELDS]", "BODY[HEADER.FIELDS ()]", "BODY[]<0.0>",
        "BODY[]<1>", "BODY[]<-1.2>", "BODY[]<4294967296.1>", "BODY[]<1.2", "RFC822[]", "BODY.PEEK",
        "BODY[1.HEADER", "FLAGS.SILENT",
    ])
    func refusesOtherItems(text: String) {
        #expect(throws: BadCommand.self) { try items(text) }
    }
}
