import Accounts
import Bytes
package import Diagnostics
package import Posix
package import Services

/// The half of the LMTP server that can become the recipients: it answers its own speaker's questions
/// about them, and has letters delivered by processes that have become them.
///
/// It reads only length-framed messages of `DeliveryQuestion`; a malformed one ends the connection. No
/// octet of a letter is read here.
package struct DeliveryMonitor<Work: RecipientDelivery>: ~Copyable {
    private let channel: Channel
    /// The process that speaks LMTP.
    private let speaker: Int32
    private let lookup: RecipientLookup
    private let work: Work
    private let times: DeliveryTimes
    private let client: String
    private let log: Log
    private let signals: SignalDescriptor
    private var recipients: [RecipientDirectory.Recipient] = []

    package init(
        _ channel: Channel, speaker: Int32, directory: RecipientDirectory, work: Work,
        times: DeliveryTimes, client: String, log: Log
    ) throws(SystemError) {
        self.channel = channel
        self.speaker = speaker
        lookup = RecipientLookup(directory: directory, log: log)
        self.work = work
        self.times = times
        self.client = client
        self.log = log
        signals = try SignalDescriptor([Signal.terminate, Signal.child])
    }

    /// More than the speaker lets one letter have.
    private static var recipientLimit: Int { 10_000 }

    /// Answers until the end of the connection.
    package mutating func serve() {
        log.info("connect from \(client)")
        do throws(ChannelError) {
            while true {
                channel.deadline = .after(seconds: 60)
                for question in try questions() {
                    if case .ended(let ending) = question {
                        log.info("disconnect from \(client): \(ending.words)")
                        return
                    }
                    try answer(question)
                }
            }
        } catch { log.warning("speaker for \(client) is lost: \(error.text)") }
    }

    /// What the speaker has sent; a stop is passed on to it, and it finds a place to end.
    private func questions() throws(ChannelError) -> [DeliveryQuestion] {
        do throws(SystemError) {
            let deadline = Deadline.after(seconds: times.question)
            let ready = try poll(
                [(channel.descriptor, .readable), (signals.descriptor.number, .readable)],
                until: deadline)
            try takeSignals()
            if ready[0].isEmpty {
                if deadline.hasPassed { throw SystemError.timeOut }
                return []
            }
        } catch { throw .failed(error) }
        return try channel.receiveReady(DeliveryQuestion.self)
    }

    private func takeSignals() throws(SystemError) {
        while let signal = signals.next() {
            guard signal == Signal.terminate else { continue }
            do throws(SystemError) { try Process.signal(speaker, Signal.terminate) } catch {
                guard error.code == SystemError.noProcess else { throw error }
            }
        }
    }

    private mutating func answer(_ question: DeliveryQuestion) throws(ChannelError) {
        switch question {
        case .recipient(let address): try channel.send(look(for: address))
        case .reset: recipients = []
        case .deliver(let sender):
            guard let letter = channel.takeDescriptor(), !recipients.isEmpty else {
                throw .malformed
            }
            try deliver(letter, sender)
        case .ended: break
        }
    }

    private mutating func look(for address: RecipientAddress) -> DeliveryAnswer {
        let shown = String(printable: address.written, limit: 255)
        guard recipients.count < Self.recipientLimit else {
            return .failed(status: "4.5.3", text: "Too many recipients")
        }
        switch lookup.result(for: address) {
        case .found(let account, let extensionPart):
            recipients.append(
                RecipientDirectory.Recipient(
                    address: address, account: account, extensionPart: extensionPart))
            return .accepted
        case .unknown:
            log.info("reject: to=<\(shown)>: no such user")
            return .failed(status: "5.1.1", text: "User doesn't exist")
        case .refused(let reason):
            log.info("reject: to=<\(shown)>: \(reason)")
            return .failed(status: "5.1.1", text: "User doesn't exist")
        case .unavailable(let reason):
            log.error("to=<\(shown)>: \(reason)")
            return .failed(status: "4.3.0", text: "The user cannot be looked up now")
        }
    }

    // MARK: Delivering

    private mutating func deliver(
        _ letter: consuming FileDescriptor, _ sender: [UInt8]
    ) throws(ChannelError) {
        // Whatever the speaker still does: every recipient gets the same letter, and it is a file in
        // memory, no pipe that a delivery could wait for.
        do throws(SystemError) {
            try letter.seal()
            let size = try letter.status().size
            log.info(
                "from=<\(String(printable: sender, limit: 255))>, size=\(size), "
                    + "nrcpt=\(recipients.count)")
        } catch { throw .failed(error) }
        var round = DeliveryRound(recipients, timeLimit: times.delivery)
        recipients = []
        var isLost = false
        while !round.isDone {
            round.start { [work] (recipient) throws(SystemError) in
                try RecipientProcess.start(recipient, sender: sender, letter, work)
            }
            try wait(for: &round)
            round.look()
            while let (recipient, answer) = round.next() {
                note(recipient, answer)
                guard !isLost else { continue }
                do throws(ChannelError) { try channel.send(answer) } catch {
                    isLost = true
                    round.cutOff()
                }
            }
        }
        // What was being delivered is; nobody is there to be told.
        if isLost { throw .closed }
    }

    private func wait(for round: inout DeliveryRound) throws(ChannelError) {
        do throws(SystemError) {
            _ = try poll(
                [(signals.descriptor.number, .readable)] + round.waits, until: round.wake)
            try takeSignals()
        } catch { throw .failed(error) }
    }

    private func note(_ recipient: RecipientDirectory.Recipient, _ answer: DeliveryAnswer) {
        let to =
            "to=<\(String(printable: recipient.address.written, limit: 255))>, "
            + "user=\(String(printable: recipient.account.name)), "
        switch answer {
        case .accepted: log.info(to + "dsn=2.0.0, status=sent (delivered)")
        case .failed(let status, let text):
            let word = status.utf8.first == 0x35 ? "bounced" : "deferred"
            log.info(to + "dsn=\(status), status=\(word) (\(String(printable: Array(text))))")
        }
    }
}

extension DeliveryQuestion.Ending {
    fileprivate var words: String {
        switch self {
        case .quit: "QUIT"
        case .closed: "lost connection"
        case .timedOut: "timeout"
        case .tooManyErrors: "too many errors"
        case .stopped: "stopped"
        }
    }
}
