import Bytes
import Testing

@testable import Rewriting

/// What Postfix's trivial-rewrite 3.7.11 makes of each address on a host `mail.formatux.lan`.
@Suite struct RewriterTests {
    static let rewriter = Rewriter(
        .init(origin: Array("mail.formatux.lan".utf8), domain: []))

    struct Case: Sendable {
        let address: String
        let local: String
        let remote: String
        init(_ address: String, _ local: String, _ remote: String) {
            self.address = address
            self.local = local
            self.remote = remote
        }
    }

    @Test(arguments: forms)
    func completesHeaderAddressesAsPostfixDoes(_ form: Case) {
        let address = Array(form.address.utf8)
        #expect(
            String(latin1: Self.rewriter.completeQuoted(address, context: .local))
                == String(latin1: Array(form.local.utf8)))
        #expect(
            String(latin1: Self.rewriter.completeQuoted(address, context: .remote))
                == String(latin1: Array(form.remote.utf8)))
    }

    static let forms: [Case] = [
        Case("", "", ""),
        Case("tech", "tech@mail.formatux.lan", "tech"),
        Case("alice", "alice@mail.formatux.lan", "alice"),
        Case("bob@mail.formatux.lan", "bob@mail.formatux.lan", "bob@mail.formatux.lan"),
        Case("u@victim.example", "u@victim.example", "u@victim.example"),
        Case(
            "u%victim.example@formatux.lan", "u%victim.example@formatux.lan",
            "u%victim.example@formatux.lan"),
        Case(
            "u%victim.example@[10.0.2.15]", "u%victim.example@[10.0.2.15]",
            "u%victim.example@[10.0.2.15]"),
        Case("u%victim.example", "u@victim.example", "u@victim.example"),
        Case("\"u@victim.example\"", "\"u@victim.example\"@mail.formatux.lan", "u@victim.example"),
        Case("\"u%victim.example\"", "u%victim.example@mail.formatux.lan", "u%victim.example"),
        Case(
            "\"u@victim.example\"@formatux.lan", "\"u@victim.example\"@formatux.lan",
            "\"u@victim.example\"@formatux.lan"),
        Case(
            "\"u%victim.example\"@formatux.lan", "u%victim.example@formatux.lan",
            "u%victim.example@formatux.lan"),
        Case(
            "u@victim.example@formatux.lan", "\"u@victim.example\"@formatux.lan",
            "\"u@victim.example\"@formatux.lan"),
        Case(
            "u@victim.example@[10.0.2.15]", "\"u@victim.example\"@[10.0.2.15]",
            "\"u@victim.example\"@[10.0.2.15]"),
        Case("@formatux.lan:u@victim.example", "u@victim.example", "u@victim.example"),
        Case("@formatux.lan,@relay.test:u@victim.example", "u@victim.example", "u@victim.example"),
        Case("@[10.0.2.15]:u@victim.example", "u@victim.example", "u@victim.example"),
        Case("victim.example!u", "u@victim.example", "u@victim.example"),
        Case(
            "victim.example!u@formatux.lan", "victim.example!u@formatux.lan",
            "victim.example!u@formatux.lan"),
        Case(
            "victim.example!u@[10.0.2.15]", "victim.example!u@[10.0.2.15]",
            "victim.example!u@[10.0.2.15]"),
        Case(
            "formatux.lan!victim.example!u", "victim.example!u@formatux.lan",
            "victim.example!u@formatux.lan"),
        Case(
            "u@formatux.lan@victim.example", "\"u@formatux.lan\"@victim.example",
            "\"u@formatux.lan\"@victim.example"),
        Case("u@victim.example.", "u@victim.example", "u@victim.example"),
        Case(
            "u@formatux.lan.victim.example", "u@formatux.lan.victim.example",
            "u@formatux.lan.victim.example"),
        Case("u@[127.0.0.1]", "u@[127.0.0.1]", "u@[127.0.0.1]"),
        Case("u@localhost", "u@localhost", "u@localhost"),
        Case("u@[10.0.2.15]", "u@[10.0.2.15]", "u@[10.0.2.15]"),
        Case("u@[93.184.216.34]", "u@[93.184.216.34]", "u@[93.184.216.34]"),
        Case("u@[IPv6:::1]", "u@[IPv6:::1]", "u@[IPv6:::1]"),
        Case("u@[ipv6:::1]", "u@[ipv6:::1]", "u@[ipv6:::1]"),
        Case("u@[::1]", "u@[::1]", "u@[::1]"),
        Case("postmaster", "postmaster@mail.formatux.lan", "postmaster"),
        Case("u@", "u@", "u@"),
        Case("\"\"", "\"\"", "\"\""),
        Case("@", "\"\"", "\"\""),
        Case("@victim.example", "\"\"@victim.example", "\"\"@victim.example"),
        Case("@formatux.lan", "\"\"@formatux.lan", "\"\"@formatux.lan"),
        Case("\"\"@formatux.lan", "\"\"@formatux.lan", "\"\"@formatux.lan"),
        Case(
            "u@victim.example,u@formatux.lan", "\"u@victim.example, u\"@formatux.lan",
            "\"u@victim.example, u\"@formatux.lan"),
        Case(
            "u@victim.example u@formatux.lan", "\"u@victim.example u\"@formatux.lan",
            "\"u@victim.example u\"@formatux.lan"),
        Case(
            "u(@formatux.lan)@victim.example", "\"u (@formatux.lan)\"@victim.example",
            "\"u (@formatux.lan)\"@victim.example"),
        Case(
            "u@victim.example(@formatux.lan)", "\"u@victim.example (\"@formatux.lan)",
            "\"u@victim.example (\"@formatux.lan)"),
        Case(
            "u\\@victim.example@formatux.lan", "\"u@victim.example\"@formatux.lan",
            "\"u@victim.example\"@formatux.lan"),
        Case(
            "\"u\\@victim.example\"@formatux.lan", "\"u@victim.example\"@formatux.lan",
            "\"u@victim.example\"@formatux.lan"),
        Case(
            "u%victim.example@relay.test", "u%victim.example@relay.test",
            "u%victim.example@relay.test"),
        Case(
            "\"u@victim.example\"@relay.test", "\"u@victim.example\"@relay.test",
            "\"u@victim.example\"@relay.test"),
        Case(
            "victim.example!u@relay.test", "victim.example!u@relay.test",
            "victim.example!u@relay.test"),
        Case("|cat@formatux.lan", "|cat@formatux.lan", "|cat@formatux.lan"),
        Case("\"|cat\"@formatux.lan", "|cat@formatux.lan", "|cat@formatux.lan"),
        Case("/etc/passwd@formatux.lan", "/etc/passwd@formatux.lan", "/etc/passwd@formatux.lan"),
        Case(
            ":include:/etc/passwd@formatux.lan", "\":include:/etc/passwd\"@formatux.lan",
            "\":include:/etc/passwd\"@formatux.lan"),
        Case("\\u@formatux.lan", "u@formatux.lan", "u@formatux.lan"),
        Case("-oX@formatux.lan", "-oX@formatux.lan", "-oX@formatux.lan"),
        Case("\" -oX\"@formatux.lan", "\" -oX\"@formatux.lan", "\" -oX\"@formatux.lan"),
        Case("U@FORMATUX.LAN", "U@FORMATUX.LAN", "U@FORMATUX.LAN"),
        Case("u@formatux.lan.", "u@formatux.lan", "u@formatux.lan"),
        Case("u@formatux.lan..", "u@formatux.lan..", "u@formatux.lan.."),
        Case("u@.", "u@.", "u@."),
        Case("u@..", "u@..", "u@.."),
        Case("u.@formatux.lan", "\"u.\"@formatux.lan", "\"u.\"@formatux.lan"),
        Case(".u@formatux.lan", "\".u\"@formatux.lan", "\".u\"@formatux.lan"),
        Case("u..v@formatux.lan", "\"u..v\"@formatux.lan", "\"u..v\"@formatux.lan"),
        Case("john doe@formatux.lan", "\"john doe\"@formatux.lan", "\"john doe\"@formatux.lan"),
        Case("\"john doe\"@formatux.lan", "\"john doe\"@formatux.lan", "\"john doe\"@formatux.lan"),
        Case("john doe", "\"john doe\"@mail.formatux.lan", "\"john doe\""),
        Case("u@host", "u@host", "u@host"),
        Case("u@[1.2.3.4", "u@[1.2.3.4]", "u@[1.2.3.4]"),
        Case("u@1.2.3.4", "u@1.2.3.4", "u@1.2.3.4"),
        Case("u@ho st", "u@ho st", "u@ho st"),
        Case("u@-bad", "u@-bad", "u@-bad"),
        Case("u@bad-", "u@bad-", "u@bad-"),
        Case("u@under_score", "u@under_score", "u@under_score"),
        Case("a,b@formatux.lan", "\"a, b\"@formatux.lan", "\"a, b\"@formatux.lan"),
        Case("a;b", "\"a;b\"@mail.formatux.lan", "\"a;b\""),
        Case("a:b@formatux.lan", "\"a:b\"@formatux.lan", "\"a:b\"@formatux.lan"),
        Case("a!b!c", "b!c@a", "b!c@a"),
        Case("a%b%c", "a%b@c", "a%b@c"),
        Case("a%b!c", "c@a%b", "c@a%b"),
        Case("a@b!c", "a@b!c", "a@b!c"),
        Case("a@b%c", "a@b%c", "a@b%c"),
        Case("a!b@c%d", "a!b@c%d", "a!b@c%d"),
        Case("%", "\"\"@", "\"\"@"),
        Case("!", "\"\"@", "\"\"@"),
        Case("a!", "\"\"@a", "\"\"@a"),
        Case("!a", "a@", "a@"),
        Case("%a", "\"\"@a", "\"\"@a"),
        Case("a%", "a@", "a@"),
        Case("@a:", "@a:\"\"", "@a:\"\""),
        Case("@a:b", "b@mail.formatux.lan", "b"),
        Case("@a,@b:c%d", "c@d", "c@d"),
        Case("a<b>c", "\"a <b>c\"@mail.formatux.lan", "\"a <b>c\""),
        Case("<a@b>", "\"<a\"@b>", "\"<a\"@b>"),
        Case("a\\\"b@formatux.lan", "\"a\\\"b\"@formatux.lan", "\"a\\\"b\"@formatux.lan"),
        Case("\"a\\\"b\"@formatux.lan", "\"a\\\"b\"@formatux.lan", "\"a\\\"b\"@formatux.lan"),
        Case("\"a\\\\b\"@formatux.lan", "\"a\\\\b\"@formatux.lan", "\"a\\\\b\"@formatux.lan"),
        Case("\"a\"b@formatux.lan", "\"a b\"@formatux.lan", "\"a b\"@formatux.lan"),
        Case("a\"b c\"d@formatux.lan", "\"a b c d\"@formatux.lan", "\"a b c d\"@formatux.lan"),
        Case("\"a", "a@mail.formatux.lan", "a"),
        Case("a\\", "a@mail.formatux.lan", "a"),
        Case("u@victim..example", "u@victim..example", "u@victim..example"),
        Case("u@victim.example:25", "u@victim.example:25", "u@victim.example:25"),
        Case("u@[10.0.2.15]:22", "u@[10.0.2.15]:22", "u@[10.0.2.15]:22"),
        Case("<host:25!@formatux.lan", "\"<host:25!\"@formatux.lan", "\"<host:25!\"@formatux.lan"),
        Case("u@foo.relay.test", "u@foo.relay.test", "u@foo.relay.test"),
        Case("u@relay.test", "u@relay.test", "u@relay.test"),
        Case("u@RELAY.TEST", "u@RELAY.TEST", "u@RELAY.TEST"),
        Case("u@foo.formatux.lan", "u@foo.formatux.lan", "u@foo.formatux.lan"),
        Case("é@formatux.lan", "é@formatux.lan", "é@formatux.lan"),
        Case("u@formatuxé.lan", "u@formatuxé.lan", "u@formatuxé.lan"),
        Case("u+ext@formatux.lan", "u+ext@formatux.lan", "u+ext@formatux.lan"),
        Case("\"u+ext\"", "u+ext@mail.formatux.lan", "u+ext"),
        Case("u @ formatux.lan", "u@formatux.lan", "u@formatux.lan"),
        Case(
            "(comment)u@formatux.lan", "\"(comment) u\"@formatux.lan",
            "\"(comment) u\"@formatux.lan"),
        Case("u@xx,yy", "u@xx, yy", "u@xx, yy"),
        Case("user@[foo]", "user@[foo]", "user@[foo]"),
        Case("user@[]", "user@[]", "user@[]"),
        Case("user@\"formatux.lan\"", "user@formatux.lan", "user@formatux.lan"),
        Case("user@\"victim.example\"", "user@victim.example", "user@victim.example"),
        Case("\"@\"", "\"@\"@mail.formatux.lan", "\"\"@"),
        Case("\"@\"@formatux.lan", "\"@\"@formatux.lan", "\"@\"@formatux.lan"),
        Case(
            "\"a@b\"@relay.test@formatux.lan", "\"a@b@relay.test\"@formatux.lan",
            "\"a@b@relay.test\"@formatux.lan"),
        Case("a@b@c@d", "\"a@b@c\"@d", "\"a@b@c\"@d"),
        Case("u%a%b@formatux.lan", "u%a%b@formatux.lan", "u%a%b@formatux.lan"),
    ]
}
