import Bytes
package import Settings

/// The aliases of this machine: `alias_maps`.
package struct AliasDatabase {
    private let maps: TableList

    /// Opens the tables that `alias_maps` lists.
    package static func open(
        _ specifications: [String], warn: @escaping (String) -> Void = { _ in }
    ) throws(TableError) -> AliasDatabase {
        AliasDatabase(maps: try TableList.open(specifications, warn: warn))
    }

    /// What `name` stands for, its case ignored; nil when it is no alias.
    package func targets(of name: [UInt8]) throws(TableError) -> [AliasTarget]? {
        try maps.lookup(name).map { AliasValue.targets($0) }
    }

    /// The value as the table has it, and the table's specification.
    package func find(_ name: [UInt8]) throws(TableError) -> (value: [UInt8], table: String)? {
        try maps.find(name).map { ($0.value, $0.table.specification) }
    }
}

/// Where aliases are and which of their databases `newaliases` builds.
package struct AliasSettings: SettingsGroup {
    package var maps: [String] = []
    package var database: [String] = []
    package var defaultType = ""

    package init() {}

    // Postfix's own default names NIS as well, where the machine's library has it.
    package static let parameters: [Parameter<AliasSettings>] = [
        .words(
            "alias_maps", \.maps, "hash:/etc/aliases",
            "The tables that local aliases are looked up in."),
        .words(
            "alias_database", \.database, "hash:/etc/aliases",
            "The alias tables that newaliases builds."),
        .text(
            "default_database_type", \.defaultType, "hash", minimum: 1,
            "The type of a table whose type is not written."),
    ]
}
