import Bytes
import Message
import TestSupport
import Testing

/// `name|local|domain` of each mailbox; groups as `group{…}`.
private func outline(_ text: String) -> String {
    AddressList.parse([UInt8](text)).entries.map { entry in
        switch entry {
        case .mailbox(let address): outline(address)
        case .group(let name, let members):
            String(latin1: name) + "{" + members.map(outline).joined(separator: " ") + "}"
        }
    }.joined(separator: " ")
}

private func outline(_ address: MailAddress) -> String {
    [address.displayName ?? [UInt8]("-"), address.localPart, address.domain]
        .map { String(latin1: $0) }.joined(separator: "|")
}

@Suite struct AddressListTests {
    @Test(arguments: [
        ("a@b", "-|a|b"), ("alice", "-|alice|"), ("<a@b>", "-|a|b"), ("<>", "-||"),
        ("A B <a@b>", "A B|a|b"), ("\"A, B\" <a@b>", "A, B|a|b"),
        ("John Q. Public <j@p>", "John Q. Public|j|p"),
        ("a@b (Alice)", "Alice|a|b"), ("(x) a@b", "x|a|b"), ("A (x) <a@b>", "A|a|b"),
        ("a@b, c@d", "-|a|b -|c|d"), (",,a@b,,", "-|a|b"),
        ("g: a@b, c@d;", "g{-|a|b -|c|d}"), ("g:;", "g{}"),
        (
            "undisclosed-recipients:;, x@y",
            "undisclosed-recipients{} -|x|y"
        ),
        ("\"a b\"@c", "-|a b|c"), ("\"a\\\"b\"@c", "-|a\"b|c"), ("a . b @ c . d", "-|a.b|c.d"),
        ("a@[192.0.2.1]", "-|a|[192.0.2.1]"), ("<@x,@y:a@b>", "-|a|b"),
        ("a@b(c)", "c|a|b"), ("a(x)@(y)b(z)", "z|a|b"),
        ("=?utf-8?q?x?= <a@b>", "=?utf-8?q?x?=|a|b"),
        ("\"\" <a@b>", "|a|b"), ("a@b\r\n ,c@d", "-|a|b -|c|d"),
    ])
    func readsWellFormedLists(text: String, want: String) {
        #expect(outline(text) == want)
        #expect(AddressList.parse([UInt8](text)).problem == nil)
    }

    @Test(arguments: [
        ("a@b c@d", "-|a|b -|c|d", AddressProblem.Reason.missingComma, 4),
        ("a@", "-|a|", .missingDomain, 2), ("@b", "-||b", .missingLocalPart, 0),
        ("a b@c", "-|a b|c", .spaceInLocalPart, 0), ("a@b@c", "-|a@b|c", .severalAtSigns, 3),
        ("<a@b", "-|a|b", .missingBracket, 4), ("a@b>", "-|a|b", .missingComma, 3),
        ("\"a <b@c>", "-|a <b@c>|", .unterminatedQuote, 0),
        (
            "a@b (c", "c|a|b",
            .unterminatedComment, 4
        ),
        ("g: a@b", "g{-|a|b}", .unterminatedGroup, 6),
        ("g: h: a@b;", "g{-|a|b}", .nestedGroup, 4), (";a@b", "-|a|b", .strayCharacter, 0),
        ("x@y <a@b>", "x@y|a|b", .severalAtSigns, 0), ("<a:b@c>", "-|a:b|c", .strayCharacter, 2),
        ("a@[b", "-|a|[b", .unterminatedLiteral, 2),
    ])
    func readsWhatItCanOfTheOthers(
        text: String, want: String, reason: AddressProblem.Reason, position: Int
    ) {
        #expect(outline(text) == want)
        #expect(
            AddressList.parse([UInt8](text)).problem == AddressProblem(reason, at: position))
    }

    @Test(arguments: [
        ("A <a@b>,\r\n c@d (x)", "A <X>,\r\n X (x)"), ("g: a, b;", "g: X, X;"),
        ("<@r:\"q q\"@b> (c)", "<@r:X> (c)"), ("<>", "<>"), ("a . b @ c", "X"),
    ])
    func rewritesAddressesAndNothingElse(text: String, want: String) {
        let out = AddressList.rewriting([UInt8](text)) { _ in [UInt8]("X") }
        #expect(String(utf8: out) == want)
    }

    @Test(arguments: [
        ("", "a", "b", "a@b"), ("A B", "a", "b", "A B <a@b>"), ("A, B", "a", "b", "\"A, B\" <a@b>"),
        ("", "a b", "c", "\"a b\"@c"), ("", "a\"b", "c", "\"a\\\"b\"@c"), ("", "", "", "<>"),
        ("", ".a", "b", "\".a\"@b"), ("x\ny", "a", "", "\"x y\" <a>"), ("", "a.b", "c", "a.b@c"),
    ])
    func writesAddresses(name: String, local: String, domain: String, want: String) {
        let address = MailAddress(
            displayName: name.isEmpty ? nil : [UInt8](name), localPart: [UInt8](local),
            domain: [UInt8](domain))
        #expect(String(utf8: address.formatted) == want)
    }

    @Test(arguments: [
        String(repeating: "(", count: 200_000), String(repeating: "a:", count: 100_000),
        String(repeating: "<", count: 100_000), String(repeating: "a@", count: 100_000),
        String(repeating: "a b ", count: 100_000), String(repeating: "\"", count: 200_001),
        String(repeating: "a@b,", count: 50_000), String(repeating: "a@b ", count: 50_000),
        String(repeating: "@a,", count: 50_000), String(repeating: "[", count: 100_000),
    ])
    func isLinearOnBombs(text: String) {
        let whole = [UInt8](text)
        #expect(isLinear(upTo: whole.count) { _ = AddressList.parse(whole.prefix($0)) })
    }
}
