import Bytes
import Diagnostics
import Posix
import Rewriting
package import Services
import Settings
import Tables
import Wire

/// The daemon `smtpd`: takes mail from clients of the network.
///
/// Runs as `mail_owner` from the start and has no way back; it reads tables and speaks to cleanup.
package enum SMTPServerDaemon {
    package static func run(_ daemon: Daemon) -> Never {
        let isStandAlone = daemon.arguments.contains("-S")
        if !isStandAlone { daemon.becomeMailOwner() }
        do throws(ConfigurationError) {
            let stop = try StopSignal()
            let servesUser = isStandAlone ? try StandAlone.isUser(daemon) : false
            let environment = try SMTPEnvironment(
                daemon.configuration, daemon.log,
                sinks: servesUser ? DropSinks() : CleanupSinks(), servesUser: servesUser,
                stop: stop)
            if isStandAlone { StandAlone(log: daemon.log, environment: environment).run() }
            daemon.serve { socket in environment.serve(socket) }
        } catch { daemon.log.fatal("\(error)") }
    }
}

/// Says when master wants this process to end.
final class StopSignal {
    /// Readable once the signal has come; never read here.
    private let signal: SignalDescriptor

    init() throws(ConfigurationError) {
        do throws(SystemError) { signal = try SignalDescriptor([Signal.terminate]) } catch {
            throw ConfigurationError("\(error)")
        }
    }

    var hasCome: Bool {
        do throws(SystemError) {
            return try signal.descriptor.wait(for: .readable, until: .after(milliseconds: 0))
        } catch { return false }
    }
}

/// What all sessions of a process share.
final class SMTPEnvironment {
    let log: Log
    let judge: any SessionJudge
    let rules: Session.Rules
    private let sinks: any MessageSinks
    private let headerClients: [String]
    private let networks: NetworkList
    private let ownAddresses: [IPAddress]
    private let stop: StopSignal?

    /// With `servesUser`, for a user of this machine, who is bound by no rules.
    init(
        _ configuration: MainConfiguration, _ log: Log, sinks: any MessageSinks,
        servesUser: Bool = false, stop: StopSignal? = nil
    ) throws(ConfigurationError) {
        self.log = log
        self.sinks = sinks
        self.stop = stop
        let host = try configuration.settings(HostSettings.self)
        let access = try configuration.settings(SMTPAccessSettings.self)
        let queue = try configuration.settings(QueueSettings.self)
        let resolver = try Resolver(host, try configuration.settings(RewritingSettings.self))
        ownAddresses = resolver.rules.ownAddresses
        headerClients = access.localHeaderRewriteClients
        var rules = Session.Rules(
            try configuration.settings(SMTPServerSettings.self), hostName: host.myhostname,
            sizeLimit: queue.messageSizeLimit)
        rules.servesUser = servesUser
        self.rules = rules
        do throws(TableError) { networks = try NetworkList(host.mynetworks) } catch {
            throw ConfigurationError("\(error)")
        }
        guard !servesUser else {
            judge = UserJudge(resolver)
            return
        }
        let recipients = RecipientCheck(
            access, resolver: resolver, recipientDelimiter: host.recipientDelimiter)
        let policy = AccessPolicy(
            access, resolver: resolver, recipients: recipients, networks: networks,
            roomNeeded: max(queue.minimumFree, queue.messageSizeLimit / 2 * 3),
            obstacle: try Self.obstacle(configuration, log), warn: { [log] in log.warning($0) })
        judge = policy
        Self.check(policy, log)
    }

    /// Why no mail is taken: a setting that nothing is built for.
    private static func obstacle(
        _ configuration: MainConfiguration, _ log: Log
    ) throws(ConfigurationError) -> String? {
        let obstacle = try configuration.unbuiltFeature(of: [.message, .session])
        if let obstacle { log.warning("all mail is refused: \(obstacle)") }
        return obstacle
    }

    private static func check(_ policy: AccessPolicy, _ log: Log) {
        for word in policy.notSupported {
            log.warning("not supported yet: smtpd restriction \(word)")
        }
        guard policy.guardsRelaying else {
            log.fatal(
                "in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify "
                    + "at least one working instance of: reject_unauth_destination, "
                    + "defer_unauth_destination, reject, defer")
        }
    }

    func serve(_ socket: consuming FileDescriptor) {
        let client = client(of: socket.number)
        do throws(SystemError) {
            converse(ByteStream(try DescriptorTransport(socket)), with: client)
        } catch { log.warning("\(error)") }
    }

    func client(of socket: Int32) -> Client {
        Client.peer(of: socket, looksUpName: rules.settings.peerNameLookup)
    }

    func converse(_ stream: ByteStream, with client: Client) {
        Conversation(stream, Session(rules, client: client, judge: judge), self).run()
    }

    /// The process was told to end: sessions do so at the next command.
    func isStopping() -> Bool { stop?.hasCome ?? false }

    /// The client's headers are completed as those of our own users.
    func completesHeaders(of client: Client) -> Bool {
        for word in headerClients {
            switch word {
            case "permit_inet_interfaces":
                if client.address.map(ownAddresses.contains) ?? true { return true }
            case "permit_mynetworks":
                do throws(TableError) {
                    if try networks.contains(client) { return true }
                } catch { log.warning("\(error)") }
            default: continue
            }
        }
        return false
    }

    /// Opens the way into the queue for a transaction; nil when there is none, which the log says.
    func open(_ session: Session, _ transaction: Session.Transaction) -> (any MessageSink)? {
        sinks.open(session, transaction, self)
    }

    /// The Received line of RFC 5321 section 4.4, in Postfix's form.
    func receivedHeader(
        _ session: Session, _ transaction: Session.Transaction, _ submission: Submission
    ) -> [UInt8] {
        let client = session.client
        let name = session.heloName.map { String(printable: $0, limit: 255) } ?? client.name
        var text = "Received: from \(name) (\(client.name) [\(client.literalText)])\n"
        text += "\tby \(rules.hostName) (\(rules.settings.mailName))"
        text += " with \(session.protocolName) id \(submission.queueID)"
        let date = CalendarTime.local(Clock.now).mailDate
        if transaction.recipients.count == 1, let recipient = transaction.recipients.first {
            text += "\n\tfor <\(String(printable: AddressQuoting.quote(recipient)))>; \(date)\n"
        } else {
            text += ";\n\t\(date)\n"
        }
        return Array(text.utf8)
    }
}
