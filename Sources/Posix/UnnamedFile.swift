import CPosix
import Glibc

/// Files that have no name: in memory for good, or in a directory until they are given one.
extension FileDescriptor {
    /// A file in memory, gone with its last descriptor.
    package static func inMemory() throws(SystemError) -> FileDescriptor {
        FileDescriptor(adopting: try checking("memfd_create", unsafe cposix_memfd("content")))
    }

    /// From now on nobody can change a file made by `inMemory`, through whatever descriptor; EINVAL
    /// for a file of another kind.
    package func seal() throws(SystemError) {
        _ = try checking("seal", cposix_seal(number))
    }

    /// A file in the file system of `directory` that nobody can see until `link` gives it a name.
    ///
    /// File systems without such files answer EOPNOTSUPP or EISDIR (O_TMPFILE, open(2)).
    package static func unnamed(
        in directory: Path, mode: UInt32 = 0o600
    ) throws(SystemError) -> FileDescriptor {
        FileDescriptor(
            adopting: try unsafe directory.withCString { (text) throws(SystemError) in
                try retrying("open in \(directory)") { unsafe cposix_open_unnamed(text, mode) }
            })
    }

    /// Gives a file made by `unnamed` its name, whole and at once; EEXIST when the name is taken.
    package func link(to path: Path) throws(SystemError) {
        let number = number
        try unsafe path.withCString { (text) throws(SystemError) in
            _ = try retrying("link \(path)") { unsafe cposix_link_descriptor(number, text) }
        }
    }

    /// Reserves disk space for a part of the file and leaves its size as it is.
    ///
    /// ENOSPC and EDQUOT come here instead of in a later write; file systems that cannot reserve
    /// (EOPNOTSUPP) are passed over.
    package func reserve(_ count: Int, at offset: Int) throws(SystemError) {
        guard count > 0 else { return }
        let number = number
        do throws(SystemError) {
            _ = try retrying("fallocate") { cposix_reserve(number, Int64(offset), Int64(count)) }
        } catch {
            guard error.code == EOPNOTSUPP || error.code == ENOSYS else { throw error }
        }
    }
}
