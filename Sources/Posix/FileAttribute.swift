import CPosix
import Glibc

/// Attributes of the user's kind (xattr(7)): what a program notes about a file beside its content.
extension FileDescriptor {
    /// The attribute's octets; nil when the file has none of this name, or more than `limit`.
    ///
    /// File systems without attributes have none.
    package func attribute(_ name: StaticString, limit: Int) throws(SystemError) -> [UInt8]? {
        let (number, key) = (number, name.description)
        var count: Int64 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, used in
            count = unsafe cposix_get_attribute(number, key, buffer.baseAddress, UInt64(limit))
            used = Int(max(0, count))
        }
        if count >= 0 { return bytes }
        let code = Int32(-count)
        guard [ENODATA, EOPNOTSUPP, ENOSYS, ERANGE].contains(code) else {
            throw SystemError(code, "fgetxattr")
        }
        return nil
    }

    /// Gives the file an attribute, or another value for it; a later `sync` makes it durable.
    package func setAttribute(
        _ name: StaticString, to value: [UInt8]
    ) throws(SystemError) {
        let (number, key) = (number, name.description)
        _ = try checking(
            "fsetxattr",
            unsafe value.withUnsafeBytes {
                unsafe cposix_set_attribute(number, key, $0.baseAddress, UInt64($0.count))
            })
    }
}
