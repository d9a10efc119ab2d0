/// `ID NIL` or `ID ("name" "value" …)` (RFC 2971).
package struct IDCommand: Equatable, Sendable {
    package struct Field: Equatable, Sendable {
        package let name: [UInt8]
        package let value: [UInt8]?
    }

    /// RFC 2971 section 3.3.
    static let fieldLimit = 30

    /// What the client says of itself; claims, never proof.
    package let fields: [Field]

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> IDCommand {
        try cursor.space()
        if cursor.take(word: "NIL") { return IDCommand(fields: []) }
        return IDCommand(
            fields: try cursor.list(of: "fields", limit: fieldLimit, orEmpty: true) {
                (cursor) throws(SyntaxError) in
                let name = try cursor.string("a field name")
                try cursor.space()
                return Field(name: name, value: try cursor.nstring("a value"))
            })
    }
}
