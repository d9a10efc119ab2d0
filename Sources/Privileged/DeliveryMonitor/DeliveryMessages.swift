package import Bytes
import Services

/// An address of a RCPT command, taken apart by the process that has no rights.
package struct RecipientAddress: Equatable, Sendable {
    /// As headers and replies have it, with the quotes that it needs.
    package let written: [UInt8]
    /// Without quotes.
    package let localPart: [UInt8]
    /// Empty when there is none.
    package let domain: [UInt8]

    package init(written: [UInt8], localPart: [UInt8], domain: [UInt8]) {
        self.written = written
        self.localPart = localPart
        self.domain = domain
    }
}

/// What the process that speaks LMTP asks and tells the one that can become the recipients.
package enum DeliveryQuestion: FramedMessage, Equatable {
    /// Is there such a recipient? Then it is the next one of the letter.
    case recipient(RecipientAddress)
    /// There will be no letter: its recipients are forgotten.
    case reset
    /// The letter, whose descriptor comes with this, for the recipients so far; one answer for each, in
    /// their order.
    case deliver(sender: [UInt8])
    /// The client has gone, or was sent away.
    case ended(Ending)

    /// Why a connection ended.
    package enum Ending: Int, Sendable {
        case quit
        case closed
        case timedOut
        case tooManyErrors
        case stopped
    }

    package var kind: UInt8 {
        switch self {
        case .recipient: 1
        case .reset: 2
        case .deliver: 3
        case .ended: 4
        }
    }

    package func encode(into fields: inout FieldWriter) {
        switch self {
        case .recipient(let address):
            fields.put(address.written)
            fields.put(address.localPart)
            fields.put(address.domain)
        case .reset: break
        case .deliver(let sender): fields.put(sender)
        case .ended(let ending): fields.put(ending.rawValue)
        }
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1:
            self = .recipient(
                RecipientAddress(
                    written: try Self.line(&fields), localPart: try Self.line(&fields),
                    domain: try Self.line(&fields)))
        case 2: self = .reset
        case 3: self = .deliver(sender: try Self.line(&fields))
        case 4:
            guard let ending = Ending(rawValue: try fields.number()) else { throw MalformedFrame() }
            self = .ended(ending)
        default: throw MalformedFrame()
        }
    }

    /// Octets that become part of a header: no control among them, whoever sent them.
    private static func line(_ fields: inout FieldReader) throws(MalformedFrame) -> [UInt8] {
        let octets = try fields.octets()
        guard octets.count <= addressLimit, !octets.contains(where: \.isControl) else {
            throw MalformedFrame()
        }
        return octets
    }

    /// The longest command line holds no longer address.
    private static let addressLimit = 4096
}

/// The answer about a recipient, first whether there is one, then what became of the letter.
package enum DeliveryAnswer: FramedMessage, Equatable {
    /// The recipient exists; the letter is on the disk.
    case accepted
    /// Not, with the enhanced status of RFC 3463 and a reason.
    case failed(status: String, text: String)

    package var kind: UInt8 {
        switch self {
        case .accepted: 1
        case .failed: 2
        }
    }

    package func encode(into fields: inout FieldWriter) {
        guard case .failed(let status, let text) = self else { return }
        fields.put(status)
        fields.put(text)
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1: self = .accepted
        case 2: self = .failed(status: try fields.text(), text: try fields.text())
        default: throw MalformedFrame()
        }
    }
}
