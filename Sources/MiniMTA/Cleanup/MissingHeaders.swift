import Bytes
import MailQueue
import Posix
import Rewriting

/// Knows which headers a message has, and makes those that it should have.
struct MissingHeaders {
    let queueID: QueueID
    let hostName: String
    let created: Int
    let envelope: Envelope
    /// The full name of a local user, for From.
    let fullName: [UInt8]
    private var seen: [HeaderField.Kind] = []
    private var isResent = false
    private(set) var messageID: [UInt8]?
    private var resentMessageID: [UInt8]?

    init(
        queueID: QueueID, hostName: String, created: Int, envelope: Envelope, fullName: [UInt8]
    ) {
        self.queueID = queueID
        self.hostName = hostName
        self.created = created
        self.envelope = envelope
        self.fullName = fullName
    }

    mutating func note(_ field: HeaderField) {
        isResent = isResent || field.isResent
        let kind = field.kind
        seen.append(kind)
        if kind == .messageID { messageID = Array(field.value) }
        if kind == .resentMessageID { resentMessageID = Array(field.value) }
        // Only what the missing ones are asked for is kept.
        if kind == .other || kind == .received || kind == .addresses { seen.removeLast() }
    }

    /// What the log says about the identifiers of the message.
    var logText: [String] {
        var lines: [String] = []
        if let resentMessageID {
            lines.append("resent-message-id=\(String(printable: resentMessageID))")
        }
        lines.append("message-id=\(String(printable: messageID ?? Array("<>".utf8)))")
        return lines
    }

    /// The headers that are missing, in the order in which they are added.
    ///
    /// `always` adds the identifier and the date to mail whose headers are not ours to complete.
    mutating func missing(completes: Bool, always: Bool) -> [UInt8] {
        var out: [UInt8] = []
        let prefix = isResent ? "Resent-" : ""
        if completes || always, !seen.contains(isResent ? .resentMessageID : .messageID) {
            let id = "<\(stamp).\(queueID)@\(hostName)>"
            out += "\(prefix)Message-Id: \(id)\n"
            if isResent { resentMessageID = Array(id.utf8) } else { messageID = Array(id.utf8) }
        }
        if completes || always, !seen.contains(isResent ? .resentDate : .date) {
            let date = CalendarTime.local(envelope.arrival.seconds).mailDate
            out += "\(prefix)Date: \(date)\n"
        }
        if completes, !seen.contains(isResent ? .resentFrom : .from) {
            out += Array("\(prefix)From: ".utf8) + from + [.lf]
        }
        return out
    }

    /// The time of the queue file's name, so that the two together are never said twice.
    private var stamp: String {
        let time = CalendarTime.utc(created)
        return time.year.padded(to: 4)
            + [time.month, time.day, time.hour, time.minute, time.second]
            .map { $0.padded(to: 2) }.joined()
    }

    private var from: [UInt8] {
        let address = AddressQuoting.quote(envelope.sender)
        guard !envelope.sender.isEmpty else { return Array("MAILER-DAEMON".utf8) }
        let name = fullName.filter { $0 >= 0x20 && $0 != 0x7F }
        guard !name.isEmpty else { return address }
        return phrase(name) + [.space, .less] + address + [.greater]
    }

    /// The name as RFC 5322 section 3.2.5 has it: in quotes when it is not all words.
    private func phrase(_ name: [UInt8]) -> [UInt8] {
        let isPlain = name.allSatisfy {
            $0.isAlphanumeric || $0 == .space || !$0.isASCII
                || Array("!#$%&'*+-/=?^_`{|}~".utf8).contains($0)
        }
        guard !isPlain else { return name }
        return [.quote]
            + name.flatMap { $0 == .quote || $0 == .backslash ? [.backslash, $0] : [$0] }
            + [.quote]
    }
}
