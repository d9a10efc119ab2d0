import Bytes
import DeliveryAgent
import Formail
import LocalDelivery
import Lockfile
import Posix
import Vacation

/// `mda`, also called `procmail`: puts a letter from standard input where a user's recipes say; with
/// `--lmtp`, letters that come over LMTP.
///
/// It runs as the recipient; started by root with `-d` it becomes the recipient first.
@main enum Program {
    static func main() { run() }

    private static func run() -> Never {
        do throws(SystemError) { try FileDescriptor.fillStandardPlaces() } catch {
            Process.exit(ExitStatus.temporaryFailure)
        }
        let words = Process.arguments
        let name = words.first ?? []
        if let companion = Companion(calledAs: name) {
            Process.exit(companion.run(Array(words.dropFirst())))
        }
        let environment = ProcessEnvironment.take()
        Signal.ignoreWriteSignals()
        if words.dropFirst().first == Array("--lmtp".utf8) {
            LMTPProgram.run(Array(CommandLine.arguments.dropFirst(2)), environment: environment)
        }
        let line = DeliveryCommandLine(words.dropFirst(), name: name)
        if line.mode == .lmtp {
            LMTPProgram(arguments: LMTPArguments(), line: line, environment: environment).run()
        }
        Process.exit(MailDeliveryAgent(line, environment: environment).run())
    }
}

/// The programs that recipes and .forward files call: names of this one.
///
/// One program, because a program of its own would be six megabytes each for a few pages of work,
/// and none of them starts later for what the others need.
private enum Companion: String {
    case formail, lockfile, vacation

    init?(calledAs name: [UInt8]) {
        let base = name.split(separator: UInt8(ascii: "/")).last ?? []
        self.init(rawValue: String(decoding: base, as: UTF8.self))
    }

    /// They run with their caller's rights, so the environment is passed on as it is.
    func run(_ words: [[UInt8]]) -> Int32 {
        switch self {
        case .formail: FormailProgram.run(words, environment: Environment.all)
        case .lockfile: LockfileProgram.run(words)
        case .vacation: VacationProgram.run(words, environment: Environment.all)
        }
    }
}
