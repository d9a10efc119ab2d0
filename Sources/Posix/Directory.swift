import CPosix
import Glibc

/// Names in directories: making, moving, linking, removing and listing them.
extension Path {
    package func makeDirectory(mode: UInt32 = 0o700) throws(SystemError) {
        try unsafe call("mkdir") { unsafe mkdirCall($0, mode) }
    }

    /// Makes the directory and brings its name to the disk; one whose name may not be there goes again.
    package func makeDurableDirectory(mode: UInt32 = 0o700) throws(SystemError) {
        try makeDirectory(mode: mode)
        do throws(SystemError) { try parent.syncDirectory() } catch {
            // Where one may make names but not open the directory, the sync of what will lie in the
            // new one brings its name to the disk with it on Linux's journalling file systems.
            if error.isDenied { return }
            let failure = error
            do throws(SystemError) { try removeDirectory() } catch {
                // Others have begun to use it.
            }
            throw failure
        }
    }

    /// Makes the directory and every missing one above it, durably.
    package func makeDirectories(mode: UInt32 = 0o700) throws(SystemError) {
        do throws(SystemError) { try makeDurableDirectory(mode: mode) } catch {
            if error.code == EEXIST { return }
            guard error.code == ENOENT, parent != self else { throw error }
            try parent.makeDirectories(mode: mode)
            try makeDurableDirectory(mode: mode)
        }
    }

    package func removeDirectory() throws(SystemError) {
        try unsafe call("rmdir") { unsafe rmdirCall($0) }
    }

    package func unlink() throws(SystemError) {
        try unsafe call("unlink") { unsafe unlinkCall($0) }
    }

    /// Removes the name if it is there, and says whether it was.
    @discardableResult
    package func unlinkIfPresent() throws(SystemError) -> Bool {
        do throws(SystemError) {
            try unlink()
            return true
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    /// Gives the file the name `target`; what had that name before is replaced.
    package func rename(to target: Path) throws(SystemError) {
        try unsafe both(target, "rename") { unsafe renameCall($0, $1) }
    }

    /// Gives the file the name `target`, or EEXIST when that name is taken.
    package func rename(toNew target: Path) throws(SystemError) {
        do throws(SystemError) {
            try unsafe both(target, "rename") {
                unsafe cposix_rename_noreplace(AT_FDCWD, $0, AT_FDCWD, $1)
            }
        } catch {
            guard [EEXIST, EINVAL].contains(error.code) else { throw error }
            let source = try FileDescriptor.open(parent, .readOnly, .directory)
            let directory = try FileDescriptor.open(target.parent, .readOnly, .directory)
            try source.move(name, toNew: directory, target.name, after: error)
        }
    }

    /// Gives the file a second name; EEXIST when that name is taken.
    package func link(to target: Path) throws(SystemError) {
        try unsafe both(target, "link") { unsafe linkCall($0, $1) }
    }

    /// Makes `self` a symbolic link that holds `target`.
    package func makeSymbolicLink(to target: Path) throws(SystemError) {
        try unsafe target.both(self, "symlink") { unsafe symlinkCall($0, $1) }
    }

    package func setMode(_ mode: UInt32) throws(SystemError) {
        try unsafe call("chmod") { unsafe chmodCall($0, mode) }
    }

    package func setOwner(_ user: UInt32, group: UInt32) throws(SystemError) {
        try unsafe call("chown") { unsafe chownCall($0, user, group) }
    }

    /// Makes a FIFO.
    package func makeFIFO(mode: UInt32) throws(SystemError) {
        try unsafe call("mkfifo") { unsafe mkfifoCall($0, mode) }
    }

    /// Forces the directory's names to the disk: after a rename or link, before success is
    /// reported.
    ///
    /// File systems that cannot sync a directory (EINVAL) are taken at their word.
    package func syncDirectory() throws(SystemError) {
        let directory = try FileDescriptor.open(self, .readOnly, .directory)
        do throws(SystemError) { try directory.sync() } catch {
            if error.code != EINVAL { throw error }
        }
    }

    /// The names in the directory, without `.` and `..`, in the order the file system has them.
    package func list() throws(SystemError) -> [Path] {
        let directory = try FileDescriptor.open(self, .readOnly, .directory).release()
        guard let stream = unsafe fdopendir(directory) else {
            _ = close(directory)
            throw SystemError(ENOMEM, "opendir \(self)")
        }
        defer { unsafe closedir(stream) }
        return unsafe try readNames(stream, "readdir \(self)")
    }

    /// The free space of the file system that holds the path: octets, and inodes (nil where the
    /// file system does not count them).
    package func freeSpace() throws(SystemError) -> (bytes: UInt64, inodes: UInt64?) {
        var (bytes, free, all): (UInt64, UInt64, UInt64) = (0, 0, 0)
        try unsafe withCString { (text) throws(SystemError) in
            _ = try retrying("statvfs \(self)") {
                unsafe cposix_statvfs(text, &bytes, &free, &all)
            }
        }
        return (bytes, all == 0 ? nil : free)
    }

    private func call(
        _ name: String, _ body: (UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) {
        try unsafe withCString { (text) throws(SystemError) in
            _ = try retrying("\(name) \(self)") { unsafe body(text) }
        }
    }

    private func both(
        _ other: Path, _ name: String,
        _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32
    ) throws(SystemError) {
        try unsafe withCString { (text) throws(SystemError) in
            try unsafe other.withCString { (second) throws(SystemError) in
                _ = try retrying("\(name) \(self) to \(other)") { unsafe body(text, second) }
            }
        }
    }
}

/// The names that a directory stream still has, without `.` and `..`.
func readNames(
    _ stream: OpaquePointer, _ operation: @autoclosure () -> String
) throws(SystemError) -> [Path] {
    var names: [Path] = []
    while true {
        var failure: Int32 = 0
        guard let entry = unsafe nextEntry(stream, &failure) else {
            if failure != 0 { throw SystemError(failure, operation()) }
            return names
        }
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
            unsafe $0.withMemoryRebound(to: UInt8.self, capacity: 256) {
                unsafe Array(UnsafeBufferPointer(start: $0, count: strnlen($0, 256)))
            }
        }
        if name != [0x2E], name != [0x2E, 0x2E] { names.append(Path(name)) }
    }
}

/// The next entry of a directory stream; nil at the end or, with `failure` set, on an error.
@inline(never) private func nextEntry(
    _ stream: OpaquePointer, _ failure: inout Int32
) -> UnsafeMutablePointer<dirent>? {
    errno = 0
    let entry = unsafe readdir(stream)
    failure = unsafe entry == nil ? errno : 0
    return unsafe entry
}

private typealias Text = UnsafePointer<CChar>
@inline(never) private func mkdirCall(_ path: Text, _ mode: UInt32) -> Int32 {
    outcome(unsafe mkdir(path, mode))
}
@inline(never) private func rmdirCall(_ path: Text) -> Int32 { outcome(unsafe rmdir(path)) }
@inline(never) private func unlinkCall(_ path: Text) -> Int32 { outcome(unsafe unlink(path)) }
@inline(never) private func renameCall(_ old: Text, _ new: Text) -> Int32 {
    outcome(unsafe rename(old, new))
}
@inline(never) private func linkCall(_ old: Text, _ new: Text) -> Int32 {
    outcome(unsafe link(old, new))
}
@inline(never) private func symlinkCall(_ old: Text, _ new: Text) -> Int32 {
    outcome(unsafe symlink(old, new))
}
@inline(never) private func chmodCall(_ path: Text, _ mode: UInt32) -> Int32 {
    outcome(unsafe chmod(path, mode))
}
@inline(never) private func mkfifoCall(_ path: Text, _ mode: UInt32) -> Int32 {
    outcome(unsafe mkfifo(path, mode))
}
@inline(never) private func chownCall(_ path: Text, _ user: UInt32, _ group: UInt32) -> Int32 {
    outcome(unsafe lchown(path, user, group))
}
