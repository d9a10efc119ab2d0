import Diagnostics
import Posix
import Settings

/// An open listening socket of a service.
final class Listener {
    let socket: FileDescriptor

    init(_ socket: consuming FileDescriptor) { self.socket = socket }
}

/// Makes the sockets that a line of master.cf asks for.
///
/// May bind any port and write below `private/` and `public/` of the queue directory.
struct ListenerFactory {
    let hosts: HostSettings
    let owner: User?
    let log: Log

    func listeners(for entry: ServiceEntry) throws(SystemError) -> [Listener] {
        switch entry.endpoint {
        case .inet(let host, let port): try network(host, port)
        case .unix, .fifo:
            try entry.socketPath.map { (path) throws(SystemError) in [try local(path)] } ?? []
        case .pass, .unixDatagram:
            throw SystemError(SystemError.invalid, "service type not supported yet: \(entry.name)")
        }
    }

    private func network(_ host: String?, _ port: String) throws(SystemError) -> [Listener] {
        guard let port = servicePort(port) else {
            throw SystemError(SystemError.invalid, "\(port): no such service or port")
        }
        var listeners: [Listener] = []
        for address in try addresses(host) {
            let socket = try Socket.listen(on: SocketAddress(address, port: port))
            try socket.setNonBlocking(true)
            listeners.append(Listener(socket))
        }
        return listeners
    }

    private func addresses(_ host: String?) throws(SystemError) -> [IPAddress] {
        do throws(ConfigurationError) {
            if let host { return try hosts.addresses(of: host) }
            return try hosts.ownInterfaces().map(\.address)
        } catch { throw SystemError(SystemError.invalid, "\(error)") }
    }

    /// A UNIX-domain socket that every process of the mail system may connect to; who may reach it at
    /// all is the mode of its directory.
    private func local(_ path: Path) throws(SystemError) -> Listener {
        try path.unlinkIfPresent()
        let socket = try Socket.listen(on: .local(path))
        try path.setMode(0o666)
        if let owner, Rights.effectiveUser == 0 { try path.setOwner(owner.id, group: owner.group) }
        try socket.setNonBlocking(true)
        return Listener(socket)
    }
}
