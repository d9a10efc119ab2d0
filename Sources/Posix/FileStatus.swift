import CPosix
import Glibc

/// What stat(2) says of a file.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case regular, directory, symbolicLink, fifo, socket, other
    }

    package let kind: Kind
    package let device: UInt64
    package let inode: UInt64
    /// The twelve mode bits.
    package let mode: UInt32
    package let links: Int
    package let owner: UInt32
    package let group: UInt32
    package let size: Int
    package let accessed: FileTime
    package let modified: FileTime
    package let changed: FileTime

    /// The same file, whatever its name.
    package func isSameFile(as other: FileStatus) -> Bool {
        device == other.device && inode == other.inode
    }

    package var isWorldWritable: Bool { mode & 0o002 != 0 }
    package var isGroupWritable: Bool { mode & 0o020 != 0 }

    init(_ status: stat) {
        kind =
            cposix_is_regular(status.st_mode)
            ? .regular
            : cposix_is_directory(status.st_mode)
                ? .directory
                : cposix_is_symlink(status.st_mode)
                    ? .symbolicLink
                    : cposix_is_fifo(status.st_mode)
                        ? .fifo
                        : cposix_is_socket(status.st_mode) ? .socket : .other
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = status.st_mode & 0o7777
        links = Int(status.st_nlink)
        owner = status.st_uid
        group = status.st_gid
        size = Int(status.st_size)
        accessed = FileTime(status.st_atim)
        modified = FileTime(status.st_mtim)
        changed = FileTime(status.st_ctim)
    }
}

/// A time stamp of a file, with nanoseconds.
package struct FileTime: Comparable, Hashable, Sendable {
    /// Seconds since 1970.
    package let seconds: Int
    package let nanoseconds: Int

    package init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    init(_ time: timespec) {
        seconds = time.tv_sec
        nanoseconds = time.tv_nsec
    }

    package static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

extension FileDescriptor {
    package func status() throws(SystemError) -> FileStatus {
        let number = number
        var status = stat()
        _ = try retrying("fstat") { unsafe fstatCall(number, &status) }
        return FileStatus(status)
    }

    package func setMode(_ mode: UInt32) throws(SystemError) {
        let number = number
        _ = try retrying("fchmod") { fchmodCall(number, mode) }
    }

    package func setOwner(_ user: UInt32, group: UInt32) throws(SystemError) {
        let number = number
        _ = try retrying("fchown") { fchownCall(number, user, group) }
    }

    /// Sets the access and modification times; nil leaves one as it is.
    package func setTimes(accessed: FileTime?, modified: FileTime?) throws(SystemError) {
        let number = number
        let times = [accessed.timespec, modified.timespec]
        _ = try retrying("futimens") {
            unsafe times.withUnsafeBufferPointer { unsafe futimensCall(number, $0.baseAddress) }
        }
    }
}

extension Path {
    /// The status of what the path names; a symbolic link at its end is followed.
    package func status() throws(SystemError) -> FileStatus { try statusAt(0) }

    /// The status of the path's last component itself, link or not.
    package func linkStatus() throws(SystemError) -> FileStatus {
        try statusAt(AT_SYMLINK_NOFOLLOW)
    }

    /// The status, or nil when there is no such file.
    package func statusIfPresent() throws(SystemError) -> FileStatus? {
        do throws(SystemError) { return try status() } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    private func statusAt(_ flags: Int32) throws(SystemError) -> FileStatus {
        var status = stat()
        try unsafe withCString { (text) throws(SystemError) in
            _ = try retrying("stat \(self)") { unsafe fstatatCall(text, &status, flags) }
        }
        return FileStatus(status)
    }

    /// Sets the access and modification times; nil leaves one as it is.
    package func setTimes(accessed: FileTime?, modified: FileTime?) throws(SystemError) {
        let times = [accessed.timespec, modified.timespec]
        try unsafe withCString { (text) throws(SystemError) in
            _ = try retrying("utimensat \(self)") {
                unsafe times.withUnsafeBufferPointer { unsafe utimensCall(text, $0.baseAddress) }
            }
        }
    }

    /// Makes the file look new, by the clock of its file system, which over NFS is not ours.
    package func touch() throws(SystemError) {
        try unsafe withCString { (text) throws(SystemError) in
            _ = try retrying("utimensat \(self)") { unsafe touchCall(text) }
        }
    }
}

extension Optional<FileTime> {
    fileprivate var timespec: timespec {
        // UTIME_OMIT, which the Glibc module does not import.
        guard let self else { return Glibc.timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2) }
        return Glibc.timespec(tv_sec: self.seconds, tv_nsec: self.nanoseconds)
    }
}

@inline(never) private func fstatCall(_ fd: Int32, _ status: UnsafeMutablePointer<stat>) -> Int32 {
    outcome(unsafe fstat(fd, status))
}
@inline(never) private func fstatatCall(
    _ path: UnsafePointer<CChar>, _ status: UnsafeMutablePointer<stat>, _ flags: Int32
) -> Int32 { outcome(unsafe fstatat(AT_FDCWD, path, status, flags)) }
@inline(never) private func fchmodCall(_ fd: Int32, _ mode: UInt32) -> Int32 {
    outcome(fchmod(fd, mode))
}
@inline(never) private func fchownCall(_ fd: Int32, _ user: UInt32, _ group: UInt32) -> Int32 {
    outcome(fchown(fd, user, group))
}
@inline(never) private func futimensCall(_ fd: Int32, _ times: UnsafePointer<timespec>?) -> Int32 {
    outcome(unsafe futimens(fd, times))
}
@inline(never) private func touchCall(_ path: UnsafePointer<CChar>) -> Int32 {
    outcome(unsafe utimensat(AT_FDCWD, path, nil, 0))
}
@inline(never) private func utimensCall(
    _ path: UnsafePointer<CChar>, _ times: UnsafePointer<timespec>?
) -> Int32 {
    guard let times = unsafe times else { return -EFAULT }
    return outcome(unsafe utimensat(AT_FDCWD, path, times, 0))
}
