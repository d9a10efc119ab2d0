import Bytes
import Posix
import Settings

/// `static:value`: every key has the value; `static:{value with blanks}` too.
final class StaticTable: LookupSource {
    private let value: [UInt8]

    init(_ name: String) throws(TableError) {
        let text = Array(name.utf8)
        guard text.first == UInt8(ascii: "{") else {
            value = text
            return
        }
        guard text.last == UInt8(ascii: "}"), text.count >= 2 else {
            throw .malformed("bad static: table syntax: missing '}' in \"{...\": \"\(name)\"")
        }
        value = Array(text.dropFirst().dropLast().trimmed)
    }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? { value }
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? { nil }
}

/// `fail:name`: every lookup fails, for tests.
final class FailingTable: LookupSource {
    private let name: String

    init(_ name: String) { self.name = name }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        throw .failed("table fail:\(name): lookup error")
    }
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? {
        throw .failed("table fail:\(name): lookup error")
    }
}

/// `inline:{ key=value, { key = value with blanks } }`: a table within main.cf.
final class InlineTable: LookupSource {
    private var values: [[UInt8]: [UInt8]] = [:]
    private var keys: [[UInt8]] = []

    init(_ name: String, _ folding: Table.Folding) throws(TableError) {
        let text = Array(name.utf8)
        let fault = "; need \"inline:{name=value...}\""
        guard text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}"), text.count >= 2
        else { throw .malformed("bad syntax: \"inline:\(name)\"\(fault)") }
        let body = String(decoding: text.dropFirst().dropLast(), as: UTF8.self)
        for word in ParameterValue.words(body) {
            let bare = word.hasPrefix("{") ? String(word.dropFirst().dropLast()) : word
            guard let (key, value) = splitSetting(bare) else {
                throw .malformed("missing '=' after attribute name: \"inline:\(name)\"\(fault)")
            }
            let folded = folding == .lowercase ? Array(key.utf8).lowercased : Array(key.utf8)
            if values.updateValue(Array(value.utf8), forKey: folded) == nil { keys.append(folded) }
        }
        guard !keys.isEmpty else { throw .malformed("empty: \"inline:\(name)\"\(fault)") }
    }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? { values[key] }
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? {
        keys.compactMap { key in values[key].map { (key, $0) } }
    }
}

/// `proxy:type:name`: the table itself, opened by this process.
///
/// Postfix has a process that opens it for others; a table that only that process may read cannot
/// be reached this way.
final class ProxiedTable: LookupSource {
    private let table: Table

    init(
        _ name: String, _ folding: Table.Folding, _ warn: @escaping (String) -> Void
    ) throws(TableError) {
        table = try Table.open(name, folding: folding, warn: warn)
    }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? { try table.lookup(key) }
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? {
        try table.entries()
    }
}

/// `unix:passwd.byname` and `unix:group.byname`: the accounts and groups of this machine.
final class UnixTable: LookupSource {
    private enum Map: String {
        case users = "passwd.byname"
        case groups = "group.byname"
    }
    private let map: Map

    init(_ name: String) throws(TableError) {
        guard let map = Map(rawValue: name) else {
            throw .malformed("unknown table: unix:\(name)")
        }
        self.map = map
    }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        guard !key.contains(0), let name = String(utf8: key) else { return nil }
        do throws(SystemError) {
            switch map {
            case .users:
                return try User.named(name).map {
                    Array("\($0.name):*:\($0.id):\($0.group):\($0.fullName):\($0.home):\($0.shell)")
                }
            case .groups: return try Group.id(named: name).map { Array("\(name):*:\($0):") }
            }
        } catch { throw .failed("table unix:\(map.rawValue): \(error)") }
    }
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]? { nil }
}
