import Posix

/// `sendmail`, `mailq` and `newaliases`: what programs know from Sendmail (sendmail(1)).
///
/// Runs with the caller's rights only; what needs more is done by `postdrop` and `postqueue`.
@main enum Program {
    static func main() { run(CommandLine.arguments) }

    private static func run(_ commandLine: [String]) -> Never {
        Environment.keepOnly(["MAIL_CONFIG", "NAME", "TZ", "LANG", "PATH"])
        Signal.ignoreWriteSignals()
        let name = Path(commandLine.first ?? "sendmail").name.description
        SendmailCommand.run(name: name, arguments: Array(commandLine.dropFirst()))
    }
}
