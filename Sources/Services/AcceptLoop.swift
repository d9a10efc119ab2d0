package import Diagnostics
package import Posix

/// What an accept loop serves: everything that is one program's own.
package protocol ConnectionServer {
    /// Reads the configuration again, at SIGHUP.
    mutating func reload()
    /// What a connection that is one too many is told.
    func refusal(_ reason: String) -> String
    /// The whole life of a connection's process: the connection is standard input and output, as if
    /// inetd had started it.
    func serve() -> Never
}

/// The accept loop of `--listen` and of systemd's `Accept=no`: one process for each connection.
///
/// SIGTERM and SIGINT end it and every connection; SIGHUP reads the configuration again.
package struct AcceptLoop {
    /// Connections at the same time, and those of them from one IP address.
    package struct Limits: Sendable {
        package var connections: Int
        package var perAddress: Int
        /// Seconds that a stop waits for connections to end by themselves.
        package var patience = 0

        package init(connections: Int, perAddress: Int) {
            self.connections = connections
            self.perAddress = perAddress
        }
    }

    private let limits: Limits
    private let log: Log
    /// The process of each connection and its client.
    private var connections: [Int32: IPAddress?] = [:]
    private var isStopping = false

    package init(limits: Limits, log: Log) {
        self.limits = limits
        self.log = log
    }

    /// Serves the connections that come to `listeners`, descriptors without blocking, until a signal
    /// says stop.
    package mutating func run(
        at listeners: [Int32], _ server: inout some ConnectionServer
    ) throws(SystemError) {
        let signals = try SignalDescriptor([
            Signal.terminate, Signal.interrupt, Signal.hangup, Signal.child,
        ])
        log.info("listening at \(names(listeners))")
        while !isStopping { try step(listeners, signals, &server) }
        // Who connects now is refused, and not left waiting.
        for number in listeners { _ = FileDescriptor(adopting: number) }
        stop()
        let end = Deadline.after(seconds: limits.patience)
        while !connections.isEmpty, !end.hasPassed {
            _ = try signals.descriptor.wait(for: .readable, until: end)
            while signals.next() != nil {}
            reap()
        }
    }

    /// The sockets that systemd has made, without blocking.
    package static func inherited(_ count: Int32) throws(SystemError) -> [Int32] {
        let numbers = (0..<count).map { SystemdSockets.first + $0 }
        for number in numbers {
            try FileDescriptor.withInherited(number) { (socket) throws(SystemError) in
                try socket.setNonBlocking(true)
            }
        }
        return numbers
    }

    private func names(_ listeners: [Int32]) -> String {
        listeners.map { Socket.local(of: $0)?.text ?? "descriptor \($0)" }.joined(separator: ", ")
    }

    private mutating func step(
        _ listeners: [Int32], _ signals: borrowing SignalDescriptor,
        _ server: inout some ConnectionServer
    ) throws(SystemError) {
        let number = signals.descriptor.number
        let ready = try poll(
            listeners.map { ($0, .readable) } + [(number, .readable)], until: .never)
        while let signal = signals.next() { take(signal, &server) }
        for (listener, readiness) in zip(listeners, ready) where !readiness.isEmpty {
            guard !isStopping else { return }
            do throws(SystemError) {
                if let connection = try Socket.accept(listenerNumber: listener) {
                    try start(connection, listeners, server)
                }
            } catch {
                // Out of descriptors or processes: connections wait, this one goes on.
                log.warning(error.description)
                Process.sleep(milliseconds: 100)
            }
        }
    }

    private mutating func take(_ signal: Int32, _ server: inout some ConnectionServer) {
        switch signal {
        case Signal.child: reap()
        case Signal.hangup: server.reload()
        default: isStopping = true
        }
    }

    private mutating func reap() {
        while let (child, _) = Process.reap() { connections[child] = nil }
    }

    private mutating func start(
        _ connection: consuming FileDescriptor, _ listeners: [Int32],
        _ server: some ConnectionServer
    ) throws(SystemError) {
        let address = Socket.peer(of: connection.number)?.ip
        if let reason = limit(address) {
            log.warning("connection from [\(address.map { "\($0)" } ?? "")] refused: \(reason)")
            try connection.setNonBlocking(true)
            // One try: the loop waits for nobody.
            try connection.send(Array(server.refusal(reason).utf8), until: .after(seconds: 0))
            return
        }
        guard let child = try Process.fork() else {
            become(connection.release(), listeners, server)
        }
        connections[child] = .some(address)
    }

    /// Why no further connection from `address` is taken; nil: one is.
    private func limit(_ address: IPAddress?) -> String? {
        if connections.count >= limits.connections { return "Too many connections" }
        let same = connections.values.count { $0 == address }
        return same >= limits.perAddress ? "Too many connections from your address" : nil
    }

    private func become(
        _ socket: Int32, _ listeners: [Int32], _ server: some ConnectionServer
    ) -> Never {
        Signal.restoreDefaults()
        Signal.ignoreWriteSignals()
        do throws(SystemError) {
            try Process.redirect(socket, to: 0)
            try Process.redirect(socket, to: 1)
            for number in listeners + [socket] { _ = FileDescriptor(adopting: number) }
        } catch { log.fatal(error.description) }
        server.serve()
    }

    private func stop() {
        log.info("stopping with \(connections.count) connections")
        for child in connections.keys {
            do throws(SystemError) { try Process.signal(child, Signal.terminate) } catch {
                // It has ended by itself.
            }
        }
    }
}
