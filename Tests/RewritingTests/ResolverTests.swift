import Bytes
import Posix
import Testing

@testable import Rewriting

/// Where Postfix's trivial-rewrite 3.7.11 sends each address on a host `mail.formatux.lan` of the
/// domain `formatux.lan`, with `relay_domains = relay.test`.
@Suite struct ResolverTests {
    static let resolver: Resolver = {
        let name = Array("mail.formatux.lan".utf8)
        var rules = Resolver.Rules(hostName: name)
        rules.destinations = DomainList(
            ["mail.formatux.lan", "localhost.formatux.lan", "localhost", "formatux.lan"])
        rules.relayDomains = DomainList(["relay.test"], matchesSubdomains: true)
        rules.ownAddresses = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }
        return Resolver(rules, rewriter: Rewriter(.init(origin: name, domain: [])))
    }()

    struct Case: Sendable {
        let address: String
        let addressClass: Resolution.AddressClass
        let transport: String
        let nexthop: String
        let recipient: String
        let isRouted: Bool
        init(
            _ address: String, _ addressClass: Resolution.AddressClass, _ transport: String,
            _ nexthop: String, _ recipient: String, routed: Bool = false
        ) {
            self.address = address
            self.addressClass = addressClass
            self.transport = transport
            self.nexthop = nexthop
            self.recipient = recipient
            self.isRouted = routed
        }
    }

    @Test(arguments: forms)
    func resolvesAsPostfixDoes(_ form: Case) throws {
        let found = try Self.resolver.resolve(Array(form.address.utf8))
        #expect(found.addressClass == form.addressClass)
        #expect(found.transport == form.transport)
        #expect(String(latin1: found.nexthop) == String(latin1: Array(form.nexthop.utf8)))
        #expect(String(latin1: found.recipient) == String(latin1: Array(form.recipient.utf8)))
        #expect(found.isRouted == form.isRouted)
        #expect(!found.isMalformed)
    }

    @Test(arguments: impossible)
    func callsImpossibleAddressesMalformed(_ address: String) throws {
        #expect(try Self.resolver.resolve(Array(address.utf8)).isMalformed)
    }

    @Test func endsForAnyAddress() throws {
        for octet in [UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "!"), .quote, .dot] {
            let found = try Self.resolver.resolve([UInt8](repeating: octet, count: 2000))
            #expect(!found.recipient.isEmpty)
        }
    }

    static let forms: [Case] = [
        Case("", .local, "local", "mail.formatux.lan", "MAILER-DAEMON@mail.formatux.lan"),
        Case("tech", .local, "local", "mail.formatux.lan", "tech@mail.formatux.lan"),
        Case("alice", .local, "local", "mail.formatux.lan", "alice@mail.formatux.lan"),
        Case(
            "bob@mail.formatux.lan", .local, "local", "mail.formatux.lan", "bob@mail.formatux.lan"),
        Case("u@victim.example", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "u%victim.example@formatux.lan", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "u%victim.example@[10.0.2.15]", .default, "smtp", "[10.0.2.15]",
            "u%victim.example@[10.0.2.15]", routed: true),
        Case("u%victim.example", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "u@victim.example@formatux.lan", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "u@victim.example@[10.0.2.15]", .default, "smtp", "[10.0.2.15]",
            "u@victim.example@[10.0.2.15]", routed: true),
        Case(
            "@formatux.lan:u@victim.example", .default, "smtp", "victim.example",
            "@formatux.lan:u@victim.example", routed: true),
        Case(
            "@formatux.lan,@relay.test:u@victim.example", .default, "smtp", "victim.example",
            "@formatux.lan, @relay.test:u@victim.example", routed: true),
        Case(
            "@[10.0.2.15]:u@victim.example", .default, "smtp", "victim.example",
            "@[10.0.2.15]:u@victim.example", routed: true),
        Case("victim.example!u", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "victim.example!u@formatux.lan", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "victim.example!u@[10.0.2.15]", .default, "smtp", "[10.0.2.15]",
            "victim.example!u@[10.0.2.15]", routed: true),
        Case(
            "formatux.lan!victim.example!u", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "u@formatux.lan@victim.example", .default, "smtp", "victim.example",
            "u@formatux.lan@victim.example", routed: true),
        Case("u@victim.example.", .default, "smtp", "victim.example", "u@victim.example"),
        Case(
            "u@formatux.lan.victim.example", .default, "smtp", "formatux.lan.victim.example",
            "u@formatux.lan.victim.example"),
        Case("u@[127.0.0.1]", .local, "local", "mail.formatux.lan", "u@[127.0.0.1]"),
        Case("u@localhost", .local, "local", "mail.formatux.lan", "u@localhost"),
        Case("u@[10.0.2.15]", .default, "smtp", "[10.0.2.15]", "u@[10.0.2.15]"),
        Case("u@[93.184.216.34]", .default, "smtp", "[93.184.216.34]", "u@[93.184.216.34]"),
        Case("u@[IPv6:::1]", .local, "local", "mail.formatux.lan", "u@[IPv6:::1]"),
        Case("u@[ipv6:::1]", .local, "local", "mail.formatux.lan", "u@[ipv6:::1]"),
        Case("postmaster", .local, "local", "mail.formatux.lan", "postmaster@mail.formatux.lan"),
        Case("\"\"", .local, "local", "mail.formatux.lan", "\"\"@mail.formatux.lan"),
        Case("@victim.example", .default, "smtp", "victim.example", "@victim.example"),
        Case("@formatux.lan", .local, "local", "mail.formatux.lan", "MAILER-DAEMON@formatux.lan"),
        Case("\"\"@formatux.lan", .local, "local", "mail.formatux.lan", "\"\"@formatux.lan"),
        Case(
            "u(@formatux.lan)@victim.example", .default, "smtp", "victim.example",
            "u(@formatux.lan)@victim.example", routed: true),
        Case(
            "u\\@victim.example@formatux.lan", .default, "smtp", "victim.example",
            "u\\@victim.example"),
        Case(
            "u%victim.example@relay.test", .relay, "relay", "relay.test",
            "u%victim.example@relay.test", routed: true),
        Case(
            "\"u@victim.example\"@relay.test", .relay, "relay", "relay.test",
            "\"u@victim.example\"@relay.test", routed: true),
        Case(
            "victim.example!u@relay.test", .relay, "relay", "relay.test",
            "victim.example!u@relay.test", routed: true),
        Case("|cat@formatux.lan", .local, "local", "mail.formatux.lan", "|cat@formatux.lan"),
        Case(
            "\"|cat\"@formatux.lan", .local, "local", "mail.formatux.lan", "\"|cat\"@formatux.lan"),
        Case(
            "/etc/passwd@formatux.lan", .local, "local", "mail.formatux.lan",
            "/etc/passwd@formatux.lan"),
        Case(
            ":include:/etc/passwd@formatux.lan", .local, "local", "mail.formatux.lan",
            ":include:/etc/passwd@formatux.lan"),
        Case("\\u@formatux.lan", .local, "local", "mail.formatux.lan", "\\u@formatux.lan"),
        Case(
            "\" -oX\"@formatux.lan", .local, "local", "mail.formatux.lan", "\" -oX\"@formatux.lan"),
        Case("U@FORMATUX.LAN", .local, "local", "mail.formatux.lan", "U@FORMATUX.LAN"),
        Case("u@formatux.lan.", .local, "local", "mail.formatux.lan", "u@formatux.lan"),
        Case("u.@formatux.lan", .local, "local", "mail.formatux.lan", "u.@formatux.lan"),
        Case(".u@formatux.lan", .local, "local", "mail.formatux.lan", ".u@formatux.lan"),
        Case("u..v@formatux.lan", .local, "local", "mail.formatux.lan", "u..v@formatux.lan"),
        Case(
            "john doe@formatux.lan", .local, "local", "mail.formatux.lan", "john doe@formatux.lan"),
        Case(
            "\"john doe\"@formatux.lan", .local, "local", "mail.formatux.lan",
            "\"john doe\"@formatux.lan"),
        Case("john doe", .local, "local", "mail.formatux.lan", "john doe@mail.formatux.lan"),
        Case("u@host", .default, "smtp", "host", "u@host"),
        Case("u@[1.2.3.4", .default, "smtp", "[1.2.3.4]", "u@[1.2.3.4]"),
        Case("u@under_score", .default, "smtp", "under_score", "u@under_score"),
        Case("a,b@formatux.lan", .local, "local", "mail.formatux.lan", "a,b@formatux.lan"),
        Case("a;b", .local, "local", "mail.formatux.lan", "a;b@mail.formatux.lan"),
        Case("a:b@formatux.lan", .local, "local", "mail.formatux.lan", "a:b@formatux.lan"),
        Case("a!b!c", .default, "smtp", "a", "b!c@a", routed: true),
        Case("a%b%c", .default, "smtp", "c", "a%b@c", routed: true),
        Case("a!", .default, "smtp", "a", "@a"),
        Case("%a", .default, "smtp", "a", "@a"),
        Case("a<b>c", .local, "local", "mail.formatux.lan", "a<b>c@mail.formatux.lan"),
        Case("a\\\"b@formatux.lan", .local, "local", "mail.formatux.lan", "a\\\"b@formatux.lan"),
        Case(
            "\"a\\\"b\"@formatux.lan", .local, "local", "mail.formatux.lan",
            "\"a\\\"b\"@formatux.lan"),
        Case(
            "\"a\\\\b\"@formatux.lan", .local, "local", "mail.formatux.lan",
            "\"a\\\\b\"@formatux.lan"),
        Case("\"a\"b@formatux.lan", .local, "local", "mail.formatux.lan", "\"a\"b@formatux.lan"),
        Case(
            "a\"b c\"d@formatux.lan", .local, "local", "mail.formatux.lan", "a\"b c\"d@formatux.lan"
        ),
        Case("\"a", .local, "local", "mail.formatux.lan", "\"a@mail.formatux.lan"),
        Case("a\\", .local, "local", "mail.formatux.lan", "a\\@mail.formatux.lan"),
        Case("u@foo.relay.test", .relay, "relay", "foo.relay.test", "u@foo.relay.test"),
        Case("u@relay.test", .relay, "relay", "relay.test", "u@relay.test"),
        Case("u@RELAY.TEST", .relay, "relay", "RELAY.TEST", "u@RELAY.TEST"),
        Case("u@foo.formatux.lan", .default, "smtp", "foo.formatux.lan", "u@foo.formatux.lan"),
        Case("é@formatux.lan", .local, "local", "mail.formatux.lan", "é@formatux.lan"),
        Case("u@formatuxé.lan", .default, "smtp", "formatuxé.lan", "u@formatuxé.lan"),
        Case("u+ext@formatux.lan", .local, "local", "mail.formatux.lan", "u+ext@formatux.lan"),
        Case("\"u+ext\"", .local, "local", "mail.formatux.lan", "\"u+ext\"@mail.formatux.lan"),
        Case("u @ formatux.lan", .local, "local", "mail.formatux.lan", "u @formatux.lan"),
        Case(
            "(comment)u@formatux.lan", .local, "local", "mail.formatux.lan",
            "(comment)u@formatux.lan"),
        Case("user@\"formatux.lan\"", .local, "local", "mail.formatux.lan", "user@formatux.lan"),
        Case("user@\"victim.example\"", .default, "smtp", "victim.example", "user@victim.example"),
        Case(
            "\"a@b\"@relay.test@formatux.lan", .relay, "relay", "relay.test", "\"a@b\"@relay.test",
            routed: true),
        Case("a@b@c@d", .default, "smtp", "d", "a@b@c@d", routed: true),
        Case("u%a%b@formatux.lan", .default, "smtp", "b", "u%a@b", routed: true),
    ]

    static let impossible: [String] = [
        "\"u@victim.example\"",
        "\"u%victim.example\"",
        "\"u@victim.example\"@formatux.lan",
        "\"u%victim.example\"@formatux.lan",
        "u@[::1]",
        "u@",
        "@",
        "u@victim.example,u@formatux.lan",
        "u@victim.example u@formatux.lan",
        "u@victim.example(@formatux.lan)",
        "\"u\\@victim.example\"@formatux.lan",
        "-oX@formatux.lan",
        "u@formatux.lan..",
        "u@.",
        "u@..",
        "u@1.2.3.4",
        "u@ho st",
        "u@-bad",
        "u@bad-",
        "a%b!c",
        "a@b!c",
        "a@b%c",
        "a!b@c%d",
        "%",
        "!",
        "!a",
        "a%",
        "@a:",
        "@a:b",
        "@a,@b:c%d",
        "<a@b>",
        "u@victim..example",
        "u@victim.example:25",
        "u@[10.0.2.15]:22",
        "<host:25!@formatux.lan",
        "u@xx,yy",
        "user@[foo]",
        "user@[]",
        "\"@\"",
        "\"@\"@formatux.lan",
    ]
}
