import Bytes
import Posix
import SMTPGrammar
import Settings
import Tables

@testable import Rewriting
@testable import SMTPServer

/// A mail host `mail.formatux.lan` with users alice, bob and tech, without a machine.
enum TestHost {
    static let resolver: Resolver = {
        let name = Array("mail.formatux.lan".utf8)
        var rules = Resolver.Rules(hostName: name)
        rules.destinations = DomainList(
            ["mail.formatux.lan", "localhost.formatux.lan", "localhost", "formatux.lan"])
        rules.relayDomains = DomainList(["relay.test"], matchesSubdomains: true)
        rules.ownAddresses = ["127.0.0.1", "::1"].compactMap { IPAddress($0) }
        return Resolver(rules, rewriter: Rewriter(.init(origin: name, domain: [])))
    }()

    /// A session of a client, by default one outside `mynetworks`.
    static func session(
        from address: String = "127.0.0.2", obstacle: String? = nil,
        change: (inout SMTPServerSettings, inout SMTPAccessSettings) -> Void = { _, _ in }
    ) throws -> Session {
        var settings = SMTPServerSettings()
        var access = SMTPAccessSettings()
        let configuration = try MainConfiguration(text: Array("compatibility_level=3.6\n".utf8))
        settings = try configuration.settings(SMTPServerSettings.self)
        access = try configuration.settings(SMTPAccessSettings.self)
        access.localRecipientMaps = ["inline:{ {alice=x}, {bob=x}, {tech=x} }"]
        change(&settings, &access)
        let recipients = RecipientCheck(access, resolver: resolver, recipientDelimiter: "")
        let policy = AccessPolicy(
            access, resolver: resolver, recipients: recipients,
            networks: try NetworkList(["127.0.0.1/32", "[::1]/128"]), roomNeeded: 0,
            obstacle: obstacle)
        let client = Client(name: "unknown", address: IPAddress(address))
        return Session(
            Session.Rules(settings, hostName: "mail.formatux.lan", sizeLimit: 10_240_000),
            client: client, judge: policy)
    }

    /// Plays lines as a client types them and yields the replies; recipients are always taken.
    static func play(_ lines: [String], in session: inout Session) -> [String] {
        lines.map { line in
            let step = session.handle(Array(line.utf8))
            if case .addRecipient(_, let original) = step.action {
                session.finishRecipient(original, step.reply)
            }
            return step.reply.text
        }
    }
}
