import Bytes
import Diagnostics
import Posix
import Services
import Settings

/// `postfix`: starts, stops and checks the mail system (postfix(1)).
///
/// May read the configuration, signal master, and make the queue's directories.
enum PostfixCommand {
    @Sendable static func run(arguments: [String]) -> Never {
        var left = arguments[...]
        var directory = MainConfiguration.defaultDirectory()
        while let option = left.first, option.hasPrefix("-") {
            left.removeFirst()
            switch option {
            case "-c":
                guard let value = left.popFirst() else { usage() }
                directory = Path(value)
            case "-v", "-D": break
            default: usage()
            }
        }
        guard let verb = left.popFirst(), left.isEmpty else { usage() }
        Environment["MAIL_CONFIG"] = directory.description
        do throws(ConfigurationError) {
            let system = try MailSystem(directory: directory)
            run(verb, system)
        } catch { Log.tool("postfix").fatal("\(error)") }
    }

    private static func run(_ verb: String, _ system: MailSystem) -> Never {
        switch verb {
        case "start": system.start(inForeground: false)
        case "start-fg": system.start(inForeground: true)
        case "stop": system.stop()
        case "abort": system.abort()
        case "reload": system.reload()
        case "status": system.status()
        case "flush": system.flush()
        case "check": system.check()
        case "post-install": system.install()
        default:
            system.log.fatal(
                "unknown command: '\(verb)'. Usage: postfix start (or stop, reload, abort, flush, "
                    + "check, status, start-fg, etc.)")
        }
    }

    private static func usage() -> Never {
        Log.tool("postfix").fatal(
            "usage: postfix [-c config_dir] [-v] start (or stop, reload, abort, flush, check, status, "
                + "start-fg, etc.)")
    }
}

extension Log {
    /// The log of a command that a person runs: standard error, as `name: text`.
    static func tool(_ name: String) -> Log { Log(name: name, to: [.standardError]) }
}
