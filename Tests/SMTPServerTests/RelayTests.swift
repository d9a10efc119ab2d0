import Bytes
import Posix
import SMTPGrammar
import Testing

@testable import Rewriting
@testable import SMTPServer

/// What a stranger may send to: every form of address that was ever used to relay through a host, with
/// the reply of Postfix 3.7.11 (`mydestination` formatux.lan and kin, `relay_domains` relay.test).
@Suite struct RelayTests {
    @Test func allMailIsRefusedForNowWhenASettingIsNotBuilt() throws {
        var session = try TestHost.session(obstacle: "not supported yet: canonical_maps")
        let addresses = ["alice", "nosuch", "a@far"]
        let replies = TestHost.play(
            ["EHLO x", "MAIL FROM:<a@b>"] + addresses.map { "RCPT TO:<\($0)>" }, in: &session)
        let texts = addresses.map {
            "451 4.3.5 <\($0)>: Recipient address rejected: not supported yet: canonical_maps"
        }
        #expect(Array(replies.dropFirst(2)) == texts)
    }

    struct Case: Sendable {
        let command: String
        let reply: String
        init(_ command: String, _ reply: String) {
            self.command = command
            self.reply = reply
        }
    }

    static let senders = [
        "<>", "<s@formatux.lan>", "<postmaster@formatux.lan>", "<s@[127.0.0.2]>", "<s>",
        "<s@victim.example>",
    ]

    @Test(arguments: forms)
    func answersStrangersAsPostfixDoes(_ form: Case) throws {
        for sender in Self.senders {
            for hello in ["EHLO formatux.lan", "HELO [127.0.0.1]"] {
                var session = try TestHost.session()
                _ = session.handle(Array(hello.utf8))
                #expect(session.handle(Array("MAIL FROM:\(sender)".utf8)).reply.code == 250)
                #expect(session.handle(Array(form.command.utf8)).reply.text == form.reply)
            }
        }
    }

    /// An empty local part is MAILER-DAEMON, which does not exist here; Postfix takes it.
    @Test(arguments: ["RCPT TO:<@formatux.lan>", "RCPT TO:<\"\"@formatux.lan>"])
    func refusesEmptyLocalParts(_ command: String) throws {
        var session = try TestHost.session()
        _ = session.handle(Array("MAIL FROM:<>".utf8))
        #expect(session.handle(Array(command.utf8)).reply.code == 550)
    }

    static let forms: [Case] = [
        Case("RCPT TO:<tech>", "250 2.1.5 Ok"),
        Case("RCPT TO:<alice>", "250 2.1.5 Ok"),
        Case("RCPT TO:<bob@mail.formatux.lan>", "250 2.1.5 Ok"),
        Case("RCPT TO:<u@victim.example>", "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case("RCPT TO:u@victim.example", "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<u%victim.example@formatux.lan>",
            "454 4.7.1 <u%victim.example@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<u%victim.example@[10.0.2.15]>",
            "454 4.7.1 <u%victim.example@[10.0.2.15]>: Relay access denied"),
        Case("RCPT TO:<u%victim.example>", "454 4.7.1 <u%victim.example>: Relay access denied"),
        Case("RCPT TO:<\"u@victim.example\">", "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case("RCPT TO:<\"u%victim.example\">", "454 4.7.1 <u%victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<\"u@victim.example\"@formatux.lan>",
            "454 4.7.1 <u@victim.example@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<\"u%victim.example\"@formatux.lan>",
            "454 4.7.1 <u%victim.example@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<u@victim.example@formatux.lan>",
            "454 4.7.1 <u@victim.example@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<u@victim.example@[10.0.2.15]>",
            "454 4.7.1 <u@victim.example@[10.0.2.15]>: Relay access denied"),
        Case(
            "RCPT TO:<@formatux.lan:u@victim.example>",
            "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<@formatux.lan,@relay.test:u@victim.example>",
            "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<@[10.0.2.15]:u@victim.example>",
            "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case("RCPT TO:<victim.example!u>", "454 4.7.1 <victim.example!u>: Relay access denied"),
        Case(
            "RCPT TO:<victim.example!u@formatux.lan>",
            "454 4.7.1 <victim.example!u@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<victim.example!u@[10.0.2.15]>",
            "454 4.7.1 <victim.example!u@[10.0.2.15]>: Relay access denied"),
        Case(
            "RCPT TO:<formatux.lan!victim.example!u>",
            "454 4.7.1 <formatux.lan!victim.example!u>: Relay access denied"),
        Case(
            "RCPT TO:<u@formatux.lan@victim.example>",
            "454 4.7.1 <u@formatux.lan@victim.example>: Relay access denied"),
        Case("RCPT TO:<u@victim.example.>", "454 4.7.1 <u@victim.example.>: Relay access denied"),
        Case(
            "RCPT TO:<u@formatux.lan.victim.example>",
            "454 4.7.1 <u@formatux.lan.victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<u@[127.0.0.1]>",
            "550 5.1.1 <u@[127.0.0.1]>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<u@localhost>",
            "550 5.1.1 <u@localhost>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<u@[10.0.2.15]>", "454 4.7.1 <u@[10.0.2.15]>: Relay access denied"),
        Case("RCPT TO:<u@[93.184.216.34]>", "454 4.7.1 <u@[93.184.216.34]>: Relay access denied"),
        Case(
            "RCPT TO:<u@[IPv6:::1]>",
            "550 5.1.1 <u@[IPv6:::1]>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<u@[ipv6:::1]>",
            "550 5.1.1 <u@[ipv6:::1]>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<u@[::1]>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<postmaster>", "250 2.1.5 Ok"),
        Case("RCPT TO:<u@>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<\"\">", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<@>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<@victim.example>", "454 4.7.1 <@victim.example>: Relay access denied"),
        Case("RCPT TO:<u@victim.example,u@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@victim.example u@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<u(@formatux.lan)@victim.example>",
            "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<u@victim.example(@formatux.lan)>",
            "454 4.7.1 <u@victim.example>: Relay access denied"),
        Case(
            "RCPT TO:<u\\@victim.example@formatux.lan>",
            "454 4.7.1 <u@victim.example@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<\"u\\@victim.example\"@formatux.lan>",
            "454 4.7.1 <u@victim.example@formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<u%victim.example@relay.test>",
            "454 4.7.1 <u%victim.example@relay.test>: Relay access denied"),
        Case(
            "RCPT TO:<\"u@victim.example\"@relay.test>",
            "454 4.7.1 <u@victim.example@relay.test>: Relay access denied"),
        Case(
            "RCPT TO:<victim.example!u@relay.test>",
            "454 4.7.1 <victim.example!u@relay.test>: Relay access denied"),
        Case(
            "RCPT TO:<|cat@formatux.lan>",
            "550 5.1.1 <|cat@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<\"|cat\"@formatux.lan>",
            "550 5.1.1 <|cat@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:</etc/passwd@formatux.lan>",
            "550 5.1.1 </etc/passwd@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<:include:/etc/passwd@formatux.lan>",
            "550 5.1.1 <:include:/etc/passwd@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<\\u@formatux.lan>",
            "550 5.1.1 <u@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<-oX@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<\" -oX\"@formatux.lan>",
            "550 5.1.1 < -oX@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<U@FORMATUX.LAN>",
            "550 5.1.1 <U@FORMATUX.LAN>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<u@formatux.lan.>",
            "550 5.1.1 <u@formatux.lan.>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<u@formatux.lan..>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@.>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@..>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<u.@formatux.lan>",
            "550 5.1.1 <u.@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<.u@formatux.lan>",
            "550 5.1.1 <.u@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<u..v@formatux.lan>",
            "550 5.1.1 <u..v@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<john doe@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<\"john doe\"@formatux.lan>",
            "550 5.1.1 <john doe@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<john doe>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@host>", "454 4.7.1 <u@host>: Relay access denied"),
        Case("RCPT TO:<u@[1.2.3.4>", "454 4.7.1 <u@[1.2.3.4]>: Relay access denied"),
        Case("RCPT TO:<u@1.2.3.4>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@ho st>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@-bad>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@bad->", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@under_score>", "454 4.7.1 <u@under_score>: Relay access denied"),
        Case("RCPT TO:<a,b@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a;b>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<a:b@formatux.lan>",
            "550 5.1.1 <a:b@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<a!b!c>", "454 4.7.1 <a!b!c>: Relay access denied"),
        Case("RCPT TO:<a%b%c>", "454 4.7.1 <a%b%c>: Relay access denied"),
        Case("RCPT TO:<a%b!c>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a@b!c>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a@b%c>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a!b@c%d>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<%>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<!>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a!>", "454 4.7.1 <a!>: Relay access denied"),
        Case("RCPT TO:<!a>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<%a>", "454 4.7.1 <%a>: Relay access denied"),
        Case("RCPT TO:<a%>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<@a:>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<@a:b>",
            "550 5.1.1 <b>: Recipient address rejected: User unknown in local recipient table"),
        Case("RCPT TO:<@a,@b:c%d>", "454 4.7.1 <c%d>: Relay access denied"),
        Case("RCPT TO:<a<b>c>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<<a@b>>", "454 4.7.1 <a@b>: Relay access denied"),
        Case(
            "RCPT TO:<a\\\"b@formatux.lan>",
            "550 5.1.1 <a\"b@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<\"a\\\"b\"@formatux.lan>",
            "550 5.1.1 <a\"b@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<\"a\\\\b\"@formatux.lan>",
            "550 5.1.1 <a\\b@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<\"a\"b@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a\"b c\"d@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<\"a>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<a\\>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@victim..example>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@victim.example:25>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@[10.0.2.15]:22>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<<host:25!@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<u@foo.relay.test>", "250 2.1.5 Ok"),
        Case("RCPT TO:<u@relay.test>", "250 2.1.5 Ok"),
        Case("RCPT TO:<u@RELAY.TEST>", "250 2.1.5 Ok"),
        Case("RCPT TO:<u@foo.formatux.lan>", "454 4.7.1 <u@foo.formatux.lan>: Relay access denied"),
        Case(
            "RCPT TO:<u+ext@formatux.lan>",
            "550 5.1.1 <u+ext@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<\"u+ext\">",
            "550 5.1.1 <u+ext>: Recipient address rejected: User unknown in local recipient table"),
        Case(
            "RCPT TO:<u @ formatux.lan>",
            "550 5.1.1 <u@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<(comment)u@formatux.lan>",
            "550 5.1.1 <u@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case("RCPT TO:<u@xx,yy>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<user@[foo]>", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<user@[]>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<user@\"formatux.lan\">",
            "550 5.1.1 <user@formatux.lan>: Recipient address rejected: User unknown in local recipient table"
        ),
        Case(
            "RCPT TO:<user@\"victim.example\">",
            "454 4.7.1 <user@victim.example>: Relay access denied"),
        Case("RCPT TO:<\"@\">", "501 5.1.3 Bad recipient address syntax"),
        Case("RCPT TO:<\"@\"@formatux.lan>", "501 5.1.3 Bad recipient address syntax"),
        Case(
            "RCPT TO:<\"a@b\"@relay.test@formatux.lan>",
            "454 4.7.1 <a@b@relay.test@formatux.lan>: Relay access denied"),
        Case("RCPT TO:<a@b@c@d>", "454 4.7.1 <a@b@c@d>: Relay access denied"),
        Case("RCPT TO:<u%a%b@formatux.lan>", "454 4.7.1 <u%a%b@formatux.lan>: Relay access denied"),
    ]
}
