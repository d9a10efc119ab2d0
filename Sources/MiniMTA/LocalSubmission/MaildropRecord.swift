import Bytes

/// One record of a submission: what `sendmail` says to `postdrop`, and what a file in maildrop/
/// holds.
///
/// A submission is, in this order: `sender`, then `fullName`, `attribute` and `recipient` records,
/// then `content` pieces, then `end`. Whoever reads records trusts nothing in them: the user can
/// run `postdrop` with any input.
package enum MaildropRecord: Equatable, Sendable {
    /// The envelope sender; empty is the null sender.
    case sender([UInt8])
    /// The sender's name, for a From: header that is missing.
    case fullName([UInt8])
    /// One of `Attributes`, and its value.
    case attribute(String, [UInt8])
    case recipient([UInt8])
    /// A piece of the content; lines end in LF, and a piece may end anywhere.
    case content([UInt8])
    /// The submission is whole.
    case end

    /// What a user may say of a message beyond its envelope.
    package enum Attributes {
        /// `7bit` or `8bit`: the body's type.
        package static let encoding = "encoding"
        /// `local` or `remote`: how incomplete addresses are completed.
        package static let rewriteContext = "rewrite_context"
        /// Which delivery status notices are wanted: `never`, or a list.
        package static let notify = "dsn_notify"
        /// `full` or `hdrs`: how much a notice returns.
        package static let returned = "dsn_return"
        package static let envelopeID = "dsn_envelope_id"

        static let all = [encoding, rewriteContext, notify, returned, envelopeID]
    }

    /// The longest address, name or attribute: far above what SMTP carries, below what hurts.
    package static let textLimit = 4096
    /// The longest piece of content.
    package static let pieceLimit = 65_536
    /// Length and kind.
    static let headerLength = 5

    private var kind: UInt8 {
        switch self {
        case .sender: UInt8(ascii: "S")
        case .fullName: UInt8(ascii: "F")
        case .attribute: UInt8(ascii: "A")
        case .recipient: UInt8(ascii: "R")
        case .content: UInt8(ascii: "N")
        case .end: UInt8(ascii: "E")
        }
    }

    private var body: [UInt8] {
        switch self {
        case .sender(let text), .fullName(let text), .recipient(let text), .content(let text): text
        case .attribute(let name, let value): Array("\(name)=".utf8) + value
        case .end: []
        }
    }

    /// The record as octets: kind, length in four octets, body.
    package var octets: [UInt8] {
        let body = body
        let length = UInt32(truncatingIfNeeded: body.count)
        return [kind] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + body
    }

    /// The kind and length that `headerLength` octets announce; nil when no record is so.
    static func announced(_ header: [UInt8]) -> (kind: UInt8, length: Int)? {
        guard header.count == headerLength else { return nil }
        let length = header[1...].reduce(0) { $0 << 8 | Int($1) }
        switch header[0] {
        case UInt8(ascii: "S"), UInt8(ascii: "F"), UInt8(ascii: "A"), UInt8(ascii: "R"):
            return length <= textLimit ? (header[0], length) : nil
        case UInt8(ascii: "N"): return length <= pieceLimit ? (header[0], length) : nil
        case UInt8(ascii: "E"): return length == 0 ? (header[0], 0) : nil
        default: return nil
        }
    }

    /// The record of a kind and a body; nil when they are none.
    init?(kind: UInt8, body: [UInt8]) {
        switch kind {
        case UInt8(ascii: "S"): self = .sender(body)
        case UInt8(ascii: "F"): self = .fullName(body)
        case UInt8(ascii: "R"): self = .recipient(body)
        case UInt8(ascii: "N"): self = .content(body)
        case UInt8(ascii: "E"): self = .end
        case UInt8(ascii: "A"):
            var cursor = ByteCursor(body)
            let name = String(latin1: cursor.take(upTo: UInt8(ascii: "=")))
            guard cursor.take(UInt8(ascii: "=")) else { return nil }
            self = .attribute(name, Array(cursor.rest))
        default: return nil
        }
    }
}
