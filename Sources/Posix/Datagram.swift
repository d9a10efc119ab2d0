import Glibc

/// A UNIX-domain datagram socket that never makes its user wait: what syslog is reached with.
package struct DatagramSocket: ~Copyable, Sendable {
    private let socket: FileDescriptor

    package init() throws(SystemError) {
        socket = FileDescriptor(adopting: try checking("socket", datagramCall(AF_UNIX)))
    }

    /// Sends one datagram to `path`; EAGAIN when the receiver's queue is full.
    package func send(_ bytes: [UInt8], to path: Path) throws(SystemError) {
        let number = socket.number
        let result = unsafe try SocketAddress.local(path).withSockaddr { address, size in
            unsafe bytes.withUnsafeBytes {
                unsafe sendCall(number, $0.baseAddress, $0.count, address, size)
            }
        }
        _ = try checking("send to \(path)", result)
    }
}

/// Sends one datagram over UDP; nobody may hear it.
package func sendDatagram(
    _ bytes: [UInt8], to address: IPAddress, port: UInt16
) throws(SystemError) {
    let family = address.isIPv4 ? AF_INET : AF_INET6
    let socket = FileDescriptor(adopting: try checking("socket", datagramCall(family)))
    let number = socket.number
    let result = unsafe try SocketAddress(address, port: port).withSockaddr { native, size in
        unsafe bytes.withUnsafeBytes {
            unsafe sendCall(number, $0.baseAddress, $0.count, native, size)
        }
    }
    _ = try checking("send to \(address)", result)
}

@inline(never) private func datagramCall(_ family: Int32) -> Int32 {
    outcome(
        socket(
            family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0))
}

@inline(never) private func sendCall(
    _ fd: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ to: UnsafePointer<sockaddr>,
    _ size: socklen_t
) -> Int { outcome(unsafe sendto(fd, bytes, count, Int32(MSG_NOSIGNAL), to, size)) }
