/// `LOGIN name password` (RFC 3501 section 6.2.3).
package struct LoginCommand: Equatable, Sendable {
    package let name: [UInt8]
    package let password: [UInt8]

    package init(name: [UInt8], password: [UInt8]) {
        self.name = name
        self.password = password
    }

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> LoginCommand {
        try cursor.space()
        let name = try cursor.astring("a user name")
        try cursor.space()
        return LoginCommand(name: name, password: try cursor.astring("a password"))
    }
}
