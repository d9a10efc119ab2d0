package import Posix
package import Services

/// One message on its way to cleanup, from the process that has it: smtpd, pickup, bounce or local.
///
/// A client that is dropped before `finish` leaves nothing in the queue.
package final class SubmissionClient {
    /// Where cleanup listens, below the queue directory.
    package static let service: Path = "public/cleanup"
    /// The largest piece of content in one frame; larger ones are cut.
    private static let pieceLimit = 65_536

    /// The name that the message has or will have in the queue.
    package let queueID: QueueID
    private let channel: Channel
    private let patience: Int
    /// What cleanup said before it was asked, when it cannot go on.
    private var early: SubmissionStatus?

    /// Connects to cleanup and waits for the queue ID; `patience` is how many seconds one step may
    /// take.
    package init(
        to service: Path = SubmissionClient.service, sender: [UInt8], origin: SubmissionOrigin,
        arrival: ArrivalTime = .now, patience: Int = 3600
    ) throws(ChannelError) {
        self.patience = patience
        channel = try Channel.connect(to: service, deadline: .after(seconds: patience))
        guard case .queueID(let id) = try channel.receive(SubmissionMessage.self) else {
            throw .malformed
        }
        queueID = id
        put(.sender(sender, origin, arrival))
    }

    package func attribute(_ name: String, _ value: [UInt8]) {
        put(.attribute(Attribute(name, value)))
    }

    package func recipient(_ recipient: QueueRecipient) { put(.recipient(recipient)) }

    /// Sends a piece of the content; lines end in LF, and pieces may end anywhere.
    package func content(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty, early == nil {
            put(.content(Array(rest.prefix(Self.pieceLimit))))
            rest = rest.dropFirst(Self.pieceLimit)
        }
    }

    /// Says that the message is whole, and waits for what became of it.
    ///
    /// Only `.queued` means that the message is ours.
    package func finish() -> SubmissionStatus {
        put(.end)
        return early ?? answer()
    }

    /// True when cleanup has given up and what is still sent is thrown away.
    package var hasFailed: Bool { early != nil }

    private func put(_ message: SubmissionMessage) {
        guard early == nil else { return }
        channel.deadline = .after(seconds: patience)
        do throws(ChannelError) { try channel.send(message) } catch {
            // Cleanup closes early only after it has said why.
            early = answer()
            if early == .queued { early = .writeError }
        }
    }

    private func answer() -> SubmissionStatus {
        channel.deadline = .after(seconds: patience)
        do throws(ChannelError) {
            guard case .status(let status) = try channel.receive(SubmissionMessage.self) else {
                return .malformed
            }
            return status
        } catch { return .writeError }
    }
}
