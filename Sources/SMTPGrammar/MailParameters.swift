import Bytes

/// What a MAIL command says beside the address (RFC 1870, RFC 6152, RFC 4954).
package struct MailParameters: Equatable, Sendable {
    /// The value of SIZE.
    package enum Size: Equatable, Sendable {
        case absent
        case octets(Int)
        /// More than this machine can count.
        case enormous
    }

    package enum Body: Equatable, Sendable { case sevenBit, eightBitMIME }

    package var size = Size.absent
    package var body: Body?

    package init() {}

    /// Parses the words after the address.
    package init(_ words: some Collection<CommandLine.Argument>) throws(ParameterFault) {
        for word in words { try take(word.bytes) }
    }

    private mutating func take(_ word: [UInt8]) throws(ParameterFault) {
        if word.equalsIgnoringCase("BODY=8BITMIME") {
            body = .eightBitMIME
        } else if word.equalsIgnoringCase("BODY=7BIT") {
            body = .sevenBit
        } else if word.startsIgnoringCase(with: Array("SIZE=".utf8)) {
            size = try Self.size(word.dropFirst(5))
        } else if word.startsIgnoringCase(with: Array("AUTH=".utf8)) {
            // Said of a message, not a claim of ours: taken and not believed (RFC 4954 section 5).
        } else if isNotification(word, ["RET=", "ENVID="]) {
            throw .notificationsDisabled
        } else {
            throw .unsupported(word)
        }
    }

    private static func size(_ digits: ArraySlice<UInt8>) throws(ParameterFault) -> Size {
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit) else { throw .badSize }
        return Int(decimal: digits).map { .octets($0) } ?? .enormous
    }
}

/// What a RCPT command may say beside the address: nothing yet (RFC 3461 is announced by none).
package enum RecipientParameters {
    package static func check(
        _ words: some Collection<CommandLine.Argument>
    ) throws(ParameterFault) {
        for word in words {
            if isNotification(word.bytes, ["NOTIFY=", "ORCPT="]) { throw .notificationsDisabled }
            throw .unsupported(word.bytes)
        }
    }
}

/// Why the words after an address are refused.
package enum ParameterFault: Error, Equatable, Sendable {
    case badSize
    case notificationsDisabled
    case unsupported([UInt8])

    package var reply: Reply {
        switch self {
        case .badSize: Reply(501, "5.5.4", "Bad message size syntax")
        case .notificationsDisabled: Reply(501, "5.7.1", "DSN support is disabled")
        case .unsupported(let word):
            Reply(555, "5.5.4", "Unsupported option: \(String(printable: word))")
        }
    }
}

private func isNotification(_ word: [UInt8], _ names: [StaticString]) -> Bool {
    names.contains { word.startsIgnoringCase(with: $0.octets) }
}
