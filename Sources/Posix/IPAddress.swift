import Glibc

/// An IPv4 or IPv6 address.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Four or sixteen octets in network order.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        precondition(bytes.count == 4 || bytes.count == 16)
        self.bytes = bytes
    }

    /// Parses `127.0.0.1` or `::1` as inet_pton(3) does: nothing shorter, no zone.
    package init?(_ text: some StringProtocol) {
        let text = String(text)
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
            return
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        bytes = unsafe withUnsafeBytes(of: six) { unsafe Array($0) }
    }

    package var isIPv4: Bool { bytes.count == 4 }

    /// The IPv4 address inside an IPv4-mapped IPv6 one (`::ffff:192.0.2.1`), others as they are.
    package var unmapped: IPAddress {
        guard bytes.count == 16, bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 255,
            bytes[11] == 255
        else { return self }
        return IPAddress(bytes: Array(bytes[12...]))
    }

    package var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes[..<15].allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv4 ? AF_INET : AF_INET6
        let done = unsafe bytes.withUnsafeBytes { raw in
            unsafe inet_ntop(family, raw.baseAddress, &text, socklen_t(text.count)) != nil
        }
        guard done else { return "unknown" }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The addresses of this machine's interfaces that are up, each with its prefix length.
    package static func interfaces() throws(SystemError) -> [(address: IPAddress, prefix: Int)] {
        var first: UnsafeMutablePointer<ifaddrs>?
        _ = try checking("getifaddrs", unsafe interfacesCall(&first))
        defer { unsafe freeifaddrs(first) }
        var found: [(IPAddress, Int)] = []
        var entry = unsafe first
        while let current = unsafe entry {
            unsafe entry = current.pointee.ifa_next
            guard let address = unsafe ipAddress(current.pointee.ifa_addr),
                let mask = unsafe ipAddress(current.pointee.ifa_netmask)
            else { continue }
            found.append((address, mask.bytes.reduce(0) { $0 + $1.nonzeroBitCount }))
        }
        return found
    }
}

/// The IP address that a socket address of the C library holds.
func ipAddress(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
    guard let pointer = unsafe pointer else { return nil }
    let size =
        switch Int32(unsafe pointer.pointee.sa_family) {
        case AF_INET: MemoryLayout<sockaddr_in>.size
        case AF_INET6: MemoryLayout<sockaddr_in6>.size
        default: 0
        }
    guard size > 0 else { return nil }
    var storage = sockaddr_storage()
    unsafe withUnsafeMutableBytes(of: &storage) {
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
    }
    guard let address = SocketAddress(storage) else { return nil }
    switch address {
    case .ipv4(let ip, _), .ipv6(let ip, _): return ip
    case .local: return nil
    }
}

@inline(never) private func interfacesCall(
    _ first: UnsafeMutablePointer<UnsafeMutablePointer<ifaddrs>?>
) -> Int32 { outcome(unsafe getifaddrs(first)) }
