import Glibc

/// Names and addresses of machines, by the name service of this one.
package enum HostLookup {
    /// The addresses of `name`, in the order in which the name service prefers them; empty when it has
    /// none.
    package static func addresses(of name: String) throws(SystemError) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(name, nil, &hints, &list)
        defer { if unsafe list != nil { unsafe freeaddrinfo(list) } }
        switch result {
        case 0: break
        case EAI_NONAME, noData: return []
        default: throw SystemError(EAGAIN, "look up \(name)")
        }
        var found: [IPAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            if let address = unsafe ipAddress(current.pointee.ai_addr) { found.append(address) }
            unsafe entry = current.pointee.ai_next
        }
        return found
    }
}

/// The port of the service called `name`, or the number it is.
package func servicePort(_ name: String, over transport: String = "tcp") -> UInt16? {
    if let number = UInt16(name) { return number }
    guard let entry = unsafe getservbyname(name, transport) else { return nil }
    return UInt16(truncatingIfNeeded: unsafe entry.pointee.s_port).bigEndian
}

/// EAI_NODATA, which the Glibc module does not import: the name exists without an address.
private let noData: Int32 = -5

extension HostLookup {
    /// The name that the name service gives `address`; nil when it has none.
    package static func name(of address: IPAddress) throws(SystemError) -> String? {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = try unsafe SocketAddress(address, port: 0).withSockaddr { native, size in
            unsafe getnameinfo(
                native, size, &name, socklen_t(name.count), nil, 0, NI_NAMEREQD)
        }
        switch result {
        case 0: break
        case EAI_NONAME, noData: return nil
        default: throw SystemError(EAGAIN, "look up \(address)")
        }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(validating: bytes, as: UTF8.self)
    }
}
