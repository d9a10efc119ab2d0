import Bytes

/// One user of a passwd-file: `user:password:uid:gid:(gecos):home:(shell):extra_fields`.
package struct PasswdEntry: Equatable, Sendable {
    package let name: [UInt8]
    /// As it stands in the file; empty when there is none.
    package let password: [UInt8]
    /// Names or numbers; empty when not given.
    package let user: [UInt8]
    package let group: [UInt8]
    package let home: [UInt8]
    package let extra: [ExtraField]
    /// Whether the line has a group field: without one it says nothing about the user but the
    /// password.
    package let hasUserFields: Bool

    /// One of the `key=value` behind the shell.
    package struct ExtraField: Equatable, Sendable {
        package let key: [UInt8]
        package let value: [UInt8]
    }

    /// Reads a line; nil for one that is empty, a comment, or begins with a colon.
    package init?(line: ArraySlice<UInt8>) {
        let end = line.last == .cr ? line.dropLast() : line
        guard let first = end.first, first != UInt8(ascii: "#"), first != .colon else { return nil }
        // The seventh colon is the last that separates: extra fields may hold more.
        let fields = end.split(separator: .colon, maxSplits: 7, omittingEmptySubsequences: false)
            .map { Array($0) }
        func field(_ index: Int) -> [UInt8] { index < fields.count ? fields[index] : [] }
        name = field(0)
        password = field(1)
        user = field(2)
        group = field(3)
        home = field(5)
        hasUserFields = fields.count > 3
        extra = Self.extraFields(field(7))
    }

    private static func extraFields(_ text: [UInt8]) -> [ExtraField] {
        var rest = text[...]
        // Before 1.1 the mail location stood in a field of its own: `…:shell::LOCATION`.
        if rest.first == .colon, rest.count > 1 {
            rest = Array("userdb_mail=")[...] + rest.dropFirst()
        }
        return rest.split(separator: .space).map { word in
            let key = word.prefix { $0 != UInt8(ascii: "=") }
            return ExtraField(
                key: Array(key), value: Array(word.dropFirst(key.count).dropFirst()))
        }
    }

    /// The value of the last extra field called `key`.
    package func extra(_ key: StaticString) -> [UInt8]? {
        extra.last { $0.key.elementsEqual(key.octets) }?.value
    }

    /// What is wrong with the line when it is used for both passwords and users; nil: nothing.
    var fault: String? {
        if !hasUserFields { return nil }
        if user == [UInt8(ascii: "0")] || user.elementsEqual("root".utf8) {
            return "user 0 is refused"
        }
        if group == [UInt8(ascii: "0")] || group.elementsEqual("root".utf8) {
            return "group 0 is refused"
        }
        return nil
    }
}
