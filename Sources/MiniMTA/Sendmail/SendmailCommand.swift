import Diagnostics
import LocalSubmission
import Posix
import Settings

/// Exit codes of sysexits.h, as callers of sendmail know them.
///
/// Postfix's sendmail ends with `temporary` even for an option that makes no sense: a caller that
/// queues, such as a mail reader, keeps the message.
enum ExitCode {
    static let unavailable: Int32 = 69
    static let system: Int32 = 71
    static let temporary: Int32 = 75
    static let configuration: Int32 = 78
}

/// Why sendmail ends: what stands after `fatal: `, and its exit code.
struct SendmailFailure: Error, Equatable {
    let text: String
    let code: Int32

    init(_ text: String, _ code: Int32) {
        self.text = text
        self.code = code
    }
}

/// Does what the command line asks for: submits a message, or becomes the program that does it.
enum SendmailCommand {
    static func run(name: String, arguments: [String]) -> Never {
        let log = Log(name: name, to: [.standardError])
        do throws(SendmailFailure) {
            let options = try SendmailOptions(name: name, arguments: arguments)
            for text in options.warnings { log.warning(text) }
            let configuration = try load(options)
            try perform(options, configuration)
            Process.exit(0)
        } catch { log.fatal(error.text, status: error.code) }
    }

    private static func load(_ options: SendmailOptions) throws(SendmailFailure)
        -> MainConfiguration
    {
        let directory = options.configuration ?? MainConfiguration.defaultDirectory()
        // The programs that this one becomes read the same configuration.
        if options.configuration != nil { Environment["MAIL_CONFIG"] = directory.description }
        do throws(ConfigurationError) {
            return try MainConfiguration.load(directory: directory)
        } catch { throw .init("\(error)", ExitCode.configuration) }
    }

    private static func perform(
        _ options: SendmailOptions, _ configuration: MainConfiguration
    ) throws(SendmailFailure) {
        let programs = try Programs()
        switch options.mode {
        case .submit: try Submission(options, configuration).send(with: programs)
        case .listQueue: try programs.become("postqueue", ["-p"])
        case .flush: try programs.become("postqueue", ["-f"])
        case .flushMessage(let id): try programs.become("postqueue", ["-i", id])
        case .flushSite(let site): try programs.become("postqueue", ["-s", site])
        case .start: try programs.become("postfix", ["start"])
        case .serve: try programs.become("smtpd", ["-S"])
        case .rebuildAliases:
            let tables: [String]
            if let table = options.aliasDatabase {
                tables = [table]
            } else {
                do throws(ConfigurationError) {
                    tables = ParameterValue.words(try configuration.value("alias_database"))
                } catch { throw .init("\(error)", ExitCode.configuration) }
            }
            if tables.isEmpty { return }
            try programs.become("postalias", ["--"] + tables)
        }
    }
}

/// The programs that sendmail hands its work to.
struct Programs {
    private let companions: CompanionPrograms

    init() throws(SendmailFailure) {
        do throws(SystemError) { companions = try CompanionPrograms() } catch {
            throw .init("\(error)", ExitCode.system)
        }
    }

    /// Becomes a program; returns only by failing.
    func become(_ name: String, _ arguments: [String]) throws(SendmailFailure) {
        throw .init("\(companions.execute(name, arguments))", ExitCode.system)
    }

    /// Starts `postdrop`, which takes a submission.
    func startDrop() throws(SendmailFailure) -> DropProcess {
        do throws(SystemError) {
            return try DropProcess.start(namesFile: false) { arguments in
                let error = companions.execute("postdrop", arguments)
                Log(name: "sendmail", to: [.standardError]).error("\(error)")
                Process.leave(ExitCode.system)
            }
        } catch { throw .init("start postdrop: \(error.reason)", ExitCode.system) }
    }
}
