package import Bytes
import Posix
import Services

/// What the queue's list says of one message.
package struct QueueListing: Equatable, Sendable {
    package struct Recipient: Equatable, Sendable {
        package let address: [UInt8]
        /// Why it was not delivered at the last attempt; empty when there was none.
        package let reason: String

        package init(address: [UInt8], reason: String = "") {
            self.address = address
            self.reason = reason
        }
    }

    package let queue: QueueDirectory
    package let id: QueueID
    package let size: Int
    /// Seconds since 1970.
    package let arrival: Int
    package let sender: [UInt8]
    /// Those that still wait.
    package var recipients: [Recipient]

    package init(
        queue: QueueDirectory, id: QueueID, size: Int, arrival: Int, sender: [UInt8],
        recipients: [Recipient] = []
    ) {
        self.queue = queue
        self.id = id
        self.size = size
        self.arrival = arrival
        self.sender = sender
        self.recipients = recipients
    }

    /// The listing of the message `id` in `queue`; nil when it is not there (any more), or is no
    /// queue file.
    package static func read(_ id: QueueID, in queue: QueueDirectory) -> QueueListing? {
        do throws(QueueFileError) {
            let file = try QueueFile.read(inQueueAt: queue.file(id))
            var listing = QueueListing(
                queue: queue, id: id, size: file.header.loggedSize,
                arrival: file.envelope.arrival.seconds, sender: file.envelope.sender)
            for (recipient, standing) in zip(file.envelope.recipients, file.outcomes.standings) {
                guard case .pending(let last) = standing else { continue }
                listing.recipients.append(
                    Recipient(address: recipient.address, reason: last?.text ?? ""))
            }
            return listing
        } catch { return nil }
    }

    /// Calls `body` with each message of the queue, those being delivered first.
    package static func readAll<Failure: Error>(
        _ body: (QueueListing) throws(Failure) -> Void
    ) throws(Failure) {
        for queue in [QueueDirectory.maildrop, .active, .incoming, .deferred, .hold] {
            for id in names(in: queue) {
                if let listing = read(id, in: queue) { try body(listing) }
            }
        }
    }

    private static func names(in queue: QueueDirectory) -> [QueueID] {
        do throws(SystemError) {
            return try queue.list().sorted { $0.text < $1.text }
        } catch {
            // maildrop/ can be listed by its owner only; the other queues go on.
            return []
        }
    }
}

/// What showq says to postqueue: each message followed by its recipients, then `end`.
package enum ShowqMessage: FramedMessage, Equatable {
    case message(QueueListing)
    case recipient(QueueListing.Recipient)
    case end

    package var kind: UInt8 {
        switch self {
        case .message: 1
        case .recipient: 2
        case .end: 3
        }
    }

    package func encode(into fields: inout FieldWriter) {
        switch self {
        case .message(let listing):
            fields.put(listing.queue.rawValue)
            fields.put(listing.id.text)
            fields.put(listing.size)
            fields.put(listing.arrival)
            fields.put(listing.sender)
        case .recipient(let recipient):
            fields.put(recipient.address)
            fields.put(recipient.reason)
        case .end: break
        }
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1:
            guard let queue = QueueDirectory(rawValue: try fields.text()),
                let id = QueueID(try fields.octets())
            else { throw MalformedFrame() }
            self = .message(
                QueueListing(
                    queue: queue, id: id, size: try fields.number(), arrival: try fields.number(),
                    sender: try fields.octets()))
        case 2:
            let address = try fields.octets()
            self = .recipient(.init(address: address, reason: try fields.text()))
        case 3: self = .end
        default: throw MalformedFrame()
        }
    }
}
