import Bytes
import Posix

/// The queue's list as people and programs read it: the forms of Postfix's mailq and `postqueue -j`.
package struct QueueReport {
    package enum Form: Sendable { case table, json }

    /// Columns up to the sender.
    private static let indent = 41
    /// Columns that a reason is moved right to end in.
    private static let reasonWidth = 76

    private let form: Form
    private var count = 0
    private var size = 0

    package init(_ form: Form) { self.form = form }

    /// The lines for one message.
    package mutating func lines(for listing: QueueListing) -> String {
        defer {
            count += 1
            size += max(0, listing.size)
        }
        switch form {
        case .table: return (count == 0 ? Self.heading : "") + table(listing)
        case .json: return json(listing)
        }
    }

    /// The lines after the last message.
    package var end: String {
        guard form == .table else { return "" }
        guard count > 0 else { return "Mail queue is empty\n" }
        return "-- \(size / 1024) Kbytes in \(count) Request\(count == 1 ? "" : "s").\n"
    }

    private static let heading =
        "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n"

    private func table(_ listing: QueueListing) -> String {
        let id = (listing.id.text + listing.queue.mark).filled(10)
        let size = "\(listing.size)".moved(8)
        // The date without its year, as wide as the heading's.
        let date = String(CalendarTime.local(listing.arrival).asctime.prefix(19))
        var text = "\(id) \(size) \(date)  \(listing.senderText)\n"
        var reason = ""
        for recipient in listing.recipients {
            if recipient.reason != reason, !recipient.reason.isEmpty {
                reason = recipient.reason
                let line = String(printable: Array(reason.utf8))
                text += line.moved(Self.reasonWidth, open: "(") + ")\n"
            }
            let address = String(printable: recipient.address)
            text += String(repeating: " ", count: Self.indent) + address + "\n"
        }
        return text + "\n"
    }

    private func json(_ listing: QueueListing) -> String {
        let recipients = listing.recipients.map { recipient in
            let reason = Array(recipient.reason.utf8)
            return "{\"address\": \(quoted(recipient.address))"
                + (reason.isEmpty ? "" : ", \"delay_reason\": \(quoted(reason))") + "}"
        }
        return "{\"queue_name\": \"\(listing.queue.rawValue)\", \"queue_id\": \"\(listing.id)\", "
            + "\"arrival_time\": \(listing.arrival), \"message_size\": \(listing.size), "
            + "\"forced_expire\": false, \"sender\": \(quoted(Array(listing.senderText.utf8))), "
            + "\"recipients\": [\(recipients.joined(separator: ", "))]}\n"
    }

    /// The octets as a JSON string (RFC 8259 section 7); what is not UTF-8 is replaced.
    private func quoted(_ bytes: [UInt8]) -> String {
        var text = "\""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                text += "\\u" + scalar.value.padded(to: 4, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension QueueDirectory {
    /// What follows the ID in the list: being delivered, or on hold.
    fileprivate var mark: String {
        switch self {
        case .active: "*"
        case .hold: "!"
        case .incoming, .deferred, .corrupt, .maildrop: ""
        }
    }
}

extension QueueListing {
    /// The sender for people: the null sender is the mail system.
    fileprivate var senderText: String {
        sender.isEmpty ? "MAILER-DAEMON" : String(printable: sender)
    }
}

extension String {
    /// Blanks put behind the text up to `width`.
    fileprivate func filled(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - utf8.count))
    }

    /// Blanks put before the text up to `width`, then `open`.
    fileprivate func moved(_ width: Int, open: String = "") -> String {
        String(repeating: " ", count: Swift.max(0, width - utf8.count)) + open + self
    }
}
