import CPosix
import Glibc

/// Waiting for descriptors that several processes wait for: a new connection wakes one of them, not
/// all.
package struct ExclusiveWait: ~Copyable {
    /// More never become ready at once than a service has sockets.
    private static let room: Int32 = 64

    private let set: FileDescriptor

    /// Waits for input on `shared`, each event of which wakes one process, and on `own`, on which the
    /// other end's going counts too.
    package init(shared: [Int32], own: [Int32]) throws(SystemError) {
        let set = FileDescriptor(adopting: try checking("epoll", cposix_epoll()))
        for descriptor in shared {
            _ = try checking("epoll", cposix_epoll_add(set.number, descriptor, true))
        }
        for descriptor in own {
            _ = try checking("epoll", cposix_epoll_add(set.number, descriptor, false))
        }
        self.set = set
    }

    /// The descriptors that are ready; none when the deadline passes.
    package func wait(until deadline: Deadline) throws(SystemError) -> [Int32] {
        var ready = [Int32](repeating: -1, count: Int(Self.room))
        while true {
            let milliseconds = deadline == .never ? -1 : Int32(deadline.remaining)
            let count = unsafe ready.withUnsafeMutableBufferPointer {
                unsafe cposix_epoll_wait(set.number, $0.baseAddress, Self.room, milliseconds)
            }
            if count > 0 { return Array(ready.prefix(Int(count))) }
            if count < 0, count != -EINTR { throw SystemError(-count, "epoll") }
            if deadline.hasPassed { return [] }
        }
    }
}
