import Posix

/// The types of tables: one line each.
package struct TableKind: Sendable {
    package let name: String
    /// How its files are built; nil for a type that has none.
    package let database: DatabaseType?
    let open:
        @Sendable (String, Table.Folding, @escaping (String) -> Void) throws(TableError) ->
            any LookupSource

    /// All types, in alphabetical order.
    package static let all: [TableKind] = [
        TableKind("btree", .btree) { (name, _, warn) throws(TableError) in
            try DatabaseTable(Path(name), .btree, warn)
        },
        TableKind("fail") { (name, _, _) in FailingTable(name) },
        TableKind("hash", .hash) { (name, _, warn) throws(TableError) in
            try DatabaseTable(Path(name), .hash, warn)
        },
        TableKind("inline") { (name, folding, _) throws(TableError) in
            try InlineTable(name, folding)
        },
        TableKind("proxy") { (name, folding, warn) throws(TableError) in
            try ProxiedTable(name, folding, warn)
        },
        TableKind("static") { (name, _, _) throws(TableError) in try StaticTable(name) },
        TableKind("texthash") { (name, folding, warn) throws(TableError) in
            try TextTable(Path(name), folding, warn)
        },
        TableKind("unix") { (name, _, _) throws(TableError) in try UnixTable(name) },
    ]

    package static func named(_ name: String) -> TableKind? { all.first { $0.name == name } }

    private init(
        _ name: String, _ database: DatabaseType? = nil,
        open:
            @escaping @Sendable (String, Table.Folding, @escaping (String) -> Void)
            throws(TableError) -> any LookupSource
    ) {
        self.name = name
        self.database = database
        self.open = open
    }
}

/// The shapes of Berkeley DB files.
package enum DatabaseType: Sendable { case hash, btree }
