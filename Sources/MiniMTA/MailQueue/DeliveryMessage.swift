package import Bytes
import Services

/// What is said between qmgr and a transport: one request, a result a recipient, then `done`.
///
/// A read-only descriptor of the queue file rides along with the request. A transport that goes away
/// before `done` has delivered exactly the recipients that it reported; the others are tried again.
package enum DeliveryMessage: FramedMessage, Equatable {
    case request(DeliveryRequest)
    case result(DeliveryResult)
    /// The whole destination cannot be reached, with an enhanced status and a text: qmgr sends it
    /// nothing for a while.
    ///
    /// Comes before `done`; each recipient has its result all the same.
    case unreachable(status: String, text: String)
    case done

    package var kind: UInt8 {
        switch self {
        case .request: 1
        case .result: 2
        case .done: 3
        case .unreachable: 4
        }
    }

    package func encode(into fields: inout FieldWriter) {
        switch self {
        case .request(let request): request.encode(into: &fields)
        case .result(let result): result.encode(into: &fields)
        case .unreachable(let status, let text):
            fields.put(status)
            fields.put(text)
        case .done: break
        }
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1: self = .request(try DeliveryRequest(from: &fields))
        case 2: self = .result(try DeliveryResult(from: &fields))
        case 3: self = .done
        case 4: self = .unreachable(status: try fields.text(), text: try fields.text())
        default: throw MalformedFrame()
        }
    }
}

/// A delivery that qmgr asks of a transport.
package struct DeliveryRequest: Equatable, Sendable {
    package let queueID: QueueID
    package let sender: [UInt8]
    /// Where the transport sends it: a host, a domain, or what transport(5) says.
    package let nexthop: [UInt8]
    package let recipients: [DeliveryRecipient]
    /// Where the content lies in the queue file, and how many octets it has.
    package let contentOffset: Int
    package let contentSize: Int
    /// When the message began to arrive, and when qmgr made it active: the first of `delays=`.
    package let arrival: ArrivalTime
    package let activated: ArrivalTime
    package let attributes: [Attribute]

    package init(
        queueID: QueueID, sender: [UInt8], nexthop: [UInt8], recipients: [DeliveryRecipient],
        contentOffset: Int, contentSize: Int, arrival: ArrivalTime, activated: ArrivalTime,
        attributes: [Attribute] = []
    ) {
        self.queueID = queueID
        self.sender = sender
        self.nexthop = nexthop
        self.recipients = recipients
        self.contentOffset = contentOffset
        self.contentSize = contentSize
        self.arrival = arrival
        self.activated = activated
        self.attributes = attributes
    }

    func encode(into fields: inout FieldWriter) {
        fields.put(queueID.text)
        fields.put(sender)
        fields.put(nexthop)
        fields.put(recipients) { recipient, fields in
            fields.put(recipient.index)
            fields.put(recipient.address)
            fields.put(recipient.original)
        }
        fields.put(contentOffset)
        fields.put(contentSize)
        arrival.encode(into: &fields)
        activated.encode(into: &fields)
        fields.put(attributes) { attribute, fields in
            fields.put(attribute.name)
            fields.put(attribute.value)
        }
    }

    init(from fields: inout FieldReader) throws(MalformedFrame) {
        guard let id = QueueID(try fields.octets()) else { throw MalformedFrame() }
        queueID = id
        sender = try fields.octets()
        nexthop = try fields.octets()
        recipients = try fields.list { (fields) throws(MalformedFrame) in
            let index = try fields.number()
            let address = try fields.octets()
            return DeliveryRecipient(
                index: index, address: address, original: try fields.octets())
        }
        contentOffset = try fields.number()
        contentSize = try fields.number()
        guard contentOffset >= 0, contentSize >= 0, contentOffset <= Int.max - contentSize else {
            throw MalformedFrame()
        }
        arrival = try ArrivalTime(from: &fields)
        activated = try ArrivalTime(from: &fields)
        attributes = try fields.list { (fields) throws(MalformedFrame) in
            Attribute(try fields.text(), try fields.octets())
        }
    }
}

/// A recipient of a delivery, under its number in the queue file.
package struct DeliveryRecipient: Equatable, Sendable {
    package let index: Int
    /// The address as the resolver left it for the transport.
    package let address: [UInt8]
    package let original: [UInt8]

    package init(index: Int, address: [UInt8], original: [UInt8]) {
        self.index = index
        self.address = address
        self.original = original
    }
}

/// What became of one recipient.
package struct DeliveryResult: Equatable, Sendable {
    package let recipient: Int
    package let outcome: Outcome

    package init(recipient: Int, outcome: Outcome) {
        self.recipient = recipient
        self.outcome = outcome
    }

    func encode(into fields: inout FieldWriter) {
        fields.put(recipient)
        outcome.encode(into: &fields)
    }

    init(from fields: inout FieldReader) throws(MalformedFrame) {
        recipient = try fields.number()
        outcome = try Outcome(from: &fields)
    }
}
