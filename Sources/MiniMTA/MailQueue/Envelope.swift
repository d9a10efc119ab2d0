import Bytes

/// Who sent a message, who is to have it, and what was learnt when it came.
package struct Envelope: Equatable, Sendable {
    /// The most recipients of one queue file: as many as qmgr is willing to hold at once.
    package static let recipientLimit = 50_000

    /// The sender's address; empty is the null sender `<>` of notices.
    package var sender: [UInt8]
    package var recipients: [QueueRecipient]
    /// When the message began to arrive.
    package var arrival: ArrivalTime
    package var attributes: [Attribute]

    package init(
        sender: [UInt8], recipients: [QueueRecipient] = [], arrival: ArrivalTime = .now,
        attributes: [Attribute] = []
    ) {
        self.sender = sender
        self.recipients = recipients
        self.arrival = arrival
        self.attributes = attributes
    }

    /// The value of the last attribute called `name`.
    package func attribute(_ name: String) -> [UInt8]? {
        attributes.last { $0.name == name }?.value
    }
}

/// One recipient: where the message goes, and what the sender wrote.
package struct QueueRecipient: Hashable, Sendable {
    package let address: [UInt8]
    /// The address before rewriting and aliases; equal to `address` when nothing changed it.
    package let original: [UInt8]

    package init(_ address: [UInt8], original: [UInt8]? = nil) {
        self.address = address
        self.original = original ?? address
    }
}

/// A fact about a message under a name, such as `client_name` or `protocol_name`.
package struct Attribute: Hashable, Sendable {
    /// ASCII letters, digits and `_`.
    package let name: String
    package let value: [UInt8]

    package init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    package static let clientName = "client_name"
    package static let clientAddress = "client_address"
    package static let clientPort = "client_port"
    package static let heloName = "helo_name"
    package static let protocolName = "protocol_name"
    package static let logIdent = "log_ident"
    package static let rewriteContext = "rewrite_context"
    /// An address at which the letter has been before, in lower case: one for each Delivered-To header.
    package static let deliveredTo = "delivered_to"
    /// `7bit`, `8bitmime` or empty: RFC 6152's BODY parameter.
    package static let encoding = "encoding"
}

/// A moment of the wall clock, with microseconds.
package struct ArrivalTime: Comparable, Hashable, Sendable {
    /// Seconds since 1970.
    package let seconds: Int
    package let microseconds: Int

    package init(seconds: Int, microseconds: Int = 0) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    package static func < (left: ArrivalTime, right: ArrivalTime) -> Bool {
        (left.seconds, left.microseconds) < (right.seconds, right.microseconds)
    }

    /// Microseconds from `earlier` to this moment; 0 when the clock was set back between them.
    package func since(_ earlier: ArrivalTime) -> Int {
        let (seconds, over) = seconds.subtractingReportingOverflow(earlier.seconds)
        guard !over, seconds >= 0, seconds < 1 << 40 else { return 0 }
        return max(0, seconds * 1_000_000 + microseconds - earlier.microseconds)
    }

    func encode(into fields: inout FieldWriter) {
        fields.put(seconds)
        fields.put(microseconds)
    }

    init(from fields: inout FieldReader) throws(MalformedFrame) {
        seconds = try fields.number()
        microseconds = try fields.number()
        guard (0..<1_000_000).contains(microseconds) else { throw MalformedFrame() }
    }
}
