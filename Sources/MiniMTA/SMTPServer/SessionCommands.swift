import Bytes
import Rewriting
import SMTPGrammar

/// What HELO, EHLO, RSET, VRFY and the commands that are not offered are answered.
extension Session {
    mutating func hello(_ command: CommandLine, extended: Bool) -> SessionStep {
        let words = command.arguments.map(\.bytes)
        guard let first = words.first else {
            return SessionStep(Reply(501, "", "Syntax: \(extended ? "EHLO" : "HELO") hostname"))
        }
        let name = Self.neutral(words.dropFirst().reduce(first) { $0 + [.space] + $1 })
        var asked = request
        asked.heloName = name
        let delayed = rules.settings.delaysReject
        if let reply = judge.refusal(at: .hello, asked, delayed: delayed) {
            heloName = name
            return SessionStep(reply, note: .refusal(extended ? "EHLO" : "HELO", asked))
        }
        heloName = name
        isExtended = extended
        state = .ready
        return SessionStep(extended ? extensions : Reply(250, "", rules.hostName), .dropTransaction)
    }

    /// The name without what could be taken for something else in a header or in the log.
    private static func neutral(_ name: [UInt8]) -> [UInt8] {
        name.map { byte in
            switch Unicode.Scalar(byte) {
            case " ", "<", ">", "(", ")", "\\", "\"", ";", "@": UInt8(ascii: "?")
            default: byte.isPrintable ? byte : UInt8(ascii: "?")
            }
        }
    }

    /// What this server can do, and no more.
    private var extensions: Reply {
        var lines = [rules.hostName, "PIPELINING"]
        lines.append(rules.sizeLimit > 0 ? "SIZE \(rules.sizeLimit)" : "SIZE")
        if !rules.settings.disablesVRFY { lines.append("VRFY") }
        return Reply(250, "", lines: lines + ["ETRN", "ENHANCEDSTATUSCODES", "8BITMIME"])
    }

    mutating func reset(_ command: CommandLine) -> SessionStep {
        guard command.arguments.isEmpty else {
            return SessionStep(Reply(501, "5.5.4", "Syntax: RSET"))
        }
        state = .ready
        return SessionStep(Reply(250, "2.0.0", "Ok"), .dropTransaction)
    }

    func verify(_ command: CommandLine) -> SessionStep {
        guard !rules.settings.disablesVRFY else {
            return SessionStep(Reply(502, "5.5.1", "VRFY command is disabled"))
        }
        guard let first = command.arguments.first else {
            return SessionStep(Reply(501, "5.5.4", "Syntax: VRFY address"))
        }
        let text = command.arguments.dropFirst().reduce(first.bytes) { $0 + [.space] + $1.bytes }
        let word = CommandLine.Argument(text)
        guard !first.isOpen, let address = address(word), !address.isEmpty else {
            return badAddress("VRFY", word, Reply(501, "5.1.3", "Bad recipient address syntax"))
        }
        var asked = request
        asked.recipient = address
        let delayed = rules.settings.delaysReject
        if let reply = judge.refusal(at: .recipient, asked, delayed: delayed) {
            return SessionStep(reply, note: .refusal("VRFY", asked))
        }
        return SessionStep(Reply(252, "2.0.0", String(printable: text)))
    }

    /// No queue runs are kept for single sites: whoever asks is told so (RFC 1985 section 5.3).
    func flush(_ command: CommandLine) -> SessionStep {
        if rules.settings.heloRequired, heloName == nil { return Self.sayHello }
        if transaction != nil {
            return SessionStep(Reply(503, "5.5.1", "Error: MAIL transaction in progress"))
        }
        guard command.arguments.count == 1, var name = command.arguments.first?.bytes else {
            return SessionStep(Reply(500, "", "Syntax: ETRN domain"))
        }
        if name.first == .at || name.first == UInt8(ascii: "#") { name.removeFirst() }
        guard HostNameSyntax.isName(name) || HostNameSyntax.literalAddress(name) != nil else {
            return SessionStep(Reply(501, "", "Error: invalid parameter syntax"))
        }
        if rules.servesUser { return SessionStep(Reply(458, "", "Unable to queue messages")) }
        return SessionStep(
            Reply(459, "", "<\(String(printable: name))>: service unavailable"),
            note: .refusedFlush(name))
    }

    func notOffered(_ verb: CommandVerb, _ command: CommandLine) -> SessionStep {
        switch verb {
        case .starttls where !command.arguments.isEmpty:
            return SessionStep(Reply(501, "5.5.4", "Syntax: STARTTLS"))
        case .auth:
            return SessionStep(Reply(503, "5.5.1", "Error: authentication not enabled"))
        case .xclient where command.arguments.isEmpty, .xforward where command.arguments.isEmpty:
            return SessionStep(
                Reply(501, "5.5.4", "Syntax: \(verb.name) attribute=value..."))
        case .xclient, .xforward:
            return SessionStep(Reply(550, "5.7.0", "Error: insufficient authorization"))
        case .bdat:
            // What follows is content, not commands: the session cannot go on.
            return SessionStep(Reply(521, "5.5.1", "Error: command not implemented"), .close)
        case .starttls, .helo, .ehlo, .mail, .rcpt, .data, .rset, .noop, .vrfy, .etrn, .quit,
            .unknown:
            return SessionStep(Reply(502, "5.5.1", "Error: command not implemented"))
        }
    }

    func unknown(_ command: CommandLine, _ line: [UInt8]) -> SessionStep {
        let isForbidden = rules.settings.forbiddenCommands.contains {
            command.verb.equalsIgnoringCase(Array($0.utf8))
        }
        if isForbidden || Self.isHeader(line) {
            return SessionStep(
                Reply(221, "2.7.0", "Error: I can break rules, too. Goodbye."), .close,
                note: .foreignCommand(line))
        }
        // A line that is only blanks is no verb at all.
        return SessionStep(
            Reply(
                500, "5.5.2",
                command.verb.isEmpty ? "Error: bad syntax" : "Error: command not recognized"))
    }

    /// `Subject: x`: a header line, from a client of another protocol or one out of step.
    private static func isHeader(_ line: [UInt8]) -> Bool {
        guard let colon = line.firstIndex(of: .colon) else { return false }
        let name = line[..<colon].trimmed
        return !name.isEmpty && line.first.map { !$0.isSpace } == true
            && name.allSatisfy { $0.isPrintable && $0 != .space }
    }

    static var sayHello: SessionStep {
        SessionStep(Reply(503, "5.5.1", "Error: send HELO/EHLO first"))
    }
}
