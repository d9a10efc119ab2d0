import Diagnostics
import Posix
import Services

/// `minimta`: one program under many names; the name that it is called by says which.
///
/// See ProgramTable.
@main enum Program {
    static func main() { run(CommandLine.arguments) }

    private static func run(_ commandLine: [String]) -> Never {
        Environment.keepOnly(["MAIL_CONFIG", "PATH", "TZ", "LANG", "HOME"])
        Signal.ignoreWriteSignals()
        var arguments = commandLine[...]
        var name = baseName(arguments.popFirst() ?? "minimta")
        // `minimta NAME …` is NAME, for a machine on which the names are not installed.
        if name == "minimta", let first = arguments.popFirst() { name = first }
        guard let entry = ProgramTable.entry(named: name) else {
            Log(name: name, to: [.standardError]).fatal(ProgramTable.refusal(of: name))
        }
        start(entry, Array(arguments))
    }

    private static func start(_ entry: ProgramTable.Entry, _ arguments: [String]) -> Never {
        switch entry.role {
        case .command(let run): run(arguments)
        case .daemon(let run):
            do throws(UsageError) {
                let line = try DaemonCommandLine(program: entry.name, arguments: arguments)
                run(Daemon.start(commandLine: line))
            } catch {
                Log(name: "postfix/\(entry.name)", to: [.syslog(), .standardError]).fatal(
                    error.text)
            }
        case .notYet:
            Log(name: "postfix/\(entry.name)", to: [.syslog(), .standardError])
                .fatal("not supported yet: \(entry.name)")
        }
    }

    private static func baseName(_ path: String) -> String { Path(path).name.description }
}
