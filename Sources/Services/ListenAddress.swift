package import Posix

extension SocketAddress {
    /// The address of a `--listen` option: `127.0.0.1:2110`, `[::1]:2110`; `*:2110` is every IPv4
    /// address.
    package init?(listening text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        var host = text[..<colon]
        if host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
        } else if host.utf8.contains(UInt8(ascii: ":")) {
            return nil
        }
        guard let port = UInt16(text[colon...].dropFirst()), port > 0,
            let address = IPAddress(host == "*" ? "0.0.0.0" : host)
        else { return nil }
        self.init(address, port: port)
    }
}
