import Bytes
package import Posix

/// Builds or changes the file behind a `hash:` or `btree:` table.
///
/// The work is done on a new file beside the old one, which is synced and then takes its name:
/// readers see the old or the new content, whole, and a crash leaves the old. Meanwhile the old
/// file is locked, so that two builders follow each other, Postfix's among them.
package final class DatabaseBuilder {
    /// The library's memory while building; Postfix's `berkeley_db_create_buffer_size`.
    private static let cache: UInt32 = 16_777_216

    package enum Start: Sendable {
        /// An empty table with the rights `mode`; nil keeps those of the file that is replaced.
        case empty(mode: UInt32?)
        /// What the table holds now.
        case existing
    }

    /// What happens to an entry whose key is there already.
    package enum Duplicates: Sendable { case keepFirst, replace }

    private let path: Path
    private let scratch: Path
    private let file: BerkeleyFile
    private let old: OldFile?
    /// Keys and values end in NUL in the file.
    private let hasNUL: Bool
    private let mode: UInt32
    private var isDone = false

    /// `name` is the table's name, without `.db`.
    package init(
        _ name: Path, _ type: DatabaseType, _ start: Start, hasNUL: Bool = true
    ) throws(TableError) {
        path = name.adding(suffix: ".db")
        self.hasNUL = hasNUL
        let suffix = ".\(Process.id).tmp"
        scratch = path.adding(suffix: suffix)
        let (path, scratch) = (path, scratch)
        do throws(SystemError) {
            old = try OldFile.held(path)
            try scratch.unlinkIfPresent()
        } catch { throw Self.failure(path, error) }
        switch start {
        case .empty(let wanted): mode = wanted ?? old?.status.mode ?? 0o644
        case .existing: mode = old?.status.mode ?? 0o644
        }
        do throws(TableError) { file = try Self.begin(scratch, start, path, type) } catch {
            Self.remove(scratch)
            throw error
        }
    }

    deinit { if !isDone { Self.remove(scratch) } }

    /// Makes the new file: empty, or a copy of the old one at `path`.
    private static func begin(
        _ scratch: Path, _ start: Start, _ path: Path, _ type: DatabaseType
    ) throws(TableError) -> BerkeleyFile {
        switch start {
        case .empty: return try BerkeleyFile(scratch, type, .create, cache: cache)
        case .existing:
            do throws(SystemError) { try copy(path, scratch) } catch { throw failure(path, error) }
            return try BerkeleyFile(scratch, type, .update, cache: cache)
        }
    }

    private static func failure(_ path: Path, _ error: SystemError) -> TableError {
        .failed("open database \(path): \(error.reason)")
    }

    private static func remove(_ scratch: Path) {
        do throws(SystemError) { try scratch.unlinkIfPresent() } catch {
            // A left-over that the next build of this process number removes.
        }
    }

    /// Stores an entry; false when the key was there and its first value is kept.
    package func put(
        _ key: [UInt8], _ value: [UInt8], _ duplicates: Duplicates
    ) throws(TableError) -> Bool {
        try file.put(ended(key), ended(value), replacing: duplicates == .replace)
    }

    /// Removes an entry, however its key is ended; false when there was none.
    package func delete(_ key: [UInt8]) throws(TableError) -> Bool {
        if try file.delete(key + [0]) { return true }
        return try file.delete(key)
    }

    private func ended(_ bytes: [UInt8]) -> [UInt8] { hasNUL ? bytes + [0] : bytes }

    /// Makes the new file the table.
    package func commit() throws(TableError) {
        try file.close()
        do throws(SystemError) {
            let written = try FileDescriptor.open(scratch)
            try written.setMode(mode)
            try written.sync()
            try scratch.rename(to: path)
            isDone = true
            try path.parent.syncDirectory()
        } catch { throw .failed("write database \(path): \(error.reason)") }
    }

    private static func copy(_ path: Path, _ scratch: Path) throws(SystemError) {
        let old = try FileDescriptor.open(path)
        let new = try FileDescriptor.open(scratch, .writeOnly, .exclusive, mode: 0o600)
        try new.copy(from: old, at: 0, count: old.status().size)
    }
}

/// The file that a new one replaces, locked until its owner goes.
private final class OldFile {
    private let descriptor: FileDescriptor
    let status: FileStatus

    private init(_ descriptor: consuming FileDescriptor, _ status: FileStatus) {
        self.descriptor = descriptor
        self.status = status
    }

    /// The file that now has the name, locked; nil when there is none.
    static func held(_ path: Path) throws(SystemError) -> OldFile? {
        while true {
            do throws(SystemError) {
                let file = try FileDescriptor.open(path)
                try file.flock(.exclusive)
                let status = try file.status()
                // Another builder may have replaced it while we waited.
                if let now = try path.statusIfPresent(), now.isSameFile(as: status) {
                    return OldFile(file, status)
                }
            } catch {
                if error.code == SystemError.missing { return nil }
                throw error
            }
        }
    }
}
