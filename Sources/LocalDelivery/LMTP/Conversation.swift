import Bytes
package import DeliveryMonitor
package import Posix
import SMTPGrammar
package import Services
package import Wire

/// Speaks LMTP with one client: reads commands, lets the session decide, and has the monitor deliver.
///
/// The process has no rights: it can reach its client and its monitor, and no file.
package final class Conversation {
    /// Why a conversation ended.
    private enum Over: Error {
        case because(DeliveryQuestion.Ending)
    }

    /// Octets of a command line that are read, as with Postfix.
    private static let lineLimit = 2048
    /// What is passed over at once of a line that is too long.
    private static let skippedBlock = 65_536

    private let stream: ByteStream
    private let monitor: Channel
    private var session: Session
    private let times: DeliveryTimes
    private let stop: SignalDescriptor
    /// No answer will come any more.
    private var isMonitorLost = false

    /// From now on SIGTERM is a wish to end at the next command.
    package init(
        _ stream: ByteStream, monitor: Channel, _ rules: Session.Rules, _ times: DeliveryTimes
    ) throws(SystemError) {
        self.stream = stream
        self.monitor = monitor
        session = Session(rules)
        self.times = times
        stop = try SignalDescriptor([Signal.terminate])
    }

    /// Runs the conversation to its end.
    package func run() {
        do throws(Over) {
            try reply(session.greeting)
            while true { try turn() }
        } catch {
            guard case .because(let ending) = error else { return }
            tell(.ended(ending))
        }
    }

    private func turn() throws(Over) {
        guard !session.hasTooManyErrors else {
            try farewell(Reply(421, "4.7.0", "Too many errors"), .tooManyErrors)
        }
        guard !isMonitorLost else {
            try farewell(Reply(421, "4.3.0", "Service is ending"), .stopped)
        }
        let line = try readCommand()
        let step = session.handle(line)
        switch step.action {
        case .none: try reply(step.reply)
        case .reset:
            tell(.reset)
            try reply(step.reply)
        case .ask(let address): try ask(about: address)
        case .readContent(let transaction): try takeContent(transaction, step.reply)
        case .close: try farewell(step.reply, .quit)
        }
    }

    private func farewell(_ last: Reply, _ ending: DeliveryQuestion.Ending) throws(Over) -> Never {
        stream.deadline = .after(seconds: 10)
        do throws(WireError) {
            try stream.write(last.octets)
            try stream.flush()
        } catch {
            // It was only a courtesy.
        }
        throw .because(ending)
    }

    // MARK: Commands

    /// A command line without its end; of a longer one, its beginning.
    private func readCommand() throws(Over) -> [UInt8] {
        stream.deadline = .after(seconds: times.command)
        // Replies to commands sent ahead go out together (RFC 2920 section 3.2).
        if !stream.hasBufferedLine { try wire { () throws(WireError) in try stream.flush() } }
        try waitForCommand()
        let first = try next(limit: Self.lineLimit)
        guard first.ending == .none else { return first.bytes }
        while try next(limit: Self.skippedBlock).ending == .none {}
        return first.bytes
    }

    /// Waits for input, or for a signal that says stop: between two commands is the place to.
    private func waitForCommand() throws(Over) {
        while true {
            if stop.next() != nil {
                try farewell(Reply(421, "4.3.2", "Service shutting down"), .stopped)
            }
            if stream.hasBufferedInput { return }
            do throws(SystemError) {
                let ready = try poll(
                    [(stream.inputDescriptor, .readable), (stop.descriptor.number, .readable)],
                    until: stream.deadline)
                if !ready[0].isEmpty, ready[1].isEmpty { return }
            } catch { throw .because(.closed) }
            if stream.deadline.hasPassed { try farewell(.timeout, .timedOut) }
        }
    }

    private func next(limit: Int) throws(Over) -> Line {
        try wire { () throws(WireError) in try stream.readLine(limit: limit) }
    }

    private func reply(_ reply: Reply) throws(Over) {
        stream.deadline = .after(seconds: times.command)
        try wire { () throws(WireError) in try stream.write(reply.octets) }
    }

    private func wire<Result>(_ body: () throws(WireError) -> Result) throws(Over) -> Result {
        do throws(WireError) { return try body() } catch {
            guard error == .timedOut else { throw .because(.closed) }
            try farewell(.timeout, .timedOut)
        }
    }

    // MARK: The monitor

    private func ask(about address: RecipientAddress) throws(Over) {
        tell(.recipient(address))
        let answer = hear() ?? .failed(status: "4.3.0", text: "Service is ending")
        try reply(session.finishRecipient(address, answer))
    }

    private func tell(_ question: DeliveryQuestion) {
        monitor.deadline = .after(seconds: times.command)
        do throws(ChannelError) { try monitor.send(question) } catch { isMonitorLost = true }
    }

    /// The monitor's next answer; nil when it is gone.
    private func hear() -> DeliveryAnswer? {
        guard !isMonitorLost else { return nil }
        monitor.deadline = .after(seconds: times.answer)
        do throws(ChannelError) { return try monitor.receive(DeliveryAnswer.self) } catch {
            isMonitorLost = true
            return nil
        }
    }

    // MARK: Letters

    private func takeContent(
        _ transaction: Session.Transaction, _ ready: Reply
    ) throws(Over) {
        try reply(ready)
        var letter = LetterSpool(limit: session.rules.sizeLimit)
        var decoder = ContentDecoder()
        try wire { () throws(WireError) in
            try stream.flush()
            while !decoder.hasEnded {
                stream.deadline = .after(seconds: times.command)
                let input = try stream.read(limit: Self.skippedBlock)
                var content: [UInt8] = []
                content.reserveCapacity(input.count)
                let end = decoder.decode(input.span, from: 0, into: &content)
                if end < input.count { stream.putBack(Array(input[end...])) }
                letter.take(content)
            }
        }
        try finish(letter, transaction)
        session.finishContent()
    }

    /// Answers for each recipient, in their order and as soon as it is known.
    private func finish(
        _ letter: consuming LetterSpool, _ transaction: Session.Transaction
    ) throws(Over) {
        if let failure = letter.failure {
            tell(.reset)
            for _ in transaction.recipients { try reply(failure) }
            return
        }
        do throws(ChannelError) {
            try letter.handOver(to: monitor, sender: transaction.sender)
        } catch { isMonitorLost = true }
        for address in transaction.recipients {
            guard let answer = hear() else {
                let gone = DeliveryAnswer.failed(status: "4.3.0", text: "Delivery was interrupted")
                try reply(gone.reply(about: address))
                continue
            }
            try reply(answer.reply(about: address))
            try wire { () throws(WireError) in try stream.flush() }
        }
    }
}
