import Diagnostics
import MailQueue
import Posix
import Settings

/// `postdrop` and `postqueue`: what a user may do to the queue, with the rights of `setgid_group`.
///
/// May make files in maildrop/ and talk to services in public/. The environment is cleared before
/// anything else; the caller's configuration counts only where the standard one allows it.
@main enum Program {
    static func main() { run(CommandLine.arguments) }

    private static func run(_ commandLine: [String]) -> Never {
        Environment.keepOnly(["MAIL_CONFIG"])
        Signal.ignoreWriteSignals()
        let name = Path(commandLine.first ?? "postdrop").name.description
        let arguments = Array(commandLine.dropFirst())
        switch name {
        case "postqueue": runPostqueue(arguments)
        case "postdrop": PostDropCommand.run(arguments)
        default:
            Log(name: "postdrop", to: [.standardError]).fatal(
                "unknown name: \(name); call it postdrop or postqueue")
        }
    }

    /// Lists or flushes the queue, with a configuration that the caller may choose.
    private static func runPostqueue(_ arguments: [String]) -> Never {
        PostqueueCommand.run(arguments: arguments) { (wanted) throws(ConfigurationError) in
            try MainConfiguration.load(directory: try TrustedDirectory.choose(wanted))
        }
    }
}
