import Bytes

/// A reply of an SMTP server (RFC 5321 section 4.2), with an enhanced status code where it has one
/// (RFC 2034).
package struct Reply: Equatable, Sendable {
    /// Three digits; the first says how the command fared.
    package let code: Int
    /// Such as `2.1.0`; empty for the replies that have none.
    package let status: String
    /// One or more lines of text.
    package let lines: [String]

    package init(_ code: Int, _ status: String, _ text: String) {
        self.init(code, status, lines: [text])
    }

    package init(_ code: Int, _ status: String, lines: [String]) {
        self.code = code
        self.status = status
        self.lines = lines
    }

    /// The command was not carried out.
    package var isFailure: Bool { code >= 400 }

    /// The reply as the log and the second half of a `reject:` line have it.
    package var text: String {
        "\(code) \(status)\(status.isEmpty ? "" : " ")" + lines.joined(separator: " ")
    }

    /// The octets of the reply, each line with its CRLF.
    ///
    /// What a client sent and a reply repeats is made printable, so it cannot be a line of its own.
    package var octets: [UInt8] {
        var out: [UInt8] = []
        for (index, line) in lines.enumerated() {
            out += "\(code)\(index == lines.count - 1 ? " " : "-")"
            if !status.isEmpty { out += status + " " }
            out += String(printable: Array(line.utf8), limit: Self.lineLimit)
            out += [.cr, .lf]
        }
        return out
    }

    /// The longest text of a line: RFC 5321's 512 octets less code, status and CRLF.
    private static let lineLimit = 490
}
