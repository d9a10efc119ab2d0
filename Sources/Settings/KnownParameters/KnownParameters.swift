import Bytes

/// Every parameter that Postfix 3.7 knows, with its default: so that `$name` expands, and so that a
/// parameter that the house does not honour can be told from one that nobody knows.
package enum KnownParameters {
    /// The default of a parameter as main.cf text; nil for a name that Postfix does not know.
    package static func defaultText(of name: String) -> String? {
        table[name] ?? TransportParameters.defaultText(of: name)
    }

    /// All names but those of single transports.
    package static var names: [String] { table.keys.sorted() }

    private static let table: [String: String] = {
        var table: [String: String] = [:]
        for text in [general, generalFromM, smtpServer, smtpClient, lmtpClient, tls] {
            for line in text.utf8.split(separator: .lf) {
                guard let end = line.firstIndex(of: .space) else { continue }
                let value = line[end...].dropFirst(2).drop { $0 == .space }
                table[String(Substring(line[..<end]))] = String(Substring(value))
            }
        }
        return table
    }()
}
