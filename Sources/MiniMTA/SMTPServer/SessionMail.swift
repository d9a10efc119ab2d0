import Bytes
import Rewriting
import SMTPGrammar

/// What MAIL, RCPT and DATA are answered.
extension Session {
    mutating func mail(_ command: CommandLine) -> SessionStep {
        if rules.settings.heloRequired, heloName == nil { return Self.sayHello }
        if transaction != nil {
            return SessionStep(Reply(503, "5.5.1", "Error: nested MAIL command"))
        }
        guard command.arguments.count >= 2,
            command.arguments[0].bytes.equalsIgnoringCase("FROM:")
        else { return SessionStep(Reply(501, "5.5.4", "Syntax: MAIL FROM:<address>")) }
        let word = command.arguments[1]
        guard let sender = address(word) else {
            return badAddress("MAIL", word, Reply(501, "5.1.7", "Bad sender address syntax"))
        }
        let parameters: MailParameters
        do throws(ParameterFault) {
            parameters = try MailParameters(command.arguments.dropFirst(2))
        } catch { return SessionStep(error.reply) }
        var started = Transaction(sender: sender)
        started.body = parameters.body
        return open(started, parameters.size)
    }

    private mutating func open(
        _ started: Transaction, _ size: MailParameters.Size
    ) -> SessionStep {
        var asked = request
        asked.sender = started.sender
        let delayed = rules.settings.delaysReject
        if let reply = judge.refusal(at: .mail, asked, delayed: delayed) {
            return SessionStep(reply, note: .refusal("MAIL", asked))
        }
        switch size {
        case .absent: break
        case .enormous:
            return SessionStep(
                Reply(552, "5.3.4", "Message size exceeds file system imposed limit"))
        case .octets(let octets):
            guard rules.sizeLimit == 0 || octets <= rules.sizeLimit else {
                return SessionStep(
                    Reply(552, "5.3.4", "Message size exceeds fixed limit"),
                    note: .refusal("MAIL", asked))
            }
        }
        if let reply = judge.shortage() {
            return SessionStep(reply, note: .refusal("MAIL", request))
        }
        state = .mail(started)
        return SessionStep(Reply(250, "2.1.0", "Ok"))
    }

    mutating func recipient(_ command: CommandLine) -> SessionStep {
        guard case .mail(var transaction) = state else {
            return SessionStep(Reply(503, "5.5.1", "Error: need MAIL command"))
        }
        guard command.arguments.count >= 2,
            command.arguments[0].bytes.equalsIgnoringCase("TO:")
        else { return SessionStep(Reply(501, "5.5.4", "Syntax: RCPT TO:<address>")) }
        let word = command.arguments[1]
        guard let recipient = address(word), !recipient.isEmpty else {
            return badAddress("RCPT", word, Reply(501, "5.1.3", "Bad recipient address syntax"))
        }
        do throws(ParameterFault) {
            try RecipientParameters.check(command.arguments.dropFirst(2))
        } catch { return SessionStep(error.reply) }
        guard transaction.recipients.count < rules.settings.recipientLimit else {
            transaction.overshoot += 1
            state = .mail(transaction)
            // A client with a long list is no abuser, up to a point.
            return SessionStep(
                Reply(452, "4.5.3", "Error: too many recipients"),
                isError: transaction.overshoot > rules.settings.recipientOvershootLimit)
        }
        var asked = request
        asked.recipient = recipient
        let delayed = rules.settings.delaysReject
        if let reply = judge.refusal(at: .recipient, asked, delayed: delayed) {
            return SessionStep(reply, note: .refusal("RCPT", asked))
        }
        return SessionStep(
            Reply(250, "2.1.5", "Ok"), .addRecipient(recipient, original: recipient))
    }

    mutating func data(_ command: CommandLine) -> SessionStep {
        guard let transaction else {
            return SessionStep(Reply(503, "5.5.1", "Error: need RCPT command"))
        }
        guard !transaction.recipients.isEmpty else {
            return SessionStep(Reply(554, "5.5.1", "Error: no valid recipients"))
        }
        guard command.arguments.isEmpty else {
            return SessionStep(Reply(501, "5.5.4", "Syntax: DATA"))
        }
        var asked = request
        asked.recipient = transaction.recipients.count == 1 ? transaction.recipients.first : nil
        if let reply = judge.refusal(at: .data, asked, delayed: false) {
            return SessionStep(reply, note: .refusal("DATA", asked))
        }
        return SessionStep(
            Reply(354, "", "End data with <CR><LF>.<CR><LF>"), .readContent)
    }

    /// The address of a word in internal form; nil when it is none, or none that could exist.
    func address(_ word: CommandLine.Argument) -> [UInt8]? {
        guard !word.isOpen else { return nil }
        do throws(EnvelopePath.Fault) {
            let address = try EnvelopePath.address(
                in: word.bytes, strict: rules.settings.strictEnvelopes)
            return !address.isEmpty && judge.isMalformed(address) ? nil : address
        } catch { return nil }
    }

    func badAddress(
        _ command: String, _ word: CommandLine.Argument, _ reply: Reply
    ) -> SessionStep {
        SessionStep(reply, note: word.isOpen ? .none : .illegalAddress(command, word.bytes))
    }
}
