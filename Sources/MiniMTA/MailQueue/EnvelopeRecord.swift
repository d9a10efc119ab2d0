import Bytes

/// One record of a queue file's envelope: a letter, the length of the value, a colon, the value, LF.
///
/// Because the length leads, a value may hold any octet.
enum EnvelopeRecord: Equatable {
    /// `T`: the time of arrival.
    case arrival(ArrivalTime)
    /// `S`: the sender.
    case sender([UInt8])
    /// `A`: an attribute, as `name=value`.
    case attribute(Attribute)
    /// `O`: the original address of the recipient that follows, when it is another.
    case original([UInt8])
    /// `R`: a recipient.
    case recipient([UInt8])

    /// The longest value: far beyond any address of RFC 5321 section 4.5.3.1.
    static let valueLimit = 1 << 16

    var bytes: [UInt8] {
        switch self {
        case .arrival(let time):
            Self.line(
                UInt8(ascii: "T"), Array("\(time.seconds).\(time.microseconds.padded(to: 6))".utf8))
        case .sender(let address): Self.line(UInt8(ascii: "S"), address)
        case .attribute(let attribute):
            Self.line(
                UInt8(ascii: "A"),
                Array(attribute.name.utf8) + [UInt8(ascii: "=")] + attribute.value)
        case .original(let address): Self.line(UInt8(ascii: "O"), address)
        case .recipient(let address): Self.line(UInt8(ascii: "R"), address)
        }
    }

    private static func line(_ letter: UInt8, _ value: [UInt8]) -> [UInt8] {
        [letter] + Array("\(value.count):".utf8) + value + [.lf]
    }

    /// Takes one record from the cursor.
    init(from cursor: inout ByteCursor) throws(QueueFileError) {
        guard let letter = cursor.next(), let count = cursor.takeNumber(Int.self),
            count <= Self.valueLimit, cursor.take(.colon), count <= cursor.rest.count
        else { throw .damaged("a record is cut") }
        let value = Array(cursor.take(count))
        guard cursor.take(.lf) else { throw .damaged("a record has a wrong length") }
        switch letter {
        case UInt8(ascii: "T"): self = .arrival(try Self.time(value))
        case UInt8(ascii: "S"): self = .sender(value)
        case UInt8(ascii: "A"): self = .attribute(try Self.attribute(value))
        case UInt8(ascii: "O"): self = .original(value)
        case UInt8(ascii: "R"): self = .recipient(value)
        default: throw .damaged("a record of unknown kind")
        }
    }

    private static func time(_ value: [UInt8]) throws(QueueFileError) -> ArrivalTime {
        let parts = value.split(separator: .dot, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 6, let seconds = Int(decimal: parts[0]),
            let microseconds = Int(decimal: parts[1])
        else { throw .damaged("the time of arrival is malformed") }
        return ArrivalTime(seconds: seconds, microseconds: microseconds)
    }

    private static func attribute(_ value: [UInt8]) throws(QueueFileError) -> Attribute {
        guard let equals = value.firstIndex(of: UInt8(ascii: "=")), equals > 0,
            value[..<equals].allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "_") })
        else { throw .damaged("an attribute is malformed") }
        let name = String(decoding: value[..<equals], as: UTF8.self)
        return Attribute(name, Array(value[(equals + 1)...]))
    }
}

extension Envelope {
    /// The records of the envelope, without the empty line that ends them.
    var recordBytes: [UInt8] {
        var bytes = EnvelopeRecord.arrival(arrival).bytes + EnvelopeRecord.sender(sender).bytes
        bytes += Self.recordBytes(attributes: attributes, recipients: recipients)
        return bytes
    }

    static func recordBytes(attributes: [Attribute], recipients: [QueueRecipient]) -> [UInt8] {
        var bytes: [UInt8] = []
        for attribute in attributes { bytes += EnvelopeRecord.attribute(attribute).bytes }
        for recipient in recipients {
            if recipient.original != recipient.address {
                bytes += EnvelopeRecord.original(recipient.original).bytes
            }
            bytes += EnvelopeRecord.recipient(recipient.address).bytes
        }
        return bytes
    }

    /// Reads the records of the envelope and those of the trailer; both must end where a record ends.
    init(records: [UInt8], trailer: [UInt8]) throws(QueueFileError) {
        var reader = EnvelopeReader()
        try reader.read(records)
        try reader.read(trailer)
        self = try reader.envelope()
    }
}

/// Puts an envelope together from its records.
private struct EnvelopeReader {
    private var arrival: ArrivalTime?
    private var sender: [UInt8]?
    private var attributes: [Attribute] = []
    private var recipients: [QueueRecipient] = []
    private var original: [UInt8]?

    mutating func read(_ bytes: [UInt8]) throws(QueueFileError) {
        var cursor = ByteCursor(bytes)
        while !cursor.isAtEnd { try add(try EnvelopeRecord(from: &cursor)) }
        guard original == nil else { throw .damaged("an original address without a recipient") }
    }

    private mutating func add(_ record: EnvelopeRecord) throws(QueueFileError) {
        switch record {
        case .arrival(let time):
            guard arrival == nil else { throw .damaged("two times of arrival") }
            arrival = time
        case .sender(let address):
            guard sender == nil else { throw .damaged("two senders") }
            sender = address
        case .attribute(let attribute): attributes.append(attribute)
        case .original(let address):
            guard original == nil else { throw .damaged("two original addresses in a row") }
            original = address
        case .recipient(let address):
            guard recipients.count < Envelope.recipientLimit else {
                throw .damaged("more than \(Envelope.recipientLimit) recipients")
            }
            recipients.append(QueueRecipient(address, original: original))
            original = nil
        }
    }

    func envelope() throws(QueueFileError) -> Envelope {
        guard let arrival, let sender else { throw .damaged("the envelope is incomplete") }
        return Envelope(
            sender: sender, recipients: recipients, arrival: arrival, attributes: attributes)
    }
}
