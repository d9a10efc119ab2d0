import Bytes

/// `AUTHENTICATE mechanism [initial response]` (RFC 3501 section 6.2.2, RFC 4959).
package struct AuthenticateCommand: Equatable, Sendable {
    /// In capitals.
    package let mechanism: [UInt8]
    /// Decoded; empty for `=`, nil when none was sent.
    package let initialResponse: [UInt8]?

    package init(mechanism: [UInt8], initialResponse: [UInt8]?) {
        self.mechanism = mechanism
        self.initialResponse = initialResponse
    }

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> AuthenticateCommand {
        try cursor.space()
        let mechanism = try cursor.atom("a mechanism").uppercased
        guard cursor.peek == .space, cursor.peekBehind != nil, cursor.peekBehind != .space else {
            return AuthenticateCommand(mechanism: mechanism, initialResponse: nil)
        }
        try cursor.space()
        let start = cursor.position
        let text = cursor.take { $0 != .space }
        let response = text == [UInt8(ascii: "=")] ? [] : Base64.decode(text)
        guard let response else { throw SyntaxError(.expected("base64"), at: start) }
        return AuthenticateCommand(mechanism: mechanism, initialResponse: response)
    }

    /// A line that answers a challenge: decoded, or nil for `*`, which cancels.
    package static func response(_ line: [UInt8]) throws(SyntaxError) -> [UInt8]? {
        if line == [UInt8(ascii: "*")] { return nil }
        guard let response = Base64.decode(line) else {
            throw SyntaxError(.expected("base64"), at: 0)
        }
        return response
    }
}
