import Bytes
import Maildir

/// A file name without its flags: what identifies a message in its Maildir.
///
/// It is looked up tens of thousands of times at each reading of a large Maildir, so it carries a
/// digest of its octets, and tables hash that instead of every octet.
struct BaseName: Hashable, Sendable, ExpressibleByArrayLiteral {
    let bytes: [UInt8]
    private let digest: UInt64

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // FNV-1a; only the user and their own programs choose names, so nobody gains by collisions.
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
        self.digest = digest
    }

    init(arrayLiteral bytes: UInt8...) { self.init(bytes) }

    /// The base of a whole file name.
    init(ofFile name: some Collection<UInt8>) { self.init(Array(name.prefix { $0 != .colon })) }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    static func == (left: BaseName, right: BaseName) -> Bool {
        left.digest == right.digest && left.bytes == right.bytes
    }
}

extension MaildirName {
    /// The base name as a key of tables.
    var key: BaseName { BaseName(base) }
}
