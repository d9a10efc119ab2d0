import Bytes
package import Posix

/// Queue files that another mail system has left in the directories of the queue.
///
/// They are somebody's mail, in a format that is not read here: what finds one leaves it as it is and
/// where it is. Only Postfix's are told apart; its directories are the ones that are used here.
package enum ForeignQueueFile {
    /// Octets that are looked at: the first record of Postfix's files, 95 octets of value today.
    static let looked = 128
    /// Octets of the first record's value without which a file counts as damaged, not as foreign.
    private static let least = 15

    /// The file begins as Postfix's queue files do; false for what is no regular file, or not there.
    package static func lies(at path: Path) throws(SystemError) -> Bool {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, .readOnly, [.noFollow, .nonBlocking])
            guard try file.status().kind == .regular else { return false }
            return isPostfix(try file.read(limit: looked, at: 0))
        } catch {
            if error.isMissing { return false }
            throw error
        }
    }

    /// A record of the type `C`: its length in one octet, then figures with blanks between them.
    static func isPostfix(_ start: [UInt8]) -> Bool {
        guard start.count >= 2 + least, start[0] == UInt8(ascii: "C"),
            start[1] >= UInt8(least), start[1] < 0x80
        else { return false }
        return start.dropFirst(2).prefix(Int(start[1])).allSatisfy { $0 == .space || $0.isDigit }
    }

    /// Such files in the subdirectories of one letter among which Postfix divides a queue.
    package static func divided(in queue: QueueDirectory) throws(SystemError) -> [Path] {
        var found: [Path] = []
        for name in try queue.path.list() where name.bytes.count == 1 {
            let part = queue.path / name
            guard try part.statusIfPresent()?.kind == .directory else { continue }
            for file in try part.list() where try lies(at: part / file) {
                found.append(part / file)
            }
        }
        return found
    }
}
