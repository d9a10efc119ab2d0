import Bytes
import Posix

/// Keeps one address from guessing passwords on many connections at once, across all processes: each
/// look at a password needs one of a few places of that address, and a wrong one keeps it while
/// the client waits for the answer.
struct LoginThrottle {
    /// Passwords of one address that may be looked at or waited for at the same time: with a delay
    /// of 3 seconds that is fewer than three guesses a second.
    static let places = 8
    /// Addresses share a set of places in this many groups, so that the number of files is bounded.
    static let groups: UInt64 = 1024

    private let directory: Path
    private let name: String

    /// nil where there is no address to tell clients by.
    init?(_ client: Client, directory: Path = "/run/malleposte/login") throws(SystemError) {
        guard let address = client.address else { return nil }
        try directory.makeDirectories(mode: 0o711)
        try directory.setMode(0o700)
        self.directory = directory
        // Whoever has one IPv6 address has the 2^64 of its network.
        let prefix = address.isIPv4 ? address.bytes : Array(address.bytes.prefix(8))
        name = "\(Self.group(of: prefix))"
    }

    /// FNV-1a: spreads addresses evenly, no more is asked of it.
    private static func group(of bytes: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash % groups
    }

    /// One of the address's places, held while the descriptor is open; nil when none came free before
    /// the deadline.
    func place(before deadline: Deadline) throws(SystemError) -> FileDescriptor? {
        while true {
            for number in 0..<Self.places {
                let file = try FileDescriptor.open(
                    directory / "\(name).\(number)", .readWrite, .create, mode: 0o600)
                if try file.tryLock(.exclusive) { return file }
            }
            if deadline.hasPassed { return nil }
            Process.sleep(milliseconds: 50)
        }
    }
}
