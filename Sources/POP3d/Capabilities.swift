import Diagnostics

/// What CAPA lists (RFC 2449).
enum Capabilities {
    /// `allowsPlaintext`: a password may be sent over this connection.
    static func reply(allowsPlaintext: Bool) -> String {
        let login = allowsPlaintext ? ["USER", "SASL PLAIN"] : []
        let lines =
            ["TOP", "UIDL"] + login + [
                "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE",
                "IMPLEMENTATION Malleposte-\(releaseVersion)",
            ]
        return "+OK Capability list follows\r\n" + lines.map { "\($0)\r\n" }.joined() + ".\r\n"
    }
}
