import Bytes
import MailQueue
import Posix
import Rewriting
import Services

/// Sends a letter on as a new message of the queue, for the addresses that a list or a user named.
struct LocalForwarder {
    let hostName: String
    let mailName: String
    /// A Delivered-To header tells where the letter has been.
    let marksDelivery: Bool

    /// Queues the letter for `addresses`; yields the new queue ID.
    func forward(
        _ message: borrowing LocalMessage, for recipient: LocalMessage.Recipient,
        to addresses: [[UInt8]]
    ) throws(ForwardFailure) -> QueueID {
        let client: SubmissionClient
        do throws(ChannelError) {
            client = try SubmissionClient(sender: message.request.sender, origin: .forward)
        } catch { throw ForwardFailure(text: error.text) }
        for attribute in message.request.attributes where attribute.name != Attribute.deliveredTo {
            client.attribute(attribute.name, attribute.value)
        }
        for address in addresses {
            client.recipient(QueueRecipient(address, original: recipient.envelope.original))
        }
        client.content(front(client.queueID, recipient))
        do throws(SystemError) { try sendContent(message, to: client) } catch {
            throw ForwardFailure(text: "\(error)")
        }
        switch client.finish() {
        case .queued: return client.queueID
        case let status: throw ForwardFailure(text: status.text)
        }
    }

    private func front(_ id: QueueID, _ recipient: LocalMessage.Recipient) -> [UInt8] {
        let date = CalendarTime.local(Clock.now).mailDate
        var lines = Array("Received: by \(hostName) (\(mailName))\n\tid \(id); \(date)\n".utf8)
        if marksDelivery {
            lines += Array("Delivered-To: ".utf8) + recipient.address + [.lf]
        }
        return lines
    }

    private func sendContent(
        _ message: borrowing LocalMessage, to client: SubmissionClient
    ) throws(SystemError) {
        var (place, left) = (message.request.contentOffset, message.request.contentSize)
        while left > 0, !client.hasFailed {
            let piece = try message.file.read(limit: min(left, 65536), at: place)
            guard !piece.isEmpty else {
                throw SystemError(SystemError.inputOutput, "read: letter ended early")
            }
            client.content(piece)
            place += piece.count
            left -= piece.count
        }
    }
}

/// Why a letter could not be sent on; it is tried again later.
struct ForwardFailure: Error {
    let text: String
}
