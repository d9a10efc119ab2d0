/// Why the text of a command is not what RFC 3501 section 9 allows.
///
/// It never holds what the client sent: that may be a password.
package struct SyntaxError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        /// What stands at the position is not this.
        case expected(StaticText)
        /// More of something than a named limit allows.
        case tooMany(StaticText)
        /// Something longer, larger or deeper than a named limit allows.
        case tooLong(StaticText)
        /// The command goes on behind its last argument.
        case trailingText
        case unknownCommand
        /// A command of IMAP that is not built yet.
        case notSupported(StaticText)
    }

    package let reason: Reason
    /// Octets from the begin of the command, literals counted.
    package let position: Int

    package init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }

    /// The sentence for the client.
    package var text: String {
        switch reason {
        case .expected(let what): "expected \(what.text) at octet \(position + 1)"
        case .tooMany(let what): "too many \(what.text)"
        case .tooLong(let what): "\(what.text) too long"
        case .trailingText: "unexpected text at octet \(position + 1)"
        case .unknownCommand: "unknown command"
        case .notSupported(let name): "not supported yet: \(name.text)"
        }
    }
}

/// A few words written out in the source.
package struct StaticText: Equatable, Sendable, ExpressibleByStringLiteral {
    package let text: String

    package init(stringLiteral text: StaticString) { self.text = text.description }
}

/// A command that cannot be obeyed as it was sent: the server answers `TAG BAD …`, or `* BAD …`
/// when not even the tag could be read.
package struct BadCommand: Error, Equatable, Sendable {
    package let tag: [UInt8]?
    /// The sentence for the client, without what the client sent as arguments.
    package let text: String

    package init(tag: [UInt8]?, text: String) {
        self.tag = tag
        self.text = text
    }
}
