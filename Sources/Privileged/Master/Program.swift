import Diagnostics
import Posix
import Services
import Settings

/// `master`: binds the ports of master.cf and starts, counts and restarts the services.
///
/// Runs as root, and reads nothing but configuration files and single octets from its own
/// processes.
@main enum Program {
    static func main() { run(Array(CommandLine.arguments.dropFirst())) }

    private static func run(_ arguments: [String]) -> Never {
        Environment.keepOnly(["MAIL_CONFIG", "PATH", "TZ", "LANG"])
        Signal.ignoreWriteSignals()
        let early = Log(name: "postfix/master", to: [.syslog(), .standardError])
        do throws(UsageError) {
            let options = try MasterOptions(arguments)
            let directory = options.directory ?? MainConfiguration.defaultDirectory()
            Environment["MAIL_CONFIG"] = directory.description
            do throws(ConfigurationError) {
                let setup = try MasterSetup(directory: directory)
                enter(setup.queue.queueDirectory, early)
                if options.onlyTest { testLock(early) }
                start(setup, options, try Log.daemon("master", setup.configuration), early)
            } catch { early.fatal("\(error)") }
        } catch { early.fatal(error.text) }
    }

    private static func enter(_ queue: Path, _ log: Log) {
        do throws(SystemError) {
            try Process.changeDirectory(queue)
            _ = Process.setUmask(0o077)
            for name in ["pid", "private", "public"] where try Path(name).statusIfPresent() == nil {
                try Path(name).makeDirectory(mode: 0o700)
            }
        } catch { log.fatal("\(error)") }
    }

    /// `-t`: success when no master runs.
    private static func testLock(_ log: Log) -> Never {
        do throws(SystemError) {
            if try MasterLock.take() != nil { Process.exit(0) }
        } catch { log.fatal("\(error)") }
        Process.exit(1)
    }

    private static func start(
        _ setup: MasterSetup, _ options: MasterOptions, _ log: Log, _ early: Log
    ) -> Never {
        do throws(SystemError) {
            guard let lock = try MasterLock.take() else {
                early.fatal("the mail system is already running")
            }
            let background = try options.inBackground ? Background.enter() : nil
            try lock.writeProcessNumber()
            let supervisor = supervisor(setup, holding: lock, log, early)
            if let background { try background.report() }
            supervisor.run()
        } catch { early.fatal("\(error)") }
    }

    private static func supervisor(
        _ setup: MasterSetup, holding lock: consuming MasterLock, _ log: Log, _ early: Log
    ) -> Supervisor {
        do throws(ConfigurationError) {
            return try Supervisor(setup, holding: lock, log: log)
        } catch {
            early.fatal("\(error)")
        }
    }
}

/// The options of `master` (master(8)).
struct MasterOptions {
    var directory: Path?
    /// `-t`: say whether a master runs.
    var onlyTest = false
    /// `-w`: go to the background, and return to the caller when the mail system is up.
    var inBackground = false

    init(_ arguments: [String]) throws(UsageError) {
        var left = arguments[...]
        while let option = left.popFirst() {
            switch option {
            case "-c":
                guard let value = left.popFirst() else {
                    throw UsageError(text: "option -c needs a value")
                }
                directory = Path(value)
            case "-t": onlyTest = true
            case "-w": inBackground = true
            // -i is how Postfix starts it as process 1 of a container; -v asks for a longer log.
            case "-i", "-d", "-s", "-v": break
            default: throw UsageError(text: "usage: master [-c config_dir] [-t] [-w]")
            }
        }
    }
}
