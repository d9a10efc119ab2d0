import Diagnostics
import Posix
import Services
import Settings

/// `mda --lmtp` with an accept loop of its own.
struct LMTPListener: ConnectionServer {
    private var connection: LMTPConnection

    init(_ connection: LMTPConnection) { self.connection = connection }

    /// Seconds that a stop waits for letters that are coming in or being delivered.
    private static let patience = 60

    private var arguments: LMTPArguments { connection.program.arguments }
    private var log: Log { connection.log }

    /// Serves at the addresses of the command line, or at so many inherited sockets.
    mutating func run(inherited: Int32) -> Never {
        var limits = AcceptLoop.Limits(
            connections: arguments.connections, perAddress: arguments.connections)
        limits.patience = Self.patience
        var loop = AcceptLoop(limits: limits, log: log)
        do throws(SystemError) {
            try loop.run(at: open(inherited), &self)
            for case .local(let path) in arguments.addresses { try path.unlinkIfPresent() }
            Process.exit(0)
        } catch { log.fatal(error.description) }
    }

    private func open(_ inherited: Int32) throws(SystemError) -> [Int32] {
        guard !arguments.addresses.isEmpty else { return try AcceptLoop.inherited(inherited) }
        var numbers: [Int32] = []
        for address in arguments.addresses {
            let socket = try listen(at: address)
            try socket.setNonBlocking(true)
            numbers.append(socket.release())
        }
        return numbers
    }

    /// The mode of a socket's name comes from the umask, so that there is no moment at which another
    /// name could have taken its place.
    private func listen(at address: SocketAddress) throws(SystemError) -> FileDescriptor {
        guard case .local(let path) = address else { return try Socket.listen(on: address) }
        try removeStale(path)
        let before = Process.setUmask(0o777 & ~arguments.socketMode)
        defer { _ = Process.setUmask(before) }
        return try Socket.listen(on: address)
    }

    /// Removes a socket at which nobody listens any more.
    private func removeStale(_ path: Path) throws(SystemError) {
        do throws(SystemError) {
            guard try path.linkStatus().kind == .socket else { return }
            _ = try Socket.connect(to: .local(path), deadline: .after(seconds: 1))
        } catch {
            if error.code == SystemError.refused { try path.unlinkIfPresent() }
        }
    }

    mutating func reload() {
        do throws(DovecotError) {
            connection.settings = try connection.program.load()
            log.info("configuration read again")
            for warning in connection.settings.warnings { log.warning(warning) }
        } catch { log.error("the configuration stays as it was: \(error)") }
    }

    func refusal(_ reason: String) -> String { "421 4.3.2 \(reason)\r\n" }

    func serve() -> Never { connection.serve() }
}
