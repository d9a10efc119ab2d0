import Tables

/// A table that is opened when it is first asked.
///
/// One that cannot be opened makes the lookup fail, and the client try again later: mail that does not
/// need it goes on.
final class LazyTable {
    private let specification: String
    private var table: Table?

    init(_ specification: String) { self.specification = specification }

    func lookup(_ key: [UInt8]) throws(TableError) -> [UInt8]? {
        if let table { return try table.lookup(key) }
        let opened = try Table.open(specification)
        table = opened
        return try opened.lookup(key)
    }
}
