import Bytes

/// A lookup table of any type: a key in, a value or nothing out.
///
/// A table serves one process and is not shared between threads.
package final class Table {
    /// `type:name`, as configured.
    package let specification: String
    private let source: any LookupSource
    private let folding: Folding

    /// What happens to a key before it is looked up.
    package enum Folding: Sendable {
        /// ASCII capitals become small letters, in types whose keys are fixed strings.
        case lowercase
        case none
    }

    private init(_ specification: String, _ source: any LookupSource, _ folding: Folding) {
        self.specification = specification
        self.source = source
        self.folding = folding
    }

    /// Opens `type:name`.
    ///
    /// `warn` is told what an administrator should know though the table works, such as a source
    /// that is newer than its database.
    package static func open(
        _ specification: String, folding: Folding = .lowercase,
        warn: @escaping (String) -> Void = { _ in }
    ) throws(TableError) -> Table {
        let (type, name) = try split(specification)
        guard let kind = TableKind.named(type) else { throw .notSupported(type: type) }
        return Table(specification, try kind.open(name, folding, warn), folding)
    }

    /// The two parts of `type:name`.
    package static func split(
        _ specification: String
    ) throws(TableError) -> (type: String, name: String) {
        guard let colon = specification.utf8.firstIndex(of: .colon),
            colon != specification.utf8.startIndex
        else {
            throw .malformed(
                "open dictionary: expecting \"type:name\" form instead of "
                    + "\"\(specification)\"")
        }
        return (
            String(specification[..<colon]),
            String(specification[specification.utf8.index(after: colon)...])
        )
    }

    /// The value of `key`; nil when the table has none.
    package func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        try source.lookup(folding == .lowercase ? key.lowercased : key)
    }

    /// All entries, in the table's own order.
    package func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])] {
        guard let entries = try source.entries() else {
            throw .failed("table \(specification): sequence operation is not supported")
        }
        return entries
    }
}

/// What stands behind a table.
protocol LookupSource: AnyObject {
    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]?
    /// All entries; nil when the type cannot list them.
    func entries() throws(TableError) -> [(key: [UInt8], value: [UInt8])]?
}

/// Several tables that are asked in turn: the first answer counts.
package struct TableList {
    package let tables: [Table]

    /// Opens every `type:name` of a parameter's words.
    package static func open(
        _ specifications: [String], folding: Table.Folding = .lowercase,
        warn: @escaping (String) -> Void = { _ in }
    ) throws(TableError) -> TableList {
        var tables: [Table] = []
        for word in specifications {
            tables.append(try Table.open(word, folding: folding, warn: warn))
        }
        return TableList(tables: tables)
    }

    package var isEmpty: Bool { tables.isEmpty }

    /// The first value that a table has for `key`.
    ///
    /// A table that fails before one has answered makes the lookup fail: later tables must not
    /// answer in its place.
    package func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        try find(key)?.value
    }

    /// The first value and the table that has it.
    package func find(_ key: [UInt8]) throws(TableError) -> (value: [UInt8], table: Table)? {
        for table in tables {
            if let value = try table.lookup(key) { return (value, table) }
        }
        return nil
    }
}
