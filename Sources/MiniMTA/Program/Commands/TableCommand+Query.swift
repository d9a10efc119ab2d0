import Bytes
import Diagnostics
import Posix
import Tables

/// Asking, listing and removing entries of tables.
extension TableCommand {
    /// The largest list of keys on standard input: 64 MiB.
    private static let inputLimit = 1 << 26

    /// Prints the value of a key, or of every key on standard input with `-`; false when there was
    /// none.
    func query(_ key: String) throws(CommandFailure) -> Bool {
        var isFound = false
        if key == "-" {
            let opened = try tables.map { (name) throws(CommandFailure) in try open(name) }
            for key in try keys() {
                for table in opened {
                    guard let value = try lookup(table, key) else { continue }
                    try print(key + [.tab] + value)
                    isFound = true
                    break
                }
            }
            return isFound
        }
        for name in tables {
            guard let value = try lookup(try open(name), Array(key.utf8)) else { continue }
            try print(value)
            return true
        }
        return false
    }

    /// Prints all entries of the tables.
    func list() throws(CommandFailure) {
        var text: [UInt8] = []
        for name in tables {
            let table = try open(name)
            let sign = flavour == .map ? [UInt8.tab] : [.colon, .tab]
            do throws(TableError) {
                var out: [UInt8] = []
                for (key, value) in try table.entries() { out += key + sign + value + [.lf] }
                text += out
            } catch { throw .init("\(error)") }
        }
        try write(text)
    }

    /// Removes a key, or every key on standard input with `-`; false when there was none.
    ///
    /// With several tables only the first that has the key loses it.
    func delete(_ key: String) throws(CommandFailure) -> Bool {
        var isDone = false
        for table in tables {
            let (type, name) = try split(table)
            guard let kind = TableKind.named(type), let database = kind.database else {
                throw .init("\(table) map requires O_RDONLY access mode")
            }
            let keys = key == "-" ? try keys() : [Array(key.utf8)]
            try becomeOwner(of: Path(name))
            do throws(TableError) {
                _ = try Table.open("\(type):\(name)")
                let builder = try DatabaseBuilder(Path(name), database, .existing)
                var count = 0
                for key in keys {
                    let folded = folding == .lowercase ? key.lowercased : key
                    if try builder.delete(folded) { count += 1 }
                }
                guard count > 0 else { continue }
                try builder.commit()
                isDone = true
            } catch { throw .init("\(error)") }
            if key != "-" { return true }
        }
        return isDone
    }

    private func open(_ name: String) throws(CommandFailure) -> Table {
        let (type, rest) = try split(name)
        do throws(TableError) {
            return try Table.open("\(type):\(rest)", folding: folding) { log.warning($0) }
        } catch { throw .init("\(error)") }
    }

    private func lookup(_ table: Table, _ key: [UInt8]) throws(CommandFailure) -> [UInt8]? {
        do throws(TableError) { return try table.lookup(key) } catch { throw .init("\(error)") }
    }

    /// The lines of standard input.
    private func keys() throws(CommandFailure) -> [[UInt8]] {
        do throws(SystemError) {
            let text = try FileDescriptor(adopting: 0).readAll(limit: Self.inputLimit)
            return text.split(separator: .lf).map { Array($0) }
        } catch { throw .init("read standard input: \(error.reason)") }
    }

    private func print(_ line: [UInt8]) throws(CommandFailure) { try write(line + [.lf]) }

    private func write(_ bytes: [UInt8]) throws(CommandFailure) {
        let output = FileDescriptor(adopting: 1)
        let result = Result { () throws(SystemError) in try output.write(bytes) }
        // Standard output stays open: there may be more to write.
        _ = output.release()
        do throws(SystemError) { try result.get() } catch {
            throw .init("write standard output: \(error.reason)")
        }
    }
}
