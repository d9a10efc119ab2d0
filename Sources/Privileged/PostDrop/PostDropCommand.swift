import Diagnostics
import LocalSubmission
import Posix
import Services
import Settings

/// `postdrop`: writes the submission that comes on standard input into maildrop/ (postdrop(1)).
///
/// It works while the mail system is down; the message waits. A signal, an error or an end before
/// the last record leaves nothing behind.
enum PostDropCommand {
    /// Exit codes of sysexits.h.
    private enum ExitCode {
        static let usage: Int32 = 64
        static let data: Int32 = 65
        static let unavailable: Int32 = 69
        static let temporary: Int32 = 75
        static let denied: Int32 = 77
        static let configuration: Int32 = 78
    }

    /// Why nothing was submitted; without a text when the caller wanted it so.
    private struct Refusal: Error {
        let text: String
        let code: Int32
    }

    static func run(_ arguments: [String]) -> Never {
        let early = Log(name: "postdrop", to: [.standardError])
        var directory: Path?
        var isInteractive = false
        var options = CommandOptions(arguments, bare: "rv", valued: "c")
        while let item = options.next() {
            switch item {
            case .value(_, let path): directory = Path(path)
            case .flag(let letter): isInteractive = isInteractive || letter == "r"
            case .unknown, .valueMissing:
                early.fatal("usage: postdrop [-c config_dir] [-v]", status: ExitCode.usage)
            }
        }
        do throws(ConfigurationError) {
            let configuration = try MainConfiguration.load(
                directory: try TrustedDirectory.choose(directory))
            submit(
                configuration, try configuration.settings(QueueSettings.self),
                isInteractive: isInteractive)
        } catch { early.fatal("\(error)", status: ExitCode.configuration) }
    }

    private static func submit(
        _ configuration: MainConfiguration, _ settings: QueueSettings, isInteractive: Bool
    ) -> Never {
        let log = makeLog(configuration)
        do throws(Refusal) {
            try authorize(configuration, settings)
            do throws(SystemError) { try Process.changeDirectory(settings.queueDirectory) } catch {
                throw Refusal(text: "\(error)", code: ExitCode.unavailable)
            }
            _ = Process.setUmask(0o022)
            try write(limit: settings.messageSizeLimit, isInteractive: isInteractive)
        } catch {
            if !error.text.isEmpty { log.warning("uid=\(Rights.user): \(error.text)") }
            Process.exit(error.code)
        }
        // The message is safe; a pickup that cannot be reached looks by itself within a minute.
        Trigger.send(to: "public/pickup")
        Process.exit(0)
    }

    /// Trouble goes to the log of the mail system and to the person.
    private static func makeLog(_ configuration: MainConfiguration) -> Log {
        do throws(ConfigurationError) {
            let name = try configuration.settings(LogSettings.self).syslogName
            return Log(name: "\(name)/postdrop", to: [.syslog(), .standardError])
        } catch { return Log(name: "postdrop", to: [.standardError]) }
    }

    /// Says who may submit: root, the mail owner, and whom `authorized_submit_users` names.
    private static func authorize(
        _ configuration: MainConfiguration, _ settings: QueueSettings
    ) throws(Refusal) {
        let users: String
        let owner: UInt32?
        do throws(ConfigurationError) {
            users = try configuration.settings(SubmissionSettings.self).authorizedUsers
            do throws(SystemError) { owner = try User.named(settings.mailOwner)?.id } catch {
                throw ConfigurationError("\(error)")
            }
        } catch { throw Refusal(text: "\(error)", code: ExitCode.configuration) }
        if users == "static:anyone" || Rights.user == 0 || Rights.user == owner { return }
        guard users.isEmpty else {
            throw Refusal(
                text: "not supported yet: authorized_submit_users = \(users)", code: ExitCode.denied
            )
        }
        throw Refusal(
            text: "User \(Rights.user) is not allowed to submit mail", code: ExitCode.denied)
    }

    /// Copies records from standard input to a new file, and makes that file complete.
    ///
    /// An interactive caller is told the file's ID, and may change its mind.
    private static func write(limit: Int, isInteractive: Bool) throws(Refusal) {
        let signals = try stopSignals()
        var file = try newFile()
        if isInteractive { try reportID(of: file) }
        var reader = MaildropReader(FileDescriptor(adopting: 0))
        var check = SubmissionCheck()
        var size = 0
        while let record = try next(&reader, signals) {
            do throws(SubmissionCheck.Fault) { try check.take(record) } catch {
                throw Refusal(text: "malformed submission: \(error.text)", code: ExitCode.data)
            }
            size += record.size
            guard limit == 0 || size <= limit else {
                throw Refusal(text: "message file too big", code: ExitCode.unavailable)
            }
            try put(record.octets, &file)
        }
        guard check.isComplete else {
            if isInteractive { throw Refusal(text: "", code: ExitCode.data) }
            throw Refusal(text: "incomplete submission", code: ExitCode.data)
        }
        do throws(SystemError) { try file.commit() } catch {
            throw Refusal(text: "queue file write error: \(error)", code: ExitCode.temporary)
        }
    }

    /// Says the file's ID on standard output, and that nothing follows.
    private static func reportID(of file: borrowing MaildropFile) throws(Refusal) {
        do throws(SystemError) {
            try FileDescriptor(adopting: 1).write(Array("\(try file.id())\n".utf8))
        } catch { throw Refusal(text: "\(error)", code: ExitCode.temporary) }
    }

    private static func stopSignals() throws(Refusal) -> SignalDescriptor {
        do throws(SystemError) {
            return try SignalDescriptor([
                Signal.hangup, Signal.interrupt, Signal.quit, Signal.terminate,
            ])
        } catch { throw Refusal(text: "\(error)", code: ExitCode.temporary) }
    }

    private static func newFile() throws(Refusal) -> MaildropFile {
        do throws(SystemError) { return try MaildropFile(in: "maildrop") } catch {
            throw Refusal(text: "\(error)", code: ExitCode.temporary)
        }
    }

    private static func put(_ octets: [UInt8], _ file: inout MaildropFile) throws(Refusal) {
        do throws(SystemError) { try file.write(octets) } catch {
            throw Refusal(text: "queue file write error: \(error)", code: ExitCode.temporary)
        }
    }

    /// The next record, unless a signal says stop first.
    private static func next(
        _ reader: inout MaildropReader, _ signals: borrowing SignalDescriptor
    ) throws(Refusal) -> MaildropRecord? {
        do throws(SystemError) {
            while let input = reader.waitsFor {
                let waits = [
                    (descriptor: input, interest: Readiness.readable),
                    (signals.descriptor.number, .readable),
                ]
                let ready = try poll(waits, until: .never)
                if ready.last?.isEmpty == false {
                    throw SystemError(SystemError.interrupted, "read submission")
                }
                if ready.first?.isEmpty == false { break }
            }
        } catch { throw Refusal(text: "\(error)", code: ExitCode.temporary) }
        do throws(MaildropReader.Fault) { return try reader.next() } catch {
            switch error {
            case .malformed: throw Refusal(text: "malformed submission", code: ExitCode.data)
            case .failed(let error): throw Refusal(text: "\(error)", code: ExitCode.temporary)
            }
        }
    }
}

extension MaildropRecord {
    /// What the record counts for message_size_limit.
    fileprivate var size: Int {
        if case .content(let piece) = self { return piece.count }
        return 0
    }
}
