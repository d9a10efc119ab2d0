import Bytes
import CBerkeleyDB
import Posix

/// One open file of Berkeley DB 5.3.
///
/// The only code that calls the library.
@safe final class BerkeleyFile {
    enum Access {
        case read
        /// An existing file, to be changed.
        case update
        /// A new file; it must not exist.
        case create
    }

    private let handle: UnsafeMutablePointer<DB>
    private let path: Path
    private var isOpen = true

    /// `cache` is the library's memory in octets; Postfix uses 128 KiB to read and 16 MiB to build.
    init(_ path: Path, _ type: DatabaseType, _ access: Access, cache: UInt32) throws(TableError) {
        var made: UnsafeMutablePointer<DB>?
        let failure = unsafe db_create(&made, nil, 0)
        guard let made = unsafe made else {
            throw .failed("open database \(path): \(Self.text(failure))")
        }
        unsafe handle = made
        self.path = path
        _ = unsafe made.pointee.set_cachesize(made, 0, cache, 1)
        let result = unsafe Self.open(unsafe made, path, type, access)
        guard result == 0 else {
            _ = unsafe made.pointee.close(made, 0)
            isOpen = false
            throw .failed("open database \(path): \(Self.text(result))")
        }
    }

    private static func open(
        _ handle: UnsafeMutablePointer<DB>, _ path: Path, _ type: DatabaseType, _ access: Access
    ) -> Int32 {
        let shape = type == .hash ? DB_HASH : DB_BTREE
        let flags =
            switch access {
            case .read: UInt32(DB_RDONLY)
            case .update: UInt32(0)
            case .create: UInt32(DB_CREATE) | UInt32(DB_EXCL)
            }
        let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
        return unsafe handle.pointee.open(handle, nil, name, nil, shape, flags, 0o644)
    }

    deinit { if isOpen { _ = unsafe handle.pointee.close(handle, 0) } }

    /// Closes, and says whether everything was written.
    func close() throws(TableError) {
        guard isOpen else { return }
        isOpen = false
        let result = unsafe handle.pointee.close(handle, 0)
        guard result == 0 else { throw fault("close", result) }
    }

    /// The value of a key, octet for octet.
    func get(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        var value = unsafe DBT()
        let result = unsafe withEntry(key) { name in
            unsafe handle.pointee.get(handle, nil, name, &value, 0)
        }
        if result == DB_NOTFOUND { return nil }
        guard result == 0 else { throw fault("read", result) }
        return unsafe octets(value)
    }

    /// Stores an entry; false, and nothing changed, when the key is there and has to stay.
    func put(_ key: [UInt8], _ value: [UInt8], replacing: Bool) throws(TableError) -> Bool {
        let flags = replacing ? UInt32(0) : UInt32(DB_NOOVERWRITE)
        let result = unsafe withEntry(key) { name in
            unsafe withEntry(value) { content in
                unsafe handle.pointee.put(handle, nil, name, content, flags)
            }
        }
        if result == DB_KEYEXIST { return false }
        guard result == 0 else { throw fault("write", result) }
        return true
    }

    /// Removes an entry; false when there was none.
    func delete(_ key: [UInt8]) throws(TableError) -> Bool {
        let result = unsafe withEntry(key) { name in
            unsafe handle.pointee.del(handle, nil, name, 0)
        }
        if result == DB_NOTFOUND { return false }
        guard result == 0 else { throw fault("delete", result) }
        return true
    }

    /// All entries in the file's order, octet for octet.
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])] {
        var made: UnsafeMutablePointer<DBC>?
        let failure = unsafe handle.pointee.cursor(handle, nil, &made, 0)
        guard let cursor = unsafe made else { throw fault("read", failure) }
        defer { _ = unsafe cursor.pointee.close(cursor) }
        var entries: [(key: [UInt8], value: [UInt8])] = []
        while true {
            var (key, value) = unsafe (DBT(), DBT())
            let result = unsafe cursor.pointee.get(cursor, &key, &value, UInt32(DB_NEXT))
            if result == DB_NOTFOUND { return entries }
            guard result == 0 else { throw fault("read", result) }
            unsafe entries.append((octets(key), octets(value)))
        }
    }

    private func withEntry(
        _ bytes: [UInt8], _ body: (UnsafeMutablePointer<DBT>) -> Int32
    ) -> Int32 {
        var copy = bytes
        return unsafe copy.withUnsafeMutableBytes { raw in
            var entry = unsafe DBT()
            unsafe entry.data = raw.baseAddress
            unsafe entry.size = UInt32(raw.count)
            return unsafe body(&entry)
        }
    }

    private func octets(_ entry: DBT) -> [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: entry.data, count: Int(entry.size)))
    }

    private func fault(_ what: String, _ code: Int32) -> TableError {
        .failed("\(what) database \(path): \(Self.text(code))")
    }

    private static func text(_ code: Int32) -> String {
        unsafe db_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }
}
