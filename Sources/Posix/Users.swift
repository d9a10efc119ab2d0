import CPosix
import Glibc

/// An account of this machine, as the name service has it.
package struct User: Equatable, Sendable {
    package let name: String
    package let id: UInt32
    package let group: UInt32
    /// The full name of the GECOS field, up to its first comma.
    package let fullName: String
    package let home: Path
    package let shell: Path

    package init(
        name: String, id: UInt32, group: UInt32, fullName: String = "", home: Path,
        shell: Path = "/bin/sh"
    ) {
        self.name = name
        self.id = id
        self.group = group
        self.fullName = fullName
        self.home = home
        self.shell = shell
    }

    /// The account called `name`; nil when there is none.
    ///
    /// An error means that the name service did not answer, which must never be taken for "no
    /// such user".
    package static func named(_ name: String) throws(SystemError) -> User? {
        try unsafe look("getpwnam") { unsafe getpwnam_r(name, $0, $1, $2, $3) }
    }

    package static func withID(_ id: UInt32) throws(SystemError) -> User? {
        try unsafe look("getpwuid") { unsafe getpwuid_r(id, $0, $1, $2, $3) }
    }

    private static func look(
        _ operation: String,
        _ find: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) throws(SystemError) -> User? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var size = 4096
        while true {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { unsafe buffer.deallocate() }
            let failure = unsafe find(&entry, buffer, size, &found)
            if failure == ERANGE, size < 1 << 20 {
                size *= 4
                continue
            }
            // The ways in which name services say "none": getpwnam_r(3).
            if unsafe found == nil {
                if [0, ENOENT, ESRCH, EBADF, EPERM].contains(failure) { return nil }
                throw SystemError(failure, operation)
            }
            return unsafe User(entry)
        }
    }

    private init(_ entry: passwd) {
        name = unsafe String(cString: entry.pw_name)
        id = unsafe entry.pw_uid
        group = unsafe entry.pw_gid
        let gecos = unsafe entry.pw_gecos.map { unsafe String(cString: $0) } ?? ""
        fullName = String(gecos.prefix { $0 != "," })
        home = Path(unsafe String(cString: entry.pw_dir))
        shell = Path(unsafe String(cString: entry.pw_shell))
    }

    /// The groups that the account belongs to, its own first.
    package var groups: [UInt32] {
        var count: Int32 = 64
        while true {
            var list = [gid_t](repeating: 0, count: Int(count))
            if unsafe getgrouplist(name, group, &list, &count) >= 0 {
                return Array(list.prefix(Int(count)))
            }
            guard count > list.count else { return [group] }
        }
    }
}

package enum Group {
    /// The number of the group called `name`; nil when there is none.
    package static func id(named name: String) throws(SystemError) -> UInt32? {
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        // Members are listed in the entry: room for large groups.
        let size = 1 << 18
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        defer { unsafe buffer.deallocate() }
        let failure = unsafe getgrnam_r(name, &entry, buffer, size, &found)
        if unsafe found == nil {
            if [0, ENOENT, ESRCH, EBADF, EPERM].contains(failure) { return nil }
            throw SystemError(failure, "getgrnam \(name)")
        }
        return unsafe entry.gr_gid
    }
}

/// What the shadow file says of an account; readable by root only.
package struct ShadowEntry: Sendable {
    /// The hash that crypt(3) understands; `*` or `!` in front means that no password fits.
    package let hash: String
    /// The account or its password has expired.
    package let isExpired: Bool

    /// The entry of `user`, nil when there is none.
    package static func of(_ user: String) throws(SystemError) -> ShadowEntry? {
        var hash = [CChar](repeating: 0, count: 1024)
        var expired = false
        let result = unsafe user.withCString { unsafe cposix_shadow($0, &hash, 1024, &expired) }
        if result == -ENOENT { return nil }
        _ = try checking("getspnam", result)
        let text = hash.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return ShadowEntry(hash: String(decoding: text, as: UTF8.self), isExpired: expired)
    }
}
