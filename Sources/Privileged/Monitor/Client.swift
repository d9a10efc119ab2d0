package import Posix

/// Who is at the other end of a connection to an access server.
package struct Client: Equatable, Sendable {
    /// Nil without a network: a terminal, a pipe, ssh.
    package let address: IPAddress?
    /// The connection does not leave this machine.
    package let isLocal: Bool

    package init(address: IPAddress?, isLocal: Bool) {
        self.address = address
        self.isLocal = isLocal
    }

    /// The peer of `descriptor`, which may be no socket at all.
    package init(of descriptor: Int32) {
        address = Socket.peer(of: descriptor)?.ip
        let own = Socket.local(of: descriptor)?.ip
        isLocal = address.map { $0.isLoopback || $0 == own } ?? true
    }

    /// As UW's servers log it: `localhost [127.0.0.1]`, `[192.0.2.1]`, or `UNKNOWN`.
    ///
    /// Names of other hosts are not looked up: a login must not wait for their name servers.
    package var text: String {
        guard let address else { return "UNKNOWN" }
        return address.isLoopback ? "localhost [\(address)]" : "[\(address)]"
    }

    /// For PAM_RHOST.
    var host: String { address.map { "\($0)" } ?? "localhost" }
}
