package import Bytes
import Services

/// What is said between qmgr and bounce: one request with a descriptor of the queue file, one answer.
package enum BounceMessage: FramedMessage, Equatable {
    case request(BounceRequest)
    /// Every sender who is to be told has been, or nobody is to be.
    case handled
    /// Nothing was sent; to be asked again later.
    case failed(String)

    package var kind: UInt8 {
        switch self {
        case .request: 1
        case .handled: 2
        case .failed: 3
        }
    }

    package func encode(into fields: inout FieldWriter) {
        switch self {
        case .request(let request): request.encode(into: &fields)
        case .handled: break
        case .failed(let text): fields.put(text)
        }
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1: self = .request(try BounceRequest(from: &fields))
        case 2: self = .handled
        case 3: self = .failed(try fields.text())
        default: throw MalformedFrame()
        }
    }
}

/// A notice that qmgr asks bounce to send: these recipients will not have the message.
package struct BounceRequest: Equatable, Sendable {
    /// The most failures in one request, so that it fits a frame; the others come in the next.
    package static let failureLimit = 100

    package let queueID: QueueID
    package let sender: [UInt8]
    package let arrival: ArrivalTime
    package let contentOffset: Int
    package let contentSize: Int
    /// The message's size as bounce_size_limit counts it.
    package let loggedSize: Int
    package let attributes: [Attribute]
    package let failures: [BounceFailure]

    package init(queueID: QueueID, file: QueueFile, failures: [BounceFailure]) {
        self.queueID = queueID
        sender = file.envelope.sender
        arrival = file.envelope.arrival
        contentOffset = file.header.contentOffset
        contentSize = file.header.contentSize
        loggedSize = file.header.loggedSize
        attributes = file.envelope.attributes
        self.failures = failures
    }

    func encode(into fields: inout FieldWriter) {
        fields.put(queueID.text)
        fields.put(sender)
        arrival.encode(into: &fields)
        for number in [contentOffset, contentSize, loggedSize] { fields.put(number) }
        fields.put(attributes) { attribute, fields in
            fields.put(attribute.name)
            fields.put(attribute.value)
        }
        fields.put(failures) { failure, fields in
            fields.put(failure.address)
            fields.put(failure.original)
            failure.outcome.encode(into: &fields)
        }
    }

    init(from fields: inout FieldReader) throws(MalformedFrame) {
        guard let id = QueueID(try fields.octets()) else { throw MalformedFrame() }
        queueID = id
        sender = try fields.octets()
        arrival = try ArrivalTime(from: &fields)
        contentOffset = try fields.number()
        contentSize = try fields.number()
        loggedSize = try fields.number()
        guard contentOffset >= 0, contentSize >= 0, contentOffset <= Int.max - contentSize else {
            throw MalformedFrame()
        }
        attributes = try fields.list { (fields) throws(MalformedFrame) in
            Attribute(try fields.text(), try fields.octets())
        }
        failures = try fields.list { (fields) throws(MalformedFrame) in
            let address = try fields.octets()
            let original = try fields.octets()
            return BounceFailure(
                address: address, original: original, outcome: try Outcome(from: &fields))
        }
    }
}

/// A recipient who will not have the message, and why.
package struct BounceFailure: Equatable, Sendable {
    package let address: [UInt8]
    package let original: [UInt8]
    package let outcome: Outcome

    package init(address: [UInt8], original: [UInt8], outcome: Outcome) {
        self.address = address
        self.original = original
        self.outcome = outcome
    }
}
