import Bytes
package import DeliveryMonitor
package import SMTPGrammar

/// One LMTP session (RFC 2033): what each command is answered, and what it changes.
///
/// Pure: no socket, no file, no clock.
package struct Session {
    package struct Rules: Sendable {
        package var hostName: String
        /// Octets of a letter.
        package var sizeLimit: Int
        /// Recipients of a letter.
        package var recipientLimit = 1000
        /// Errors after which the session ends.
        package var errorLimit = 20

        package init(hostName: String, sizeLimit: Int) {
            self.hostName = hostName
            self.sizeLimit = sizeLimit
        }
    }

    /// A letter that is being announced.
    package struct Transaction: Equatable, Sendable {
        /// As Return-Path has it; empty for a notice.
        package let sender: [UInt8]
        /// The recipients that were accepted, as replies have them.
        package internal(set) var recipients: [[UInt8]] = []
    }

    package enum State: Equatable, Sendable {
        /// LHLO comes first.
        case greeted
        case ready
        case mail(Transaction)
    }

    /// What there is to do beside the reply.
    package enum Action: Equatable, Sendable {
        case none
        /// Ask whether there is such a recipient; the answer goes to `finishRecipient`.
        case ask(RecipientAddress)
        /// Forget the recipients that were asked for.
        case reset
        /// Read the content after the reply.
        case readContent(Transaction)
        /// End the session after the reply.
        case close
    }

    package struct Step: Equatable, Sendable {
        package let reply: Reply
        package let action: Action

        init(_ code: Int, _ status: String, _ text: String, _ action: Action = .none) {
            self.init(Reply(code, status, text), action)
        }

        init(_ reply: Reply, _ action: Action = .none) {
            self.reply = reply
            self.action = action
        }
    }

    package let rules: Rules
    package private(set) var state = State.greeted
    private var errors = 0

    package init(_ rules: Rules) { self.rules = rules }

    package var greeting: Reply { Reply(220, "", "\(rules.hostName) LMTP Malleposte") }

    package var hasTooManyErrors: Bool { errors >= rules.errorLimit }

    /// Answers a command line without its line end.
    package mutating func handle(_ line: [UInt8]) -> Step {
        let command = CommandLine(line)
        let step = answer(command)
        if step.reply.isFailure { errors += 1 }
        return step
    }

    private mutating func answer(_ command: CommandLine) -> Step {
        switch String(printable: command.verb, limit: 16) {
        case "LHLO": return hello(command)
        case "HELO", "EHLO": return Step(500, "5.5.1", "This is LMTP: send LHLO")
        case "MAIL": return mail(command)
        case "RCPT": return recipient(command)
        case "DATA": return data(command)
        case "RSET": return reset(command)
        case "NOOP": return Step(250, "2.0.0", "OK")
        case "VRFY":
            return command.arguments.isEmpty
                ? Step(501, "5.5.4", "Syntax: VRFY address")
                : Step(252, "2.5.0", "Send it and see")
        case "QUIT": return Step(221, "2.0.0", "Bye", .close)
        case "BDAT":
            // What follows is content, not commands: the session cannot go on.
            return Step(521, "5.5.1", "BDAT is not offered", .close)
        default: return Step(500, "5.5.2", "Unknown command")
        }
    }

    private mutating func hello(_ command: CommandLine) -> Step {
        guard !command.arguments.isEmpty else { return Step(501, "5.5.4", "Syntax: LHLO hostname") }
        state = .ready
        let lines = [
            rules.hostName, "PIPELINING", "SIZE \(rules.sizeLimit)", "ENHANCEDSTATUSCODES",
            "8BITMIME",
        ]
        return Step(Reply(250, "", lines: lines), .reset)
    }

    private mutating func reset(_ command: CommandLine) -> Step {
        guard command.arguments.isEmpty else { return Step(501, "5.5.4", "Syntax: RSET") }
        if state != .greeted { state = .ready }
        return Step(250, "2.0.0", "OK", .reset)
    }

    private mutating func mail(_ command: CommandLine) -> Step {
        switch state {
        case .greeted: return Step(503, "5.5.1", "Send LHLO first")
        case .mail: return Step(503, "5.5.1", "MAIL has been sent already")
        case .ready: break
        }
        guard command.arguments.count >= 2, command.arguments[0].bytes.equalsIgnoringCase("FROM:")
        else { return Step(501, "5.5.4", "Syntax: MAIL FROM:<address>") }
        guard let sender = EnvelopeAddress(command.arguments[1]) else {
            return Step(501, "5.1.7", "Bad sender address syntax")
        }
        do throws(ParameterFault) {
            switch try MailParameters(command.arguments.dropFirst(2)).size {
            case .absent: break
            case .octets(let octets) where octets <= rules.sizeLimit: break
            case .octets, .enormous: return Step(.tooLarge)
            }
        } catch { return Step(error.reply) }
        switch sender {
        case .null: state = .mail(Transaction(sender: []))
        case .mailbox(let address): state = .mail(Transaction(sender: address.written))
        }
        return Step(250, "2.1.0", "OK")
    }

    private func recipient(_ command: CommandLine) -> Step {
        guard case .mail(let transaction) = state else {
            return Step(503, "5.5.1", "Send MAIL first")
        }
        guard command.arguments.count >= 2, command.arguments[0].bytes.equalsIgnoringCase("TO:")
        else { return Step(501, "5.5.4", "Syntax: RCPT TO:<address>") }
        guard case .mailbox(let address)? = EnvelopeAddress(command.arguments[1]) else {
            return Step(501, "5.1.3", "Bad recipient address syntax")
        }
        do throws(ParameterFault) {
            try RecipientParameters.check(command.arguments.dropFirst(2))
        } catch { return Step(error.reply) }
        guard transaction.recipients.count < rules.recipientLimit else {
            return Step(452, "4.5.3", "Too many recipients")
        }
        return Step(250, "2.1.5", "OK", .ask(address))
    }

    /// Takes note of what was said of a recipient, and yields the reply.
    package mutating func finishRecipient(
        _ address: RecipientAddress, _ answer: DeliveryAnswer
    ) -> Reply {
        guard case .mail(var transaction) = state else { return Reply(503, "5.5.1", "Send MAIL") }
        guard answer == .accepted else { return answer.reply(about: address.written) }
        transaction.recipients.append(address.written)
        state = .mail(transaction)
        return Reply(250, "2.1.5", "OK")
    }

    private func data(_ command: CommandLine) -> Step {
        guard case .mail(let transaction) = state, !transaction.recipients.isEmpty else {
            // RFC 2033 section 4.2.
            return Step(503, "5.5.1", "No valid recipients")
        }
        guard command.arguments.isEmpty else { return Step(501, "5.5.4", "Syntax: DATA") }
        return Step(354, "", "OK", .readContent(transaction))
    }

    /// The letter has come, and was answered.
    package mutating func finishContent() {
        state = .ready
        errors = 0
    }
}

extension Reply {
    package static let tooLarge = Reply(552, "5.3.4", "The letter is larger than the limit")
    package static let timeout = Reply(421, "4.4.2", "Timeout")
}

extension DeliveryAnswer {
    /// The reply that a client gets for the recipient `address`.
    package func reply(about address: [UInt8]) -> Reply {
        let shown = "<\(String(printable: address, limit: 255))>"
        switch self {
        case .accepted: return Reply(250, "2.0.0", "\(shown) Saved")
        case .failed(let status, let text):
            return Reply(Self.code(of: status), status, "\(shown) \(text)")
        }
    }

    private static func code(of status: String) -> Int {
        switch status {
        case "4.2.2", "4.3.1", "4.5.3": 452
        case "5.2.2", "5.3.4": 552
        default: status.utf8.first == UInt8(ascii: "5") ? 550 : 451
        }
    }
}
