package import Bytes
import Services

/// Where a message enters the system: it decides which checks and rewritings cleanup applies.
package enum SubmissionOrigin: Int, Sendable, CaseIterable {
    /// smtpd, for a client of the network.
    case network
    /// pickup, for a user of this machine.
    case local
    /// A notice of ours: bounce, or a report to the postmaster.
    case notice
    /// Mail that local sends on for an alias or a .forward file.
    case forward
}

/// What is said between a process that has a message and cleanup, which queues it.
///
/// Client to cleanup: `sender`, any number of `attribute` and `recipient`, any number of `content`,
/// `end`. Cleanup to client: `queueID` at once, `status` after `end`, or earlier when it cannot go on.
/// A client that goes away before `end` leaves nothing behind.
package enum SubmissionMessage: FramedMessage, Equatable {
    /// The first message: the sender's address, where the message enters and when it began to.
    case sender([UInt8], SubmissionOrigin, ArrivalTime)
    case attribute(Attribute)
    case recipient(QueueRecipient)
    /// A piece of the content; lines end in LF, and a piece may end anywhere.
    case content([UInt8])
    case end
    case queueID(QueueID)
    case status(SubmissionStatus)

    package var kind: UInt8 {
        switch self {
        case .sender: 1
        case .attribute: 2
        case .recipient: 3
        case .content: 4
        case .end: 5
        case .queueID: 6
        case .status: 7
        }
    }

    package func encode(into fields: inout FieldWriter) {
        switch self {
        case .sender(let address, let origin, let arrival):
            fields.put(address)
            fields.put(origin.rawValue)
            arrival.encode(into: &fields)
        case .attribute(let attribute):
            fields.put(attribute.name)
            fields.put(attribute.value)
        case .recipient(let recipient):
            fields.put(recipient.address)
            fields.put(recipient.original)
        case .content(let piece): fields.put(piece)
        case .end: break
        case .queueID(let id): fields.put(id.text)
        case .status(let status): status.encode(into: &fields)
        }
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1:
            let address = try fields.octets()
            guard let origin = SubmissionOrigin(rawValue: try fields.number()) else {
                throw MalformedFrame()
            }
            self = .sender(address, origin, try ArrivalTime(from: &fields))
        case 2: self = .attribute(Attribute(try fields.text(), try fields.octets()))
        case 3:
            let address = try fields.octets()
            self = .recipient(QueueRecipient(address, original: try fields.octets()))
        case 4: self = .content(try fields.octets())
        case 5: self = .end
        case 6:
            guard let id = QueueID(try fields.octets()) else { throw MalformedFrame() }
            self = .queueID(id)
        case 7: self = .status(try SubmissionStatus(from: &fields))
        default: throw MalformedFrame()
        }
    }
}
