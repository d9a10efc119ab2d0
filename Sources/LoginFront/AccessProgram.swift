import Diagnostics
import Posix
import Services
import Settings

/// The main program of `ipop3d` and `imapd`: finds out how it was started and serves accordingly.
package enum AccessProgram {
    /// What of the environment is kept: the zone for dates, the home of a user at a shell, and what
    /// systemd says.
    private static let environment = ["TZ", "HOME", "LISTEN_FDS", "LISTEN_PID"]

    package static func run(_ server: AccessServer, arguments: [String]) -> Never {
        Environment.keepOnly(environment)
        Environment["PATH"] = "/usr/bin:/bin"
        Signal.ignoreWriteSignals()
        let arguments = parse(arguments, server)
        switch arguments.request {
        case .version: say("\(server.program) (Malleposte) \(releaseVersion)\n", status: 0)
        case .help: say(AccessArguments.help(server.program, server.service), status: 0)
        case .check: check(server, arguments)
        case .serve: serve(server, arguments)
        }
    }

    private static func parse(_ arguments: [String], _ server: AccessServer) -> AccessArguments {
        do throws(AccessArguments.Failure) { return try AccessArguments(arguments) } catch {
            complain("\(server.program): \(error.text)\n")
            Process.exit(64)
        }
    }

    private static func check(_ server: AccessServer, _ arguments: AccessArguments) -> Never {
        do throws(DovecotError) {
            let settings = try AccessSettings.load(arguments, server)
            for warning in settings.warnings { complain("\(server.program): \(warning)\n") }
            Process.exit(0)
        } catch {
            complain("\(server.program): \(error)\n")
            Process.exit(78)
        }
    }

    private static func serve(_ server: AccessServer, _ arguments: AccessArguments) -> Never {
        let sockets = SystemdSockets.take()
        let listens = !arguments.addresses.isEmpty || sockets.listening > 0
        let settings: AccessSettings
        do throws(DovecotError) { settings = try AccessSettings.load(arguments, server) } catch {
            if listens { complain("\(server.program): \(error)\n") }
            Log(name: server.program, to: [.syslog()]).error("\(error)")
            if !listens { Connection.refuse(server, "Configuration error") }
            Process.exit(78)
        }
        let log = Log(name: server.program, to: [settings.logSink])
        guard listens else {
            WarningsOnce.log(settings, server, to: log)
            Connection(server: server, settings: settings, log: log).serve()
        }
        for warning in settings.warnings { log.warning(warning) }
        var listener = Listener(
            server: server, arguments: arguments, settings: settings, log: log)
        listener.run(inherited: sockets.listening)
    }

    private static func say(_ text: String, status: Int32) -> Never {
        put(text, on: 1)
        Process.exit(status)
    }

    private static func complain(_ text: String) { put(text, on: 2) }

    private static func put(_ text: String, on descriptor: Int32) {
        let output = FileDescriptor(adopting: descriptor)
        do throws(SystemError) { try output.write(Array(text.utf8)) } catch {
            // Nobody listens.
        }
        _ = output.release()
    }
}

extension AccessSettings {
    static func load(
        _ arguments: AccessArguments, _ server: AccessServer
    ) throws(DovecotError) -> AccessSettings {
        try find(arguments.file, service: server.service)
    }
}
