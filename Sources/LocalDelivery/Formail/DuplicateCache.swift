import Bytes
import Posix

/// The file of `-D`: keys that were seen, the newest over the oldest.
///
/// Its form is that of procmail's formail, which may use the same file: keys, each ended by a NUL,
/// and an empty key where the next one goes; what lies behind it was half overwritten and counts
/// for nothing up to its NUL.
///
/// A key is looked for and noted under a lock, with one write: a crash leaves the file with the key
/// or without. It is not forced to the disk: a key that is lost lets a duplicate through, but one
/// that outlives a power cut in which its letter was lost would keep that letter out for good.
struct DuplicateCache: ~Copyable {
    private let file: FileDescriptor
    private let limit: Int

    /// Opens the file, or makes it; `limit` is about how large it may become.
    init(_ path: Path, limit: Int) throws(SystemError) {
        file = try FileDescriptor.open(path, .readWrite, .create, mode: 0o666)
        self.limit = limit
    }

    /// Whether `key` is there; if not, it is from now on.
    func hasSeen(_ key: [UInt8]) throws(SystemError) -> Bool {
        try file.lock(.exclusive)
        let result: Result<Bool, SystemError>
        do throws(SystemError) { result = .success(try look(for: key)) } catch {
            result = .failure(error)
        }
        try file.unlock()
        return try result.get()
    }

    private func look(for key: [UInt8]) throws(SystemError) -> Bool {
        switch CacheKeys.find(key, in: try content(), limit: limit) {
        case .seen: return true
        case .new(let offset):
            try file.write(key + [0, 0], at: offset)
            return false
        }
    }

    /// The part of the file that counts: up to the limit, and the key that reaches over it.
    private func content() throws(SystemError) -> [UInt8] {
        let size = try file.status().size
        var content: [UInt8] = []
        while content.count < min(size, limit) || content.last != 0 {
            let wanted = max(Self.pieceSize, min(size, limit) - content.count)
            let piece = try file.read(limit: min(wanted, Self.readLimit), at: content.count)
            if piece.isEmpty { break }
            content += piece
        }
        return content
    }

    private static let pieceSize = 8192
    private static let readLimit = 1 << 20
}

/// The keys in the content of such a file.
enum CacheKeys {
    enum Answer: Equatable {
        case seen
        /// The key is not there; its place is at this offset.
        case new(at: Int)
    }

    static func find(_ key: [UInt8], in content: [UInt8], limit: Int) -> Answer {
        var start = 0
        var free: Int?
        repeat {
            // A key without NUL is what a write left that was cut off.
            guard let end = content[start...].firstIndex(of: 0) else { break }
            if end == start, free == nil {
                free = start
                guard let next = content[(start + 1)...].firstIndex(of: 0) else { break }
                start = next + 1
                continue
            }
            if content[start..<end].elementsEqual(key) { return .seen }
            start = end + 1
        } while start < limit
        guard let free, free < limit else { return .new(at: 0) }
        return .new(at: free)
    }
}
