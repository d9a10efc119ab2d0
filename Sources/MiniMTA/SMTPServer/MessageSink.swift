import Diagnostics
import MailQueue
import SMTPGrammar
import Services

/// Where the message of a transaction goes; one that is dropped before `finish` leaves nothing.
protocol MessageSink: AnyObject {
    /// The name by which the message is known from its first recipient on.
    var queueID: String { get }
    func add(_ recipient: [UInt8])
    func content(_ piece: [UInt8])
    /// Ends the message and says what became of it.
    func finish() -> Reply
}

/// Opens the way into the queue for each transaction.
protocol MessageSinks: AnyObject {
    /// Nil when there is none now, which the log has been told.
    func open(
        _ session: Session, _ transaction: Session.Transaction, _ environment: SMTPEnvironment
    ) -> (any MessageSink)?
}

/// The way of clients of the network.
final class CleanupSinks: MessageSinks {
    func open(
        _ session: Session, _ transaction: Session.Transaction, _ environment: SMTPEnvironment
    ) -> (any MessageSink)? {
        let channel: SubmissionClient
        do throws(ChannelError) {
            channel = try SubmissionClient(sender: transaction.sender, origin: .network)
        } catch {
            environment.log.warning("connect to service \(SubmissionClient.service): \(error)")
            return nil
        }
        let client = session.client
        channel.attribute(Attribute.clientName, Array(client.name.utf8))
        channel.attribute(Attribute.clientAddress, Array(client.addressText.utf8))
        channel.attribute(Attribute.clientPort, Array("\(client.port)".utf8))
        channel.attribute(Attribute.protocolName, Array(session.protocolName.utf8))
        if let name = session.heloName { channel.attribute(Attribute.heloName, name) }
        let context = environment.completesHeaders(of: client) ? "local" : "remote"
        channel.attribute(Attribute.rewriteContext, Array(context.utf8))
        switch transaction.body {
        case .sevenBit: channel.attribute(Attribute.encoding, Array("7bit".utf8))
        case .eightBitMIME: channel.attribute(Attribute.encoding, Array("8bitmime".utf8))
        case nil: break
        }
        return CleanupSink(channel)
    }
}

/// Hands a client's message to cleanup.
final class CleanupSink: MessageSink {
    private let channel: SubmissionClient

    init(_ channel: SubmissionClient) { self.channel = channel }

    var queueID: String { "\(channel.queueID)" }

    func add(_ recipient: [UInt8]) {
        channel.recipient(QueueRecipient(recipient, original: recipient))
    }

    func content(_ piece: [UInt8]) { channel.content(piece) }

    func finish() -> Reply {
        switch channel.finish() {
        case .queued: return Reply(250, "2.0.0", "Ok: queued as \(queueID)")
        case .refused(let status, let text): return Reply(550, status, text)
        case .deferred(let status, let text): return Reply(450, status, text)
        case .tooBig: return Reply(552, "5.3.4", "Error: message file too big")
        case .tooManyHops: return Reply(554, "5.4.0", "Error: too many hops")
        case .noRecipients: return Reply(554, "5.5.1", "Error: no valid recipients")
        case .writeError: return Reply(451, "4.3.0", "Error: queue file write error")
        case .malformed: return Reply(451, "4.3.0", "Error: internal error")
        }
    }
}
