import CPosix
import Glibc

/// Whose rights this process has, and giving them up.
package enum Rights {
    package static var user: UInt32 { getuid() }
    package static var effectiveUser: UInt32 { geteuid() }
    package static var group: UInt32 { getgid() }
    package static var effectiveGroup: UInt32 { getegid() }

    /// True in a set-uid or set-gid program: nothing the caller set up may be trusted.
    package static var areElevated: Bool { cposix_secure_execution() }

    /// Becomes `user` with `group` and `supplementary` groups for good, and proves that the way
    /// back is closed.
    ///
    /// Needs root unless nothing changes.
    package static func become(
        user: UInt32, group: UInt32, supplementary: [UInt32]
    ) throws(SystemError) {
        if geteuid() == 0 {
            _ = try checking("setgroups", groupsCall(supplementary))
        }
        _ = try checking("setresgid", cposix_setresgid(group, group, group))
        _ = try checking("setresuid", cposix_setresuid(user, user, user))
        guard
            user == 0
                || (cposix_setresuid(0, 0, 0) < 0 && (group == 0 || cposix_setresgid(0, 0, 0) < 0))
        else { throw SystemError(EPERM, "rights came back after becoming user \(user)") }
    }

    /// Becomes the account `user` with its groups, for good.
    package static func become(_ user: User) throws(SystemError) {
        try become(user: user.id, group: user.group, supplementary: user.groups)
    }

    /// Makes `group` the effective group while `body` runs.
    ///
    /// For a set-gid program, or a process that kept the group as its saved one, which must make
    /// a file in a directory of that group.
    package static func withEffectiveGroup<Result: ~Copyable>(
        _ group: UInt32, _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let before = getegid()
        guard before != group else { return try body() }
        _ = try checking("setresgid", cposix_setresgid(.max, group, .max))
        defer { _ = cposix_setresgid(.max, before, .max) }
        return try body()
    }

    /// Becomes `user` for good but keeps `group` as the saved group, to be put on for moments with
    /// `withEffectiveGroup`.
    package static func become(_ user: User, keepingGroup kept: UInt32) throws(SystemError) {
        try become(
            user: user.id, group: user.group, supplementary: user.groups, keepingGroup: kept)
    }

    /// As `become(_:keepingGroup:)`, for an account that the machine does not know.
    package static func become(
        user: UInt32, group: UInt32, supplementary: [UInt32], keepingGroup kept: UInt32
    ) throws(SystemError) {
        _ = try checking("setgroups", groupsCall(supplementary))
        _ = try checking("setresgid", cposix_setresgid(group, group, kept))
        _ = try checking("setresuid", cposix_setresuid(user, user, user))
        guard user == 0 || cposix_setresuid(0, 0, 0) < 0 else {
            throw SystemError(EPERM, "rights came back after becoming user \(user)")
        }
    }

    /// Makes `directory` the only part of the file system that this process can name from now on.
    ///
    /// Needs root, which is to be given up right after: root could get out again.
    package static func confine(to directory: Path) throws(SystemError) {
        try unsafe directory.withCString { (text) throws(SystemError) in
            _ = try checking("chroot \(directory)", unsafe chrootCall(text))
        }
        try Process.changeDirectory("/")
    }

    /// No program started from here can gain rights, set-uid or not.
    package static func forbidNewPrivileges() throws(SystemError) {
        _ = try checking("prctl", cposix_no_new_privileges())
    }
}

/// The environment of this process.
package enum Environment {
    /// Leaves only the variables called in `names`.
    ///
    /// The first statement of every program: the Swift runtime and the C library act on variables
    /// that a caller may have planted.
    package static func keepOnly(_ names: [String]) {
        let kept = names.compactMap { name in self[name].map { (name, $0) } }
        clearenv()
        for (name, value) in kept { self[name] = value }
    }

    /// Every variable, in the order in which the process got them.
    package static var all: [(name: [UInt8], value: [UInt8])] {
        var entries: [(name: [UInt8], value: [UInt8])] = []
        var place = unsafe environ
        while let text = unsafe place.pointee {
            let bytes = unsafe Array(UnsafeBufferPointer(start: text, count: strlen(text)))
                .map { UInt8(bitPattern: $0) }
            if let sign = bytes.firstIndex(of: 0x3D), sign > 0 {
                entries.append((Array(bytes[..<sign]), Array(bytes[(sign + 1)...])))
            }
            unsafe place += 1
        }
        return entries
    }

    package static subscript(_ name: String) -> String? {
        get { unsafe getenv(name).map { unsafe String(cString: $0) } }
        set {
            if let newValue { unsafe setenv(name, newValue, 1) } else { unsafe unsetenv(name) }
        }
    }
}

@inline(never) private func chrootCall(_ path: UnsafePointer<CChar>) -> Int32 {
    outcome(unsafe chroot(path))
}
@inline(never) private func groupsCall(_ groups: [UInt32]) -> Int32 {
    outcome(unsafe setgroups(groups.count, groups))
}
