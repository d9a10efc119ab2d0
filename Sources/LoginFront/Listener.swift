import Diagnostics
import Posix
import Services
import Settings

/// `--listen` and systemd's `Accept=no`: an access server with an accept loop of its own.
struct Listener: ConnectionServer {
    let server: AccessServer
    let arguments: AccessArguments
    private var settings: AccessSettings
    private let log: Log

    init(
        server: AccessServer, arguments: AccessArguments, settings: AccessSettings, log: Log
    ) {
        self.server = server
        self.arguments = arguments
        self.settings = settings
        self.log = log
    }

    /// Serves at the addresses of the command line, or at so many inherited sockets.
    mutating func run(inherited: Int32) -> Never {
        var loop = AcceptLoop(
            limits: AcceptLoop.Limits(
                connections: arguments.connections, perAddress: arguments.connectionsPerAddress),
            log: log)
        do throws(SystemError) {
            try loop.run(at: open(inherited), &self)
            Process.exit(0)
        } catch {
            log.fatal(error.description)
        }
    }

    /// The numbers of the listening sockets, which stay open as long as the process lives.
    private func open(_ inherited: Int32) throws(SystemError) -> [Int32] {
        guard !arguments.addresses.isEmpty else { return try AcceptLoop.inherited(inherited) }
        var numbers: [Int32] = []
        for address in arguments.addresses {
            let socket = try Socket.listen(on: address)
            try socket.setNonBlocking(true)
            numbers.append(socket.release())
        }
        return numbers
    }

    mutating func reload() {
        do throws(DovecotError) {
            settings = try AccessSettings.load(arguments, server)
            log.info("configuration read again")
            for warning in settings.warnings { log.warning(warning) }
        } catch { log.error("the configuration stays as it was: \(error)") }
    }

    func refusal(_ reason: String) -> String { server.refusal(reason) }

    func serve() -> Never { Connection(server: server, settings: settings, log: log).serve() }
}
