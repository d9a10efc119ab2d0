import Bytes

/// The name of a queue file, in Postfix's short form: five hexadecimal digits of microseconds, then
/// the file's inode number in hexadecimal.
///
/// While a file exists its inode number is nobody else's, so neither is its name.
package struct QueueID: Hashable, Sendable, CustomStringConvertible {
    /// The longest name taken from outside: longer than any that this system gives.
    package static let lengthLimit = 64

    /// The letters of the name, all of them ASCII letters, digits or `_`.
    package let text: String

    /// The name of a file with this inode number, made at this microsecond of a second.
    package init(microseconds: Int, inode: UInt64) {
        let part = microseconds.magnitude % 1_000_000
        text = part.padded(to: 5, radix: 16) + inode.padded(to: 1, radix: 16)
    }

    /// A name that a person, a file system or another process says; nil when no queue file can have
    /// it.
    ///
    /// Only letters, digits and `_` pass, so a name never leads out of its directory.
    package init?(_ name: some Collection<UInt8>) {
        guard !name.isEmpty, name.count <= Self.lengthLimit,
            name.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "_") })
        else { return nil }
        text = String(decoding: name, as: UTF8.self)
    }

    package init?(_ name: String) { self.init(Array(name.utf8)) }

    package var description: String { text }

    /// The inode number that the name speaks of; nil when it is not of the short form.
    package var inode: UInt64? {
        let digits = text.utf8.dropFirst(5)
        guard text.utf8.count > 5, digits.allSatisfy({ $0.hexValue != nil }) else { return nil }
        return UInt64(String(decoding: Array(digits), as: UTF8.self), radix: 16)
    }
}
