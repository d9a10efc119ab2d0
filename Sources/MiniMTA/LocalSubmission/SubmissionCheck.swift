import Bytes

/// Checks a stream of records: their order, and that no text holds what could become a line or an
/// address of its own further on.
package struct SubmissionCheck: Sendable {
    /// The most recipients of one submission: as many as a queue file holds.
    package static let recipientLimit = 50_000

    private enum Stage { case start, envelope, content, ended }
    private var stage = Stage.start
    private var recipients = 0

    package init() {}

    /// What is wrong with a submission; its text is for the person who submitted it.
    package struct Fault: Error, Equatable, Sendable {
        package let text: String
    }

    /// The submission is whole.
    package var isComplete: Bool { stage == .ended }
    package var recipientCount: Int { recipients }

    /// Takes the next record, or says why it cannot come here.
    package mutating func take(_ record: MaildropRecord) throws(Fault) {
        switch (record, stage) {
        case (.sender(let text), .start):
            try check(text)
            stage = .envelope
        case (.fullName(let text), .envelope): try check(text)
        case (.attribute(let name, let value), .envelope):
            guard MaildropRecord.Attributes.all.contains(name) else {
                throw Fault(text: "attribute \(String(printable: Array(name.utf8), limit: 50))")
            }
            try check(value)
        case (.recipient(let text), .envelope):
            try check(text)
            guard !text.isEmpty else { throw Fault(text: "empty recipient") }
            recipients += 1
            guard recipients <= Self.recipientLimit else {
                throw Fault(text: "too many recipients")
            }
        case (.content, .envelope), (.content, .content): stage = .content
        case (.end, .envelope), (.end, .content): stage = .ended
        case (.sender, _), (.fullName, _), (.attribute, _), (.recipient, _), (.content, _),
            (.end, _):
            throw Fault(text: "record out of order")
        }
    }

    /// CR, LF, NUL and other control characters have no place in an envelope.
    private func check(_ text: [UInt8]) throws(Fault) {
        guard !text.contains(where: \.isControl) else {
            throw Fault(text: "control character in the envelope")
        }
    }
}
