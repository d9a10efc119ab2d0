import Bytes
package import Posix

/// Makes names that no other message has, now or later, here or on another machine.
///
/// The form is the Maildir specification's: seconds, then microseconds, process, number in this
/// process and random bits, then the host. The random bits hold when clock, process number and host
/// name repeat, as they do in containers.
package struct UniqueNames: Sendable {
    private let host: [UInt8]
    private var count = 0

    /// Names for the machine called `host`.
    package init(host: String = Posix.hostName) {
        // A slash would be a directory and a colon would begin the flags.
        var escaped: [UInt8] = []
        for byte in host.utf8.prefix(Self.hostLimit) {
            switch byte {
            case UInt8(ascii: "/"): escaped += "\\057"
            case .colon: escaped += "\\072"
            // Commas would look like the sizes that follow.
            case UInt8(ascii: ","): escaped += "\\054"
            default: escaped.append(byte.isPrintable && byte != .space ? byte : UInt8(ascii: "_"))
            }
        }
        self.host = escaped.isEmpty ? Array("localhost") : escaped
    }

    /// The next name, without sizes.
    package mutating func next() throws(SystemError) -> [UInt8] {
        let (seconds, microseconds) = Clock.precise
        let random = try randomBytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        count += 1
        return Array("\(seconds).M\(microseconds)P\(Process.id)Q\(count)R")
            + Array(random.padded(to: 8, radix: 16)) + [.dot] + host
    }

    /// Leaves room for the sizes and flags in a file name of 255 octets.
    private static let hostLimit = 64
}
