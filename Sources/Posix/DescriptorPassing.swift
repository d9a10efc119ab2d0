import CPosix
import Glibc

/// Octets over a UNIX-domain socket, with an open descriptor beside them (SCM_RIGHTS).
extension FileDescriptor {
    /// Sends the first of `bytes` with a copy of `descriptor` on them, and yields how many went.
    package func send(
        _ bytes: [UInt8], passing descriptor: borrowing FileDescriptor
    ) throws(SystemError) -> Int {
        let (number, passed) = (number, descriptor.number)
        return try Int(
            retrying("sendmsg") {
                unsafe bytes.withUnsafeBytes {
                    unsafe cposix_send_descriptor(number, $0.baseAddress, UInt64($0.count), passed)
                }
            })
    }

    /// Receives at most `limit` octets and the descriptor that came with them, if one did.
    ///
    /// No octets mean that the other side has closed.
    package func receive(limit: Int) throws(SystemError) -> ReceivedOctets {
        let number = number
        var passed: Int32 = -1
        let bytes = try unsafe filled(limit, "recvmsg") { start, room in
            Int(unsafe cposix_receive_descriptor(number, start, UInt64(room), &passed))
        }
        return ReceivedOctets(
            bytes: bytes, descriptor: passed >= 0 ? FileDescriptor(adopting: passed) : nil)
    }
}

/// What one receive yielded.
package struct ReceivedOctets: ~Copyable {
    package let bytes: [UInt8]
    package var descriptor: FileDescriptor?
}
