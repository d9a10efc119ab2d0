import CPosix
import Glibc

/// How a file is opened.
package struct OpenOptions: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// O_CREAT: made when missing.
    package static let create = OpenOptions(rawValue: O_CREAT)
    /// O_CREAT and O_EXCL: made here, or EEXIST; never follows a link.
    package static let exclusive = OpenOptions(rawValue: O_CREAT | O_EXCL)
    package static let append = OpenOptions(rawValue: O_APPEND)
    package static let truncate = OpenOptions(rawValue: O_TRUNC)
    package static let directory = OpenOptions(rawValue: O_DIRECTORY)
    /// O_NOFOLLOW: a symbolic link in the last component is ELOOP.
    package static let noFollow = OpenOptions(rawValue: O_NOFOLLOW)
    /// O_NONBLOCK: opening a FIFO does not wait for its other end.
    package static let nonBlocking = OpenOptions(rawValue: O_NONBLOCK)
}

package enum OpenAccess: Sendable {
    case readOnly, writeOnly, readWrite

    var flags: Int32 {
        switch self {
        case .readOnly: O_RDONLY
        case .writeOnly: O_WRONLY
        case .readWrite: O_RDWR
        }
    }
}

extension FileDescriptor {
    /// Opens `path`; O_CLOEXEC is always set.
    ///
    /// `mode` applies, less the umask, when the file is made.
    package static func open(
        _ path: Path, _ access: OpenAccess = .readOnly, _ options: OpenOptions = [],
        mode: UInt32 = 0o600
    ) throws(SystemError) -> FileDescriptor {
        FileDescriptor(
            adopting: try openNumber(AT_FDCWD, path, access.flags | options.rawValue, mode))
    }

    /// Opens nothing where standard input, output or error is not open: what is opened next must not be
    /// read or written as one of them.
    package static func fillStandardPlaces() throws(SystemError) {
        for number: Int32 in 0...2 where !isOpen(number) {
            // It takes the lowest place that is free.
            let null = try open("/dev/null", .readWrite)
            try Process.redirect(null.number, to: number)
            if null.number == number { _ = null.release() }
        }
    }

    private static func isOpen(_ number: Int32) -> Bool {
        do throws(SystemError) {
            _ = try withInherited(number) { (file) throws(SystemError) in try file.status() }
            return true
        } catch { return error.code != EBADF }
    }

    /// Opens `path` relative to this directory.
    package func open(
        _ path: Path, _ access: OpenAccess = .readOnly, _ options: OpenOptions = [],
        mode: UInt32 = 0o600
    ) throws(SystemError) -> FileDescriptor {
        FileDescriptor(
            adopting: try openNumber(number, path, access.flags | options.rawValue, mode))
    }

    /// Opens `path` relative to this directory so that nothing outside of it can be reached: `..`,
    /// absolute paths and symbolic links in any component fail (openat2(2), RESOLVE_BENEATH).
    package func openBeneath(
        _ path: Path, _ access: OpenAccess = .readOnly, _ options: OpenOptions = [],
        mode: UInt32 = 0o600
    ) throws(SystemError) -> FileDescriptor {
        let number = number
        let flags = access.flags | options.rawValue
        return unsafe FileDescriptor(
            adopting: try path.withCString { (text) throws(SystemError) in
                try retrying("open \(path)") {
                    unsafe cposix_open_beneath(number, text, flags, mode)
                }
            })
    }
}

private func openNumber(
    _ directory: Int32, _ path: Path, _ flags: Int32, _ mode: UInt32
) throws(SystemError) -> Int32 {
    try unsafe path.withCString { (text) throws(SystemError) in
        try retrying("open \(path)") { unsafe openCall(directory, text, flags | O_CLOEXEC, mode) }
    }
}

@inline(never) private func openCall(
    _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: UInt32
) -> Int32 { outcome(unsafe openat(directory, path, flags, mode)) }
