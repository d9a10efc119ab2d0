import Glibc

/// The address of a socket's end.
package enum SocketAddress: Hashable, Sendable {
    case ipv4(IPAddress, port: UInt16)
    case ipv6(IPAddress, port: UInt16)
    /// A UNIX-domain socket; the path is empty at an unnamed end.
    case local(Path)

    package init(_ address: IPAddress, port: UInt16) {
        self = address.isIPv4 ? .ipv4(address, port: port) : .ipv6(address, port: port)
    }

    /// The IP address, an IPv4-mapped IPv6 one as the IPv4 address it stands for; nil for a local end.
    package var ip: IPAddress? {
        switch self {
        case .ipv4(let address, _): address
        case .ipv6(let address, _): address.unmapped
        case .local: nil
        }
    }

    package var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port
        case .local: nil
        }
    }

    /// Calls `body` with the address as the kernel takes it.
    func withSockaddr<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(SystemError) -> Result {
        switch self {
        case .ipv4(let address, let port):
            var native = sockaddr_in()
            native.sin_family = sa_family_t(AF_INET)
            native.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &native.sin_addr) {
                unsafe $0.copyBytes(from: address.bytes)
            }
            return unsafe lend(&native, body)
        case .ipv6(let address, let port):
            var native = sockaddr_in6()
            native.sin6_family = sa_family_t(AF_INET6)
            native.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &native.sin6_addr) {
                unsafe $0.copyBytes(from: address.bytes)
            }
            return unsafe lend(&native, body)
        case .local(let path):
            var native = sockaddr_un()
            native.sun_family = sa_family_t(AF_UNIX)
            let fits = unsafe withUnsafeMutableBytes(of: &native.sun_path) {
                guard path.bytes.count < $0.count else { return false }
                unsafe $0.copyBytes(from: path.bytes)
                return true
            }
            guard fits else { throw SystemError(ENAMETOOLONG, "socket \(path)") }
            return unsafe lend(&native, body)
        }
    }

    /// Reads what the kernel filled in.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let (bytes, port) = unsafe withUnsafeBytes(of: &storage) { raw in
                let native = unsafe raw.load(as: sockaddr_in.self)
                return unsafe (
                    withUnsafeBytes(of: native.sin_addr) { unsafe Array($0) }, native.sin_port
                )
            }
            self = .ipv4(IPAddress(bytes: bytes), port: UInt16(bigEndian: port))
        case AF_INET6:
            let (bytes, port) = unsafe withUnsafeBytes(of: &storage) { raw in
                let native = unsafe raw.load(as: sockaddr_in6.self)
                return unsafe (
                    withUnsafeBytes(of: native.sin6_addr) { unsafe Array($0) }, native.sin6_port
                )
            }
            self = .ipv6(IPAddress(bytes: bytes), port: UInt16(bigEndian: port))
        case AF_UNIX:
            let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            let path = unsafe withUnsafeBytes(of: &storage) { raw in
                unsafe Array(raw.dropFirst(start).prefix { $0 != 0 })
            }
            self = .local(Path(path))
        default: return nil
        }
    }
}

private func lend<Native, Result>(
    _ native: inout Native, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    let size = socklen_t(MemoryLayout<Native>.size)
    return unsafe withUnsafePointer(to: &native) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
    }
}
