import Bytes
import Diagnostics
import LocalSubmission
import MailQueue
import Posix
import Services

/// Carries one submitted message to cleanup.
struct MaildropTransfer {
    let log: Log
    let host: String
    let mailName: String
    /// Seconds that one step of cleanup may take.
    let patience: Int

    enum Outcome: Equatable {
        /// The message is in the queue, or its sender has been told; the file may go.
        case queued
        /// The file is no submission.
        case bad(String)
        /// Try again at the next look.
        case later(String)
        /// Cleanup does not answer at all.
        case noCleanup(String)
    }

    /// Reads a submission and queues it.
    func send(_ file: consuming FileDescriptor, user: UInt32, arrival: ArrivalTime) -> Outcome {
        var reader = MaildropReader(file)
        var check = SubmissionCheck()
        do throws(Stop) {
            guard case .sender(let sender) = try next(&reader, &check) else {
                return .bad("no sender record")
            }
            let client: SubmissionClient
            do throws(ChannelError) {
                client = try SubmissionClient(
                    sender: sender, origin: .local, arrival: arrival,
                    patience: patience)
            } catch { return .noCleanup(error.text) }
            log.info("\(client.queueID): uid=\(user) from=<\(String(printable: sender))>")
            var copy = Copy(client: client, received: received(client.queueID, user))
            while !check.isComplete { copy.put(try next(&reader, &check)) }
            do throws(MaildropReader.Fault) { try reader.expectEnd() } catch {
                return .bad("octets after the end")
            }
            return report(client.finish(), client.queueID, sender, copy.header)
        } catch {
            return error.outcome
        }
    }

    /// A reason to stop in the middle: cleanup forgets what it has.
    private struct Stop: Error { let outcome: Outcome }

    private func next(
        _ reader: inout MaildropReader, _ check: inout SubmissionCheck
    ) throws(Stop) -> MaildropRecord {
        let record: MaildropRecord?
        do throws(MaildropReader.Fault) { record = try reader.next() } catch {
            switch error {
            case .malformed: throw Stop(outcome: .bad("malformed record"))
            case .failed(let error): throw Stop(outcome: .later("\(error)"))
            }
        }
        guard let record else { throw Stop(outcome: .bad("the end is missing")) }
        do throws(SubmissionCheck.Fault) { try check.take(record) } catch {
            throw Stop(outcome: .bad(error.text))
        }
        return record
    }

    private func received(_ id: QueueID, _ user: UInt32) -> [UInt8] {
        let date = CalendarTime.local(Clock.now).mailDate
        return Array(
            "Received: by \(host) (\(mailName), from userid \(user))\n\tid \(id); \(date)\n")
    }

    /// What the file's fate is, and a notice to the sender of a message that is refused for good.
    private func report(
        _ status: SubmissionStatus, _ id: QueueID, _ sender: [UInt8], _ header: [UInt8]
    ) -> Outcome {
        switch status {
        case .queued: return .queued
        case .deferred, .writeError, .malformed: return .later("\(id): \(status.text)")
        case .refused, .tooBig, .tooManyHops, .noRecipients:
            log.warning("\(id): message refused: \(status.text)")
            guard !sender.isEmpty else {
                return .bad("refused, and nobody to tell: \(status.text)")
            }
            return notify(sender, status.text, header)
                ? .queued : .later("\(id): the sender could not be told")
        }
    }

    /// Tells the sender that a message was refused; false when that could not be queued.
    private func notify(_ sender: [UInt8], _ reason: String, _ header: [UInt8]) -> Bool {
        do throws(ChannelError) {
            let client = try SubmissionClient(sender: [], origin: .notice, patience: patience)
            client.recipient(QueueRecipient(sender))
            client.content(
                Array(
                    """
                    From: MAILER-DAEMON (Mail Delivery System)
                    To: \(String(printable: sender))
                    Subject: Undelivered Mail Returned to Sender
                    Auto-Submitted: auto-replied

                    This is the mail system at host \(host).

                    Your message was refused and has not been sent to anybody:

                        \(reason)

                    Its first lines:

                    """))
            client.content(header)
            return client.finish() == .queued
        } catch { return false }
    }
}

/// The records of one submission on their way to cleanup.
private struct Copy {
    /// How much of the content is kept for a notice.
    private static let headerLimit = 4096

    let client: SubmissionClient
    /// The Received line, until the content begins.
    private var received: [UInt8]?
    private(set) var header: [UInt8] = []

    init(client: SubmissionClient, received: [UInt8]) {
        self.client = client
        self.received = received
    }

    mutating func put(_ record: MaildropRecord) {
        switch record {
        case .sender: break
        case .fullName(let name): client.attribute("full_name", name)
        case .attribute(let name, let value): client.attribute(name, value)
        case .recipient(let address): client.recipient(QueueRecipient(address))
        case .content(let piece):
            begin()
            header += piece.prefix(Self.headerLimit - header.count)
            client.content(piece)
        case .end: begin()
        }
    }

    /// The content begins with our Received line.
    private mutating func begin() {
        if let line = received { client.content(line) }
        received = nil
    }
}
