import Bytes
import MailQueue
import Posix

/// The words of a notice up to the original message, and those after it: RFC 3464 in the form of
/// RFC 3462's multipart/report.
struct NoticeText {
    /// Columns that explanations are folded to.
    private static let width = 78

    let notice: Notice
    let request: BounceRequest
    let hostName: String
    let origin: String
    /// The name of the notice itself in the queue.
    let id: QueueID
    let now: Int
    /// The original comes whole, not only its headers.
    let isWhole: Bool
    /// The original has octets beyond ASCII.
    let isEightBit: Bool

    /// Separates the parts: the ID and the time make it unlike any line of the original.
    private var boundary: String { "\(request.queueID).\(now)/\(hostName)" }

    /// From the first header to the line before the original's first.
    var opening: [UInt8] {
        header + explanation + report
            + part(isWhole ? "Undelivered Message" : "Undelivered Message Headers")
            + Array("Content-Type: \(isWhole ? "message/rfc822" : "text/rfc822-headers")\n".utf8)
            + Array((isEightBit ? "Content-Transfer-Encoding: 8bit\n" : "").utf8)
            + Array("\nReturn-Path: <".utf8) + safe(returnPath) + Array(">\n".utf8)
    }

    /// What follows the original.
    var closing: [UInt8] { Array("\n--\(boundary)--\n".utf8) }

    private var isToSender: Bool { notice.audience == .sender }

    private var returnPath: [UInt8] {
        request.sender.isEmpty ? Array("MAILER-DAEMON@\(origin)".utf8) : request.sender
    }

    private var date: String { CalendarTime.local(now).mailDate }

    private var header: [UInt8] {
        let subject =
            isToSender
            ? "Undelivered Mail Returned to Sender" : "Postmaster Copy: Undelivered Mail"
        let to = notice.recipient.contains(.at) ? [] : Array("@\(origin)".utf8)
        var text = Array(
            "Received: by \(hostName) (Postfix)\n\tid \(id); \(date)\nDate: \(date)\n".utf8)
        text += "From: Mail Delivery System <MAILER-DAEMON@\(origin)>\nSubject: \(subject)\nTo: "
        text += safe(notice.recipient) + to
        text += "\nAuto-Submitted: \(isToSender ? "auto-replied" : "auto-generated")\n"
        text += "MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n"
        text += "\tboundary=\"\(boundary)\"\n"
        if isEightBit { text += "Content-Transfer-Encoding: 8bit\n" }
        text += "\nThis is a MIME-encapsulated message.\n"
        return text
    }

    private func part(_ description: String) -> [UInt8] {
        Array("\n--\(boundary)\nContent-Description: \(description)\n".utf8)
    }

    private var explanation: [UInt8] {
        var text = part("Notification")
        text += "Content-Type: text/plain; charset=us-ascii\n\n"
        if isToSender {
            text += "This is the mail system at host \(hostName).\n\n"
            text +=
                "A message of yours did not reach everybody that it was meant for. Below stands\n"
            text +=
                "who will not get it and why; \(isWhole ? "the message" : "its header") comes along.\n\n"
            text += "Whoever looks after this system reads mail to postmaster. Please send this\n"
            text += "notice with your question; you need not send the message itself.\n\n"
            text += "                   The mail system\n\n"
        }
        for failure in request.failures {
            var line = Array("<".utf8) + safe(failure.address) + [.greater]
            if !failure.original.equalsIgnoringCase(failure.address) {
                line += Array(" (expanded from <".utf8) + safe(failure.original) + Array(">)".utf8)
            }
            line += ": "
            text += folded(line + safe(Array(failure.outcome.text.utf8)))
            text += "\n"
        }
        return text.dropLast()
    }

    private var report: [UInt8] {
        var text = part("Delivery report")
        text += "Content-Type: message/delivery-status\n\nReporting-MTA: dns; \(hostName)\n"
        text += "X-Postfix-Queue-ID: \(request.queueID)\nX-Postfix-Sender: rfc822; "
        text += safe(returnPath)
        text += "\nArrival-Date: \(CalendarTime.local(request.arrival.seconds).mailDate)\n"
        for failure in request.failures {
            text += "\nFinal-Recipient: rfc822; "
            text += safe(failure.address)
            text += "\nOriginal-Recipient: rfc822;"
            text += safe(failure.original.contains(.at) ? failure.original : failure.address)
            text += "\nAction: failed\nStatus: \(failure.outcome.status)\n"
            if !failure.outcome.remoteHost.isEmpty {
                text += "Remote-MTA: dns; "
                text += safe(Array(failure.outcome.remoteHost.utf8))
                text += "\n"
            }
            let diagnostic =
                failure.outcome.diagnostic.isEmpty
                ? "X-Postfix; \(failure.outcome.text)" : failure.outcome.diagnostic
            text += folded(Array("Diagnostic-Code: ".utf8) + safe(Array(diagnostic.utf8)))
        }
        return text
    }

    /// Nothing that others said can begin a line or a part: octets that are not printable ASCII
    /// become `?`.
    private func safe(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { $0.isPrintable ? $0 : UInt8(ascii: "?") }
    }

    /// The line, broken at blanks into lines of `width`, the later ones indented.
    private func folded(_ line: [UInt8]) -> [UInt8] {
        var (text, column): ([UInt8], Int) = ([], 0)
        for word in line.split(separator: .space) {
            if column > 0, column + 1 + word.count > Self.width {
                text += "\n    "
                column = 4
            } else if column > 0 {
                text.append(.space)
                column += 1
            }
            text += word
            column += word.count
        }
        return text + [.lf]
    }
}
