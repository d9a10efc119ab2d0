import Bytes
import Posix

/// `hash:file` and `btree:file`: the file `file.db`, as Postfix's postmap and ours write it.
///
/// Every lookup sees the file as it is now: one that was rebuilt, in place or by renaming, is
/// opened anew. While reading, the file's flock(2) lock is held as shared, which a rebuild in place
/// waits for.
final class DatabaseTable: LookupSource {
    /// The library's memory for one open file; Postfix's `berkeley_db_read_buffer_size`.
    private static let cache: UInt32 = 131_072
    /// A database this much older than its source is reported: Postfix's limit in seconds.
    private static let staleAfter = 100
    /// How often the file may be replaced between two of our looks at it.
    private static let attempts = 50

    private let path: Path
    private let type: DatabaseType
    private let warn: (String) -> Void
    private var current: Opened

    /// Whether keys and values in the file end in NUL, once an entry has told.
    private var hasNUL: Bool?

    /// An open file, the descriptor its lock is taken on and what the file was when opened.
    private struct Opened: ~Copyable {
        let file: BerkeleyFile
        let lock: FileDescriptor
        let status: FileStatus
    }

    init(
        _ name: Path, _ type: DatabaseType, _ warn: @escaping (String) -> Void
    ) throws(TableError) {
        path = name.adding(suffix: ".db")
        self.type = type
        self.warn = warn
        current = try Self.open(path, type)
        reportAge(name)
    }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        try lockFresh()
        defer { unlock() }
        if hasNUL != false, let value = try current.file.get(key + [0]) {
            hasNUL = true
            return Self.stripped(value)
        }
        guard hasNUL != true, let value = try current.file.get(key) else { return nil }
        hasNUL = false
        return Self.stripped(value)
    }

    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? {
        try lockFresh()
        defer { unlock() }
        return try current.file.entries().map { (Self.stripped($0.key), Self.stripped($0.value)) }
    }

    private static func stripped(_ bytes: [UInt8]) -> [UInt8] {
        bytes.last == 0 ? Array(bytes.dropLast()) : bytes
    }

    /// Takes the shared lock on the file that now has the name, opened after its last change.
    private func lockFresh() throws(TableError) {
        for _ in 0..<Self.attempts {
            do throws(SystemError) {
                try current.lock.flock(.shared)
                if try path.status().isUnchanged(since: current.status) { return }
                try current.lock.unlockFlock()
            } catch { throw .failed("open database \(path): \(error.reason)") }
            current = try Self.open(path, type)
            hasNUL = nil
        }
        throw .failed("open database \(path): it changes all the time")
    }

    private func unlock() {
        do throws(SystemError) { try current.lock.unlockFlock() } catch {
            // Nothing can be done: the lock goes when the descriptor does.
        }
    }

    private static func open(_ path: Path, _ type: DatabaseType) throws(TableError) -> Opened {
        for _ in 0..<attempts {
            let lock = try locked(path)
            let status: FileStatus
            do throws(SystemError) { status = try lock.status() } catch {
                throw .failed("open database \(path): \(error.reason)")
            }
            let file = openFile(path, type)
            guard isStill(path, status) else { continue }
            let opened = Opened(file: try file.get(), lock: lock, status: status)
            do throws(SystemError) { try opened.lock.unlockFlock() } catch {
                throw .failed("open database \(path): \(error.reason)")
            }
            return opened
        }
        throw .failed("open database \(path): it changes all the time")
    }

    private static func locked(_ path: Path) throws(TableError) -> FileDescriptor {
        do throws(SystemError) {
            let lock = try FileDescriptor.open(path)
            try lock.flock(.shared)
            return lock
        } catch { throw .failed("open database \(path): \(error.reason)") }
    }

    private static func openFile(
        _ path: Path, _ type: DatabaseType
    ) -> Result<BerkeleyFile, TableError> {
        do throws(TableError) {
            return .success(try BerkeleyFile(path, type, .read, cache: cache))
        } catch { return .failure(error) }
    }

    /// The name still belongs to the file that was locked: nobody has renamed another over it.
    private static func isStill(_ path: Path, _ status: FileStatus) -> Bool {
        do throws(SystemError) { return try path.status().isSameFile(as: status) } catch {
            return false
        }
    }

    /// Tells of a source that was changed after the database was built.
    private func reportAge(_ source: Path) {
        do throws(SystemError) {
            guard let written = try source.statusIfPresent() else { return }
            let built = current.status.modified.seconds
            if written.modified.seconds > built,
                written.modified.seconds < Clock.now - Self.staleAfter
            {
                warn("database \(path) is older than source file \(source)")
            }
        } catch {
            // A source that cannot be looked at says nothing of the database.
        }
    }
}

extension FileStatus {
    fileprivate func isUnchanged(since before: FileStatus) -> Bool {
        isSameFile(as: before) && modified == before.modified && size == before.size
    }
}
