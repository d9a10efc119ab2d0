import CPosix
import Glibc

/// Names below an open directory: nothing that is done to the path that once led there can send
/// these calls elsewhere, and no function here follows a symbolic link in a name's last component.
extension FileDescriptor {
    /// The status of the name itself, link or not.
    package func status(of name: Path) throws(SystemError) -> FileStatus {
        let number = number
        var status = stat()
        try unsafe name.withCString { (text) throws(SystemError) in
            _ = try retrying("stat \(name)") { unsafe statusCall(number, text, &status) }
        }
        return FileStatus(status)
    }

    /// The status of the name, or nil when there is none.
    package func statusIfPresent(of name: Path) throws(SystemError) -> FileStatus? {
        do throws(SystemError) { return try status(of: name) } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    package func makeDirectory(_ name: Path, mode: UInt32 = 0o700) throws(SystemError) {
        try unsafe call("mkdir", name) { unsafe mkdirCall($0, $1, mode) }
    }

    package func removeDirectory(_ name: Path) throws(SystemError) {
        try unsafe call("rmdir", name) { unsafe unlinkCall($0, $1, AT_REMOVEDIR) }
    }

    package func unlink(_ name: Path) throws(SystemError) {
        try unsafe call("unlink", name) { unsafe unlinkCall($0, $1, 0) }
    }

    /// Removes the name if it is there, and says whether it was.
    @discardableResult
    package func unlinkIfPresent(_ name: Path) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try unlink(name)
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    /// Moves `name` of this directory to `target` of `directory`, replacing what is there.
    package func rename(
        _ name: Path, to directory: borrowing FileDescriptor, _ target: Path
    ) throws(SystemError) {
        let other = directory.number
        try unsafe both("rename", name, target) { unsafe renameCall($0, $1, other, $2) }
    }

    /// Moves `name` of this directory to `target` of `directory`, or EEXIST when that is taken.
    package func rename(
        _ name: Path, toNew directory: borrowing FileDescriptor, _ target: Path
    ) throws(SystemError) {
        let other = directory.number
        do throws(SystemError) {
            try unsafe both("rename", name, target) {
                unsafe cposix_rename_noreplace($0, $1, other, $2)
            }
        } catch { try move(name, toNew: directory, target, after: error) }
    }

    /// Gives the file `name` of this directory a second name, `target` of `directory`; EEXIST when
    /// that is taken.
    package func link(
        _ name: Path, to directory: borrowing FileDescriptor, _ target: Path
    ) throws(SystemError) {
        let other = directory.number
        try unsafe both("link", name, target) { unsafe linkCall($0, $1, other, $2) }
    }

    /// The names in this directory, without `.` and `..`, in the order the file system has them.
    package func names() throws(SystemError) -> [Path] {
        let directory = try open(".", .readOnly, .directory).release()
        guard let stream = unsafe fdopendir(directory) else {
            _ = close(directory)
            throw SystemError(ENOMEM, "opendir")
        }
        defer { unsafe closedir(stream) }
        return unsafe try readNames(stream, "readdir")
    }

    /// Forces the names of this directory to the disk: after a rename or link, before success is
    /// reported.
    ///
    /// File systems that cannot sync a directory (EINVAL) are taken at their word.
    package func syncNames() throws(SystemError) {
        do throws(SystemError) { try sync() } catch {
            if error.code != EINVAL { throw error }
        }
    }

    private func call(
        _ operation: String, _ name: Path, _ body: (Int32, UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) {
        let number = number
        try unsafe name.withCString { (text) throws(SystemError) in
            _ = try retrying("\(operation) \(name)") { unsafe body(number, text) }
        }
    }

    private func both(
        _ operation: String, _ name: Path, _ target: Path,
        _ body: (Int32, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) {
        let number = number
        try unsafe name.withCString { (text) throws(SystemError) in
            try unsafe target.withCString { (second) throws(SystemError) in
                _ = try retrying("\(operation) \(name) to \(target)") {
                    unsafe body(number, text, second)
                }
            }
        }
    }
}

private typealias Text = UnsafePointer<CChar>
@inline(never) private func statusCall(
    _ directory: Int32, _ name: Text, _ status: UnsafeMutablePointer<stat>
) -> Int32 { outcome(unsafe fstatat(directory, name, status, AT_SYMLINK_NOFOLLOW)) }
@inline(never) private func mkdirCall(_ directory: Int32, _ name: Text, _ mode: UInt32) -> Int32 {
    outcome(unsafe mkdirat(directory, name, mode))
}
@inline(never) private func unlinkCall(_ directory: Int32, _ name: Text, _ flags: Int32) -> Int32 {
    outcome(unsafe unlinkat(directory, name, flags))
}
@inline(never) private func renameCall(
    _ from: Int32, _ old: Text, _ to: Int32, _ new: Text
) -> Int32 { outcome(unsafe renameat(from, old, to, new)) }
@inline(never) private func linkCall(
    _ from: Int32, _ old: Text, _ to: Int32, _ new: Text
) -> Int32 { outcome(unsafe linkat(from, old, to, new, 0)) }
