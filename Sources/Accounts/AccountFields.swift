package import Bytes
import Posix

/// An account in a message between two of our processes.
extension Account {
    package func encode(into fields: inout FieldWriter) {
        fields.put(name)
        fields.put(Int(user))
        fields.put(Int(group))
        fields.put(groups) { group, fields in fields.put(Int(group)) }
        fields.put(home.bytes)
        fields.put(mailLocation)
        fields.put(privilegedGroup.map { Int($0) } ?? -1)
    }

    package init(from fields: inout FieldReader) throws(MalformedFrame) {
        let name = try fields.octets()
        guard let user = UInt32(exactly: try fields.number()),
            let group = UInt32(exactly: try fields.number())
        else { throw MalformedFrame() }
        let groups = try fields.list { (fields) throws(MalformedFrame) in
            guard let group = UInt32(exactly: try fields.number()) else { throw MalformedFrame() }
            return group
        }
        self.init(
            name: name, user: user, group: group, groups: groups,
            home: Path(try fields.octets()), mailLocation: try fields.octets(),
            privilegedGroup: UInt32(exactly: try fields.number()))
    }
}
