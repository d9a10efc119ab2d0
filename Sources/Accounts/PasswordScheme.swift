import Bytes

/// A stored password of a passwd-file: `{SCHEME}data`, or a bare hash of crypt(3).
package enum StoredPassword: Equatable, Sendable {
    case plain([UInt8])
    case hashed([UInt8])
    /// A scheme of Dovecot's that we do not check.
    case notSupported(String)

    /// Reads the field; `defaultScheme` is that of a field without one.
    package init(field: [UInt8], defaultScheme: String = "CRYPT") {
        var cursor = ByteCursor(field)
        guard cursor.take(UInt8(ascii: "{")) else {
            self.init(scheme: defaultScheme, data: field)
            return
        }
        let scheme = cursor.take(upTo: UInt8(ascii: "}"))
        guard cursor.take(UInt8(ascii: "}")) else {
            self = .notSupported("a scheme without }")
            return
        }
        self.init(scheme: String(printable: scheme.uppercased), data: Array(cursor.rest))
    }

    private init(scheme: String, data: [UInt8]) {
        switch scheme {
        case "PLAIN", "CLEAR", "CLEARTEXT": self = .plain(data)
        case "CRYPT": self = .hashed(data)
        case "SHA512-CRYPT": self.init(data, begins: ["$6$"], scheme: scheme)
        case "SHA256-CRYPT": self.init(data, begins: ["$5$"], scheme: scheme)
        case "MD5-CRYPT", "MD5": self.init(data, begins: ["$1$"], scheme: scheme)
        case "BLF-CRYPT":
            self.init(data, begins: ["$2a$", "$2b$", "$2x$", "$2y$"], scheme: scheme)
        default: self = .notSupported("{\(scheme)}")
        }
    }

    /// A hash that must be of the method that its scheme names.
    private init(_ data: [UInt8], begins: [StaticString], scheme: String) {
        guard begins.contains(where: { data.starts(with: $0.octets) }) else {
            self = .notSupported("{\(scheme)} with a hash of another method")
            return
        }
        self = .hashed(data)
    }

    /// Whether this is the stored form of `password`.
    ///
    /// An empty stored password fits nothing: accounts without a password cannot log in.
    package func matches(_ password: [UInt8]) -> Bool {
        switch self {
        case .plain(let stored): !stored.isEmpty && areEqual(password, stored)
        case .hashed(let stored): !stored.isEmpty && PasswordCrypt.matches(password, stored)
        case .notSupported: false
        }
    }

    /// Spends the time that a check against this password would take: for a user who does not
    /// exist, so that the time does not tell.
    package func spendTime(on password: [UInt8]) { _ = matches(password) }

    /// A hash that nobody's password has, as costly as a common one.
    package static let dummy = StoredPassword.hashed(
        Array(
            ("$6$MalleposteDummy$8uSaBopHnrIfFSXj3HpJ8nFfFuDwlgzNrlxlCzSZmIKG9KF5CB4"
                + "Qy/WsaGVjd15idkbrOuxDttcYO00.7lzlK1").utf8))
}
