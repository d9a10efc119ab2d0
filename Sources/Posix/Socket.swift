import CPosix
import Glibc

/// Sockets: listening, connecting, and who is at the other end.
package enum Socket {
    /// Connections that may wait to be accepted.
    package static let backlog: Int32 = 128

    /// A stream socket that listens on `address`.
    ///
    /// A local path must not exist yet.
    package static func listen(on address: SocketAddress) throws(SystemError) -> FileDescriptor {
        let socket = try make(address)
        let number = socket.number
        if address.port != nil {
            try set(number, SOL_SOCKET, SO_REUSEADDR, 1)
            // An IPv6 listener leaves IPv4 to its own listener, as Postfix does.
            if case .ipv6 = address { try set(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        }
        let bound = try unsafe address.withSockaddr { unsafe bindCall(number, $0, $1) }
        _ = try checking("bind \(address.text)", bound)
        _ = try checking("listen \(address.text)", listenCall(number, backlog))
        return socket
    }

    /// A stream socket connected to `address` before the deadline, else ETIMEDOUT.
    package static func connect(
        to address: SocketAddress, deadline: Deadline
    ) throws(SystemError) -> FileDescriptor {
        let socket = try make(address)
        let number = socket.number
        try socket.setNonBlocking(true)
        let result = try unsafe address.withSockaddr { unsafe connectCall(number, $0, $1) }
        if result < 0 {
            // A local socket whose backlog is full says EAGAIN and must be tried again.
            guard result == -EINPROGRESS else {
                throw SystemError(-result, "connect to \(address.text)")
            }
            guard try socket.wait(for: .writable, until: deadline) else {
                throw SystemError(ETIMEDOUT, "connect to \(address.text)")
            }
            let failure = try option(number, SO_ERROR)
            guard failure == 0 else { throw SystemError(failure, "connect to \(address.text)") }
        }
        try socket.setNonBlocking(false)
        return socket
    }

    /// Accepts one connection; nil when none is waiting any more (another process took it).
    package static func accept(
        _ listener: borrowing FileDescriptor
    ) throws(SystemError) -> FileDescriptor? {
        try accept(listenerNumber: listener.number)
    }

    /// As `accept(_:)`, for a listener that this process inherited and never closes.
    package static func accept(
        listenerNumber number: Int32
    ) throws(SystemError) -> FileDescriptor? {
        do throws(SystemError) {
            let connection = try retrying("accept") { cposix_accept(number, nil, nil) }
            return FileDescriptor(adopting: connection)
        } catch {
            if [EAGAIN, ECONNABORTED, EPROTO].contains(error.code) { return nil }
            throw error
        }
    }

    /// The address of the other end; nil when the descriptor is not a connected socket.
    package static func peer(of socket: Int32) -> SocketAddress? {
        unsafe address { unsafe getpeername(socket, $0, $1) }
    }

    /// The address of this end; nil when the descriptor is not a socket.
    package static func local(of socket: Int32) -> SocketAddress? {
        unsafe address { unsafe getsockname(socket, $0, $1) }
    }

    /// Whether the descriptor is a socket that waits for connections.
    package static func isListening(_ socket: Int32) -> Bool {
        var value: Int32 = 0
        return unsafe getCall(socket, SO_ACCEPTCONN, &value) >= 0 && value != 0
    }

    /// The user, group and process at the other end of a UNIX-domain socket, by the kernel's word.
    package static func credentials(
        of socket: borrowing FileDescriptor
    ) throws(SystemError) -> (user: UInt32, group: UInt32, process: Int32) {
        var (user, group, process): (UInt32, UInt32, Int32) = (0, 0, 0)
        _ = try checking(
            "getsockopt", unsafe cposix_peer_credentials(socket.number, &user, &group, &process))
        return (user, group, process)
    }

    private static func make(_ address: SocketAddress) throws(SystemError) -> FileDescriptor {
        let family =
            switch address {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            case .local: AF_UNIX
            }
        let number = try checking("socket", socketCall(family))
        return FileDescriptor(adopting: number)
    }

    private static func set(
        _ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32
    ) throws(SystemError) {
        _ = try checking("setsockopt", setCall(socket, level, name, value))
    }

    private static func option(_ socket: Int32, _ name: Int32) throws(SystemError) -> Int32 {
        var value: Int32 = 0
        _ = try checking("getsockopt", unsafe getCall(socket, name, &value))
        return value
    }

    private static func address(
        _ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe fill($0, &length)
            }
        }
        return result == 0 ? SocketAddress(storage) : nil
    }
}

/// Two connected UNIX-domain stream sockets.
package struct SocketPair: ~Copyable {
    package let first: FileDescriptor
    package let second: FileDescriptor

    package init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let result = unsafe ends.withUnsafeMutableBufferPointer { unsafe pairCall($0.baseAddress) }
        _ = try checking("socketpair", result)
        first = FileDescriptor(adopting: ends[0])
        second = FileDescriptor(adopting: ends[1])
    }

    /// Keeps one end and closes the other, as each side does after a fork.
    package consuming func keepFirst() -> FileDescriptor { first }
    package consuming func keepSecond() -> FileDescriptor { second }
}

extension SocketAddress {
    /// For messages: `127.0.0.1:25`, `[::1]:25` or the path.
    package var text: String {
        switch self {
        case .ipv4(let address, let port): "\(address):\(port)"
        case .ipv6(let address, let port): "[\(address)]:\(port)"
        case .local(let path): path.description
        }
    }
}

@inline(never) private func bindCall(_ s: Int32, _ a: UnsafePointer<sockaddr>, _ n: socklen_t)
    -> Int32
{
    outcome(unsafe bind(s, a, n))
}
@inline(never) private func listenCall(_ s: Int32, _ backlog: Int32) -> Int32 {
    outcome(listen(s, backlog))
}
@inline(never) private func connectCall(_ s: Int32, _ a: UnsafePointer<sockaddr>, _ n: socklen_t)
    -> Int32
{
    outcome(unsafe Glibc.connect(s, a, n))
}
@inline(never) private func socketCall(_ family: Int32) -> Int32 {
    outcome(socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
}
@inline(never) private func pairCall(_ ends: UnsafeMutablePointer<Int32>?) -> Int32 {
    outcome(
        unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, ends))
}
@inline(never) private func setCall(_ s: Int32, _ level: Int32, _ name: Int32, _ value: Int32)
    -> Int32
{
    var value = value
    return outcome(unsafe setsockopt(s, level, name, &value, 4))
}
@inline(never) private func getCall(_ s: Int32, _ name: Int32, _ value: UnsafeMutablePointer<Int32>)
    -> Int32
{
    var length: socklen_t = 4
    return outcome(unsafe getsockopt(s, SOL_SOCKET, name, value, &length))
}
