import DeliveryAgent
import DeliveryMonitor
import Diagnostics
import LocalDelivery
import Posix
import Services
import Settings

/// `mda --lmtp` and `mda -z`: finds out how it was started and serves accordingly.
struct LMTPProgram {
    let arguments: LMTPArguments
    /// The options of `procmail -z` that deliveries obey.
    let line: DeliveryCommandLine
    let environment: ProcessEnvironment

    static func run(_ words: [String], environment: ProcessEnvironment) -> Never {
        let arguments: LMTPArguments
        do throws(LMTPArguments.Failure) { arguments = try LMTPArguments(words) } catch {
            say("mda: \(error.text)\n", on: 2)
            Process.exit(ExitStatus.usage)
        }
        if arguments.wantsHelp {
            say(LMTPArguments.help, on: 1)
            Process.exit(ExitStatus.success)
        }
        let line = DeliveryCommandLine([[UInt8]](), name: Array("mda".utf8))
        LMTPProgram(arguments: arguments, line: line, environment: environment).run()
    }

    func run() -> Never {
        Environment["PATH"] = "/usr/bin:/bin"
        environment.restore(["LISTEN_FDS", "LISTEN_PID"])
        let sockets = SystemdSockets.take()
        let listens = !arguments.addresses.isEmpty || sockets.listening > 0
        let settings: AccessSettings
        do throws(DovecotError) { settings = try load() } catch {
            if listens { Self.say("mda: \(error)\n", on: 2) }
            Log(name: Self.name, to: [.syslog()]).error("\(error)")
            if !listens { LMTPConnection.refuse("451 4.3.5 Configuration error") }
            Process.exit(Self.configurationError)
        }
        let log = Log(name: Self.name, to: [settings.logSink])
        let connection = LMTPConnection(program: self, settings: settings, log: log)
        guard listens else { connection.serve() }
        for warning in settings.warnings { log.warning(warning) }
        var listener = LMTPListener(connection)
        listener.run(inherited: sockets.listening)
    }

    func load() throws(DovecotError) -> AccessSettings {
        try AccessSettings.find(arguments.file, service: "lmtp")
    }

    /// The name in the log.
    private static let name = "mda/lmtp"
    /// EX_CONFIG of sysexits.h.
    private static let configurationError: Int32 = 78

    private static func say(_ text: String, on descriptor: Int32) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(descriptor) { (output) throws(SystemError) in
                try output.write(Array(text.utf8))
            }
        } catch {
            // Nobody listens.
        }
    }
}
