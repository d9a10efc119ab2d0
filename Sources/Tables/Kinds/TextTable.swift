import Bytes
package import Posix

/// `texthash:file`: postmap's source read into memory when the table is opened.
final class TextTable: LookupSource {
    private var values: [[UInt8]: [UInt8]] = [:]
    private var keys: [[UInt8]] = []

    init(
        _ file: Path, _ folding: Table.Folding, _ warn: @escaping (String) -> Void
    ) throws(TableError) {
        for item in MapSource(try readSource(file), folding: folding) {
            switch item {
            case .entry(let entry):
                if values[entry.key] == nil {
                    values[entry.key] = entry.value
                    keys.append(entry.key)
                } else {
                    let key = String(printable: entry.key)
                    warn("\(file), line \(entry.line): duplicate entry: \"\(key)\"")
                }
            case .stray(let text):
                warn("\(file): logical line must not start with whitespace: \"\(text)\"")
            case .malformed(let line, let text):
                warn("\(file), line \(line): \(text) -- ignoring this line")
            case .suspicious(let line, let text): warn("\(file), line \(line): \(text)")
            }
        }
    }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? { values[key] }
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? {
        keys.compactMap { key in values[key].map { (key, $0) } }
    }
}

/// The largest source of a table that is read: 256 MiB, some millions of entries.
private let sourceLimit = 1 << 28

/// The octets of a table's source.
package func readSource(_ file: Path) throws(TableError) -> [UInt8] {
    do throws(SystemError) {
        return try FileDescriptor.open(file).readAll(limit: sourceLimit)
    } catch { throw .failed("open \(file): \(error.reason)") }
}
