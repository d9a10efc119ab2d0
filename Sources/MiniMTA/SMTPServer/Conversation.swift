import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
import SMTPGrammar
import Wire

/// Speaks SMTP with one client: reads commands, lets the session decide, carries that out.
final class Conversation {
    /// Why a conversation ended.
    private enum Ending: Error {
        case done
        /// The client is gone, silent, or the connection failed.
        case lost(WireError)
    }

    /// What is passed over at once of a line that is too long.
    private static let skippedBlock = 65_536

    let stream: ByteStream
    let log: Log
    let environment: SMTPEnvironment
    var session: Session
    var submission: Submission?
    /// What the log names when the client goes away.
    private var place = "CONNECT"

    init(_ stream: ByteStream, _ session: Session, _ environment: SMTPEnvironment) {
        self.stream = stream
        self.session = session
        self.environment = environment
        log = environment.log
    }

    var client: Client { session.client }
    var settings: SMTPServerSettings { session.rules.settings }

    /// Runs the conversation to its end.
    func run() {
        log.info("connect from \(client.description)")
        do throws(Ending) {
            try greet()
            while true { try turn() }
        } catch {
            if case .lost(let error) = error { explain(error) }
        }
        submission = nil
        log.info("disconnect from \(client.description) \(session.counts.text)")
    }

    private func greet() throws(Ending) {
        try answer(session.greet())
        if stream.hasBufferedInput { notePipelining(after: "CONNECT") }
    }

    /// One command and its reply.
    private func turn() throws(Ending) {
        if session.hasTooManyErrors {
            log.info("too many errors after \(place) from \(client.description)")
            try reply(Reply(421, "4.7.0", "\(session.rules.hostName) Error: too many errors"))
            try flush()
            throw .done
        }
        if environment.isStopping() {
            try reply(Reply(421, "4.3.2", "\(session.rules.hostName) Service shutting down"))
            try flush()
            throw .done
        }
        let line = try readCommand()
        let verb = CommandVerb(CommandLine(line).verb)
        place = verb.name
        if stream.hasBufferedInput, verb.endsPipelining || !session.isExtended, verb != .quit {
            notePipelining(after: verb == .unknown ? "UNKNOWN" : verb.name)
        }
        try answer(session.handle(line))
    }

    // MARK: - Reading

    /// A command line without its end; of a longer one, the first `line_length_limit` octets.
    private func readCommand() throws(Ending) -> [UInt8] {
        // Replies to commands sent ahead go out together (RFC 2920 section 3.2).
        if !stream.hasBufferedInput { try flush() }
        stream.deadline = .after(seconds: settings.timeout)
        let first = try next(limit: settings.lineLengthLimit)
        guard first.ending == .none else { return first.bytes.withoutCarriages }
        log.warning(
            "\(client.description): request longer than \(settings.lineLengthLimit): "
                + "\(String(printable: first.bytes, limit: 30))...")
        while try next(limit: Self.skippedBlock).ending == .none {}
        return first.bytes
    }

    private func next(limit: Int) throws(Ending) -> Line {
        do throws(WireError) {
            if !stream.hasBufferedInput { try stream.flush() }
            return try stream.readLine(limit: limit)
        } catch { throw .lost(error) }
    }

    private func notePipelining(after command: String) {
        guard !session.isPipelined else { return }
        session.isPipelined = true
        let ahead = stream.takeBuffered()
        stream.putBack(ahead)
        log.info(
            "improper command pipelining after \(command) from \(client.description): "
                + ahead.prefix(100).escaped)
    }

    // MARK: - Answering

    private func answer(_ step: SessionStep) throws(Ending) {
        note(step)
        switch step.action {
        case .none: try reply(step.reply)
        case .dropTransaction:
            submission = nil
            try reply(step.reply)
        case .close:
            submission = nil
            try reply(step.reply)
            try flush()
            throw .done
        case .addRecipient(let recipient, let original):
            try reply(add(recipient, original, step.reply))
        case .readContent: try takeContent(step.reply)
        }
    }

    private func reply(_ reply: Reply) throws(Ending) {
        if session.isSlowedDown { Process.sleep(milliseconds: settings.errorSleep * 1000) }
        do throws(WireError) {
            stream.deadline = .after(seconds: settings.timeout)
            try stream.write(reply.octets)
        } catch { throw .lost(error) }
    }

    private func flush() throws(Ending) {
        do throws(WireError) { try stream.flush() } catch { throw .lost(error) }
    }

    /// Opens the submission at the first recipient: from here on the message has a queue ID.
    private func add(_ recipient: [UInt8], _ original: [UInt8], _ accepted: Reply) -> Reply {
        var result = accepted
        if submission == nil, let transaction = session.transaction {
            submission = environment.open(session, transaction).map { Submission($0) }
            if let submission {
                log.info("\(submission.queueID): client=\(client.description)")
            } else {
                result = Reply(451, "4.3.0", "Error: queue file write error")
            }
        }
        submission?.add(recipient)
        session.finishRecipient(original, result)
        return result
    }

    private func takeContent(_ ready: Reply) throws(Ending) {
        guard let submission, let transaction = session.transaction else { throw .done }
        self.submission = nil
        try reply(ready)
        try flush()
        var reader = ContentReader(stream, settings)
        submission.begin(received: environment.receivedHeader(session, transaction, submission))
        do throws(WireError) {
            try reader.read { submission.content($0) }
        } catch {
            place = "DATA (\(reader.octets) bytes)"
            session.finishContent(Reply(451, "", ""))
            throw .lost(error)
        }
        place = "END-OF-MESSAGE"
        let status = finish(submission)
        session.finishContent(status)
        try reply(status)
    }

    private func finish(_ submission: Submission) -> Reply {
        if let refusal = environment.judge.refusal(
            at: .endOfData, session.request, delayed: false)
        {
            return refusal
        }
        return submission.finish()
    }

    // MARK: - Logging

    private func note(_ step: SessionStep) {
        let from = "from \(client.description)"
        switch step.note {
        case .none: break
        case .refusal(let command, let request):
            let id = submission.map { "\($0.queueID)" } ?? "NOQUEUE"
            log.info(
                "\(id): reject: \(command) \(from): \(step.reply.text); "
                    + facts(about: request))
        case .illegalAddress(let command, let text):
            log.warning(
                "Illegal address syntax \(from) in \(command) command: "
                    + String(printable: text, limit: 200))
        case .foreignCommand(let line):
            log.warning("non-SMTP command \(from): \(String(printable: line, limit: 100))")
        case .refusedFlush(let name):
            log.warning("reject: ETRN \(String(printable: name, limit: 100))... \(from)")
        }
    }

    private func facts(about request: AccessRequest) -> String {
        var words: [String] = []
        if let sender = request.sender { words.append("from=<\(external(sender))>") }
        if let recipient = request.recipient { words.append("to=<\(external(recipient))>") }
        words.append("proto=\(session.protocolName)")
        if let name = request.heloName {
            words.append("helo=<\(String(printable: name, limit: 255))>")
        }
        return words.joined(separator: " ")
    }

    private func external(_ address: [UInt8]) -> String {
        // Quotes around nothing would be noise: the null sender is <>.
        address.isEmpty ? "" : String(printable: AddressQuoting.quote(address))
    }

    private func explain(_ error: WireError) {
        switch error {
        case .closed, .failed:
            log.info("lost connection after \(place) from \(client.description)")
        case .timedOut:
            log.info("timeout after \(place) from \(client.description)")
            let text = "\(session.rules.hostName) Error: timeout exceeded"
            do throws(WireError) {
                stream.deadline = .after(seconds: 1)
                try stream.write(Reply(421, "4.4.2", text).octets)
                try stream.flush()
            } catch {
                // It was only a courtesy.
            }
        }
    }
}

extension [UInt8] {
    /// Without the CRs that a mangled line end leaves.
    fileprivate var withoutCarriages: [UInt8] {
        var rest = self[...]
        while rest.last == .cr { rest.removeLast() }
        return Array(rest)
    }
}

extension Collection<UInt8> {
    /// As the log shows what should not have come: C's escapes.
    fileprivate var escaped: String {
        var text = ""
        for byte in self {
            switch byte {
            case .cr: text += "\\r"
            case .lf: text += "\\n"
            case .tab: text += "\\t"
            case .backslash: text += "\\\\"
            default:
                text +=
                    byte.isPrintable
                    ? String(latin1: [byte]) : "\\" + byte.padded(to: 3, radix: 8)
            }
        }
        return text
    }
}
