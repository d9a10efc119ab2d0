import Bytes

/// What became of a submission; the cases are what its client says next.
package enum SubmissionStatus: Equatable, Sendable {
    /// The message is ours: file and directory are on the disk.
    case queued
    /// The content is refused for good, with an enhanced status such as `5.7.1` and a text.
    case refused(status: String, text: String)
    /// Not now: with an enhanced status such as `4.7.1` and a text.
    case deferred(status: String, text: String)
    /// Larger than message_size_limit.
    case tooBig
    /// More Received lines than hopcount_limit.
    case tooManyHops
    case noRecipients
    /// The disk is full or failed; the message is not queued, and may be sent again.
    case writeError
    /// What was submitted breaks the protocol between our processes.
    case malformed

    /// Postfix's words for the outcome, as its log and its SMTP replies have them.
    package var text: String {
        switch self {
        case .queued: "Success"
        case .refused(_, let text), .deferred(_, let text): text
        case .tooBig: "message file too big"
        case .tooManyHops: "too many hops"
        case .noRecipients: "no recipients specified"
        case .writeError: "queue file write error"
        case .malformed: "internal protocol error"
        }
    }

    private var number: Int {
        switch self {
        case .queued: 0
        case .refused: 1
        case .deferred: 2
        case .tooBig: 3
        case .tooManyHops: 4
        case .noRecipients: 5
        case .writeError: 6
        case .malformed: 7
        }
    }

    func encode(into fields: inout FieldWriter) {
        fields.put(number)
        switch self {
        case .refused(let status, let text), .deferred(let status, let text):
            fields.put(status)
            fields.put(text)
        case .queued, .tooBig, .tooManyHops, .noRecipients, .writeError, .malformed: break
        }
    }

    init(from fields: inout FieldReader) throws(MalformedFrame) {
        switch try fields.number() {
        case 0: self = .queued
        case 1: self = .refused(status: try fields.text(), text: try fields.text())
        case 2: self = .deferred(status: try fields.text(), text: try fields.text())
        case 3: self = .tooBig
        case 4: self = .tooManyHops
        case 5: self = .noRecipients
        case 6: self = .writeError
        case 7: self = .malformed
        default: throw MalformedFrame()
        }
    }
}
