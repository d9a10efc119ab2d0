import Bytes

/// A name and a password as a client has sent them.
package struct Credentials: Equatable, Sendable {
    /// Longer ones are refused before anything looks at them.
    package static let passwordLimit = 1024
    package static let nameLimit = 255

    package let name: [UInt8]
    package let password: [UInt8]

    /// Nil for what cannot be right: a NUL, which the C library would take for the end, an empty
    /// name or password, or too long a one.
    package init?(name: [UInt8], password: [UInt8]) {
        guard !name.isEmpty, !password.isEmpty, name.count <= Self.nameLimit,
            password.count <= Self.passwordLimit, !name.contains(0), !password.contains(0)
        else { return nil }
        self.name = name
        self.password = password
    }

    /// The message of the SASL mechanism PLAIN, base64 removed (RFC 4616): an identity to act as, NUL,
    /// a name, NUL, a password.
    ///
    /// To act as somebody else is not offered, so that identity must be empty or the name itself.
    package init?(plain message: [UInt8]) {
        let parts = message.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty || parts[0].elementsEqual(parts[1]) else {
            return nil
        }
        self.init(name: Array(parts[1]), password: Array(parts[2]))
    }
}
