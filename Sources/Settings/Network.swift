package import Posix

/// A range of addresses that share their first bits, such as `192.0.2.0/24`.
package struct Network: Equatable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    /// How many leading bits are common.
    package let prefix: Int

    /// The network of `prefix` bits that holds `address`.
    package init(of address: IPAddress, prefix: Int) {
        let kept = min(max(0, prefix), address.bytes.count * 8)
        self.prefix = kept
        self.address = IPAddress(
            bytes: address.bytes.enumerated().map { index, byte in
                byte & Self.mask(kept - index * 8)
            })
    }

    /// Why a text is no network.
    package enum Fault: Error, Equatable {
        /// Neither an address nor a network.
        case malformed
        /// Bits beyond the prefix are set: the network that would be right.
        case hostBits(Network)
    }

    /// Parses `192.0.2.1`, `192.0.2.0/24`, `[2001:db8::]/32` and the same without brackets.
    package init(_ text: some StringProtocol) throws(Fault) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var host = String(parts.first ?? "")
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard let address = IPAddress(host) else { throw .malformed }
        let bits = address.bytes.count * 8
        guard parts.count == 2 else {
            (self.address, prefix) = (address, bits)
            return
        }
        guard let prefix = UInt8(parts[1]), Int(prefix) <= bits else { throw .malformed }
        let network = Network(of: address, prefix: Int(prefix))
        guard network.address == address else { throw .hostBits(network) }
        self = network
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.bytes.count == address.bytes.count
            && Network(of: other, prefix: prefix).address == address
    }

    /// `192.0.2.0/24`, or `[2001:db8::]/32`.
    package var description: String {
        address.isIPv4 ? "\(address)/\(prefix)" : "[\(address)]/\(prefix)"
    }

    private static func mask(_ bits: Int) -> UInt8 {
        bits >= 8 ? 0xFF : bits <= 0 ? 0 : ~(0xFF >> UInt8(bits))
    }
}
