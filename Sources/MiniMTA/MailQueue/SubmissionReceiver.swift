package import Services

/// Cleanup's end of a submission: tells the queue ID, takes the messages in their order, answers.
///
/// What comes out of order is malformed and ends the submission.
package final class SubmissionReceiver {
    private enum State { case start, envelope, content, ended }

    private let channel: Channel
    private var state = State.start

    /// Speaks over the connection of a client and tells it the queue ID.
    package init(_ channel: Channel, queueID: QueueID) throws(ChannelError) {
        self.channel = channel
        try channel.send(SubmissionMessage.queueID(queueID))
    }

    /// The next message of the client: one of `sender`, `attribute`, `recipient`, `content`, `end`.
    package func next() throws(ChannelError) -> SubmissionMessage {
        let message = try channel.receive(SubmissionMessage.self)
        switch (message, state) {
        case (.sender, .start): state = .envelope
        case (.attribute, .envelope), (.recipient, .envelope): break
        case (.content, .envelope), (.content, .content): state = .content
        case (.end, .envelope), (.end, .content): state = .ended
        case (.sender, _), (.attribute, _), (.recipient, _), (.content, _), (.end, _),
            (.queueID, _), (.status, _):
            throw .malformed
        }
        return message
    }

    /// Tells the client what became of its message.
    package func answer(_ status: SubmissionStatus) throws(ChannelError) {
        try channel.send(SubmissionMessage.status(status))
    }
}
