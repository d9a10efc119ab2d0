import Bytes
import Rewriting
package import SMTPGrammar

/// One SMTP session (RFC 5321): what each command is answered, and what it changes.
///
/// Pure: no socket, no file, no clock.
package struct Session {
    /// The limits and habits of main.cf.
    package struct Rules: Sendable {
        package var settings: SMTPServerSettings
        package var hostName: String
        /// `message_size_limit`; 0 is no limit.
        package var sizeLimit: Int
        /// The client is a user of this machine, at `sendmail -bs`.
        package var servesUser = false

        package init(_ settings: SMTPServerSettings, hostName: String, sizeLimit: Int) {
            self.settings = settings
            self.hostName = hostName
            self.sizeLimit = sizeLimit
        }
    }

    /// A message that is being announced.
    package struct Transaction: Equatable, Sendable {
        /// The sender in internal form, and as the client wrote it.
        package let sender: [UInt8]
        package var body: MailParameters.Body?
        /// The recipients that were accepted.
        package var recipients: [[UInt8]] = []
        var overshoot = 0

        package init(sender: [UInt8]) { self.sender = sender }
    }

    package enum State: Equatable, Sendable {
        case ready
        case mail(Transaction)
        /// The client was refused when it connected: QUIT is all that is left.
        case refused
    }

    package let rules: Rules
    package let client: Client
    package internal(set) var state = State.ready
    package internal(set) var heloName: [UInt8]?
    /// EHLO came last, not HELO.
    package internal(set) var isExtended = false
    /// The client sent commands ahead that may not be sent ahead.
    package var isPipelined = false
    package internal(set) var counts = CommandCounts()
    package internal(set) var errors = 0
    var junkCommands = 0
    let judge: any SessionJudge

    package init(_ rules: Rules, client: Client, judge: any SessionJudge) {
        self.rules = rules
        self.client = client
        self.judge = judge
    }

    package var protocolName: String { isExtended ? "ESMTP" : "SMTP" }

    package var transaction: Transaction? {
        switch state {
        case .mail(let transaction): transaction
        case .ready, .refused: nil
        }
    }

    /// What the restrictions may look at now.
    package var request: AccessRequest {
        var request = AccessRequest(client: client)
        request.heloName = heloName
        request.sender = transaction?.sender
        request.isPipelined = isPipelined
        return request
    }

    /// What the client is greeted with.
    package mutating func greet() -> SessionStep {
        let delayed = rules.settings.delaysReject
        if let reply = judge.refusal(at: .connect, request, delayed: delayed) {
            state = .refused
            return SessionStep(reply, note: .refusal("CONNECT", request))
        }
        return SessionStep(Reply(220, "", rules.settings.banner))
    }

    /// The errors so far are too many to go on.
    package var hasTooManyErrors: Bool { errors >= rules.settings.hardErrorLimit }

    /// The errors so far are so many that each reply is delayed.
    package var isSlowedDown: Bool { errors >= rules.settings.softErrorLimit }

    /// Answers a command line without its line end.
    package mutating func handle(_ line: [UInt8]) -> SessionStep {
        let command = CommandLine(line)
        let verb = CommandVerb(command.verb)
        if verb.isJunk {
            if junkCommands > rules.settings.junkCommandLimit { errors += 1 }
            junkCommands += 1
        }
        let step = answer(verb, command, line)
        // A recipient counts when cleanup has it, content when it is queued.
        switch step.action {
        case .addRecipient, .readContent: break
        case .none, .dropTransaction, .close: count(verb, failed: step.isError || verb == .unknown)
        }
        return step
    }

    /// Notes how a command ended that depended on others.
    private mutating func count(_ verb: CommandVerb, failed: Bool) {
        counts.add(verb, succeeded: !failed)
        if failed { errors += 1 }
    }

    private mutating func answer(
        _ verb: CommandVerb, _ command: CommandLine, _ line: [UInt8]
    ) -> SessionStep {
        if line.contains(0) { return SessionStep(Reply(500, "5.5.2", "Error: bad syntax")) }
        if verb == .quit {
            state = .ready
            return SessionStep(Reply(221, "2.0.0", "Bye"), .close)
        }
        if verb == .unknown { return unknown(command, line) }
        if state == .refused {
            return SessionStep(
                Reply(503, "5.7.0", "Error: access denied for \(client.description)"))
        }
        switch verb {
        case .helo, .ehlo: return hello(command, extended: verb == .ehlo)
        case .mail: return mail(command)
        case .rcpt: return recipient(command)
        case .data: return data(command)
        case .rset: return reset(command)
        case .noop: return SessionStep(Reply(250, "2.0.0", "Ok"))
        case .vrfy: return verify(command)
        case .etrn: return flush(command)
        case .starttls, .auth, .bdat, .xclient, .xforward: return notOffered(verb, command)
        case .quit, .unknown: return unknown(command, line)
        }
    }

    /// Ends the transaction when its content has come; `queued` forgives the errors before.
    package mutating func finishContent(_ reply: Reply) {
        state = .ready
        count(.data, failed: reply.isFailure)
        guard !reply.isFailure else { return }
        errors = 0
        junkCommands = 0
    }

    /// Takes note of a recipient that cleanup has, or that it could not be given.
    package mutating func finishRecipient(_ original: [UInt8], _ reply: Reply) {
        count(.rcpt, failed: reply.isFailure)
        guard case .mail(var transaction) = state, !reply.isFailure else { return }
        transaction.recipients.append(original)
        state = .mail(transaction)
    }
}
