import Bytes

/// How one attempt to deliver to one recipient ended.
package struct Outcome: Equatable, Sendable {
    package enum Kind: Int, Sendable, CaseIterable {
        /// Delivered, and on the disk of whoever has it now.
        case sent
        /// Not now; to be tried again.
        case deferred
        /// Never; the sender is to be told.
        case bounced

        /// The word after `status=` in the log.
        package var word: String {
            switch self {
            case .sent: "sent"
            case .deferred: "deferred"
            case .bounced: "bounced"
            }
        }
    }

    /// The longest text kept of one attempt: what a remote server said, cut.
    package static let textLimit = 2000

    package let kind: Kind
    /// The enhanced status code of RFC 3463, such as `2.0.0`.
    package let status: String
    /// The words in parentheses of the log line, such as `delivered to mailbox`.
    package let text: String
    /// The words after `relay=`; empty means `none`.
    package let relay: String
    /// What the other side itself said: RFC 3464's Remote-MTA and Diagnostic-Code fields, such as
    /// `127.0.0.1` and `smtp; 550 5.1.1 no`; empty when there is none.
    package let remoteHost: String
    package let diagnostic: String

    package init(
        _ kind: Kind, status: String, text: String, relay: String = "", remoteHost: String = "",
        diagnostic: String = ""
    ) {
        self.kind = kind
        self.status = status
        self.text = text
        self.relay = relay
        self.remoteHost = remoteHost
        self.diagnostic = diagnostic
    }

    /// The same as a trouble that may pass: what `soft_bounce` makes of a failure.
    package var softened: Outcome {
        guard kind == .bounced else { return self }
        return Outcome(
            .deferred, status: "4" + status.dropFirst(), text: text, relay: relay,
            remoteHost: remoteHost, diagnostic: diagnostic)
    }

    func encode(into fields: inout FieldWriter) {
        fields.put(kind.rawValue)
        for part in [status, text, relay, remoteHost, diagnostic] { fields.put(part) }
    }

    init(from fields: inout FieldReader) throws(MalformedFrame) {
        guard let kind = Kind(rawValue: try fields.number()) else { throw MalformedFrame() }
        self.kind = kind
        status = try fields.text()
        text = try fields.text()
        relay = try fields.text()
        remoteHost = try fields.text()
        diagnostic = try fields.text()
    }
}
