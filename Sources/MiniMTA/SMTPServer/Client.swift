import Bytes
package import Posix

/// The other end of a session, as the log names it.
package struct Client: Equatable, Sendable {
    /// The name that its address has and that leads back to the address; else `unknown`.
    package let name: String
    /// Nil for standard input.
    package let address: IPAddress?
    package let port: UInt16

    package init(name: String, address: IPAddress?, port: UInt16 = 0) {
        self.name = name
        self.address = address
        self.port = port
    }

    /// The address as text; `unknown` when there is none.
    package var addressText: String { address.map { "\($0)" } ?? "unknown" }

    /// The address as RFC 5321 writes it in a Received line: IPv6 ones are marked.
    package var literalText: String {
        guard let address else { return "unknown" }
        return address.isIPv4 ? "\(address)" : "IPv6:\(address)"
    }

    /// `name[address]`.
    package var description: String { "\(name)[\(addressText)]" }

    /// Names the peer of a connection.
    ///
    /// A name counts only when it leads back to the address: whoever owns an address may give it any
    /// name. The name service's own limits bound how long this takes.
    package static func peer(of socket: Int32, looksUpName: Bool) -> Client {
        guard let peer = Socket.peer(of: socket), let address = peer.ip else {
            return Client(name: "localhost", address: IPAddress("127.0.0.1"))
        }
        let name = looksUpName ? verifiedName(of: address) : nil
        return Client(name: name ?? "unknown", address: address, port: peer.port ?? 0)
    }

    private static func verifiedName(of address: IPAddress) -> String? {
        do throws(SystemError) {
            guard let name = try HostLookup.name(of: address), isHostName(name),
                try HostLookup.addresses(of: name).contains(where: { $0.unmapped == address })
            else { return nil }
            return name
        } catch {
            // The name service does not answer: the client has no name that could be believed.
            return nil
        }
    }

    private static func isHostName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.utf8.allSatisfy {
                $0.isAlphanumeric || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
            }
            && !name.utf8.allSatisfy { $0.isDigit || $0 == 0x2E }
    }
}
