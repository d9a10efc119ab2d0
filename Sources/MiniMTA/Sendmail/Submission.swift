import Bytes
import Diagnostics
import LocalSubmission
import Message
import Posix
import Settings

/// A message that a user submits: its envelope, and the way to `postdrop`.
struct Submission {
    /// The largest header that -t reads for recipients: as much again as any one field may be.
    private static let headerLimit = 1 << 22

    private let options: SendmailOptions
    private let settings: SubmissionSettings
    private let user: String

    init(
        _ options: SendmailOptions, _ configuration: MainConfiguration
    ) throws(SendmailFailure) {
        self.options = options
        do throws(ConfigurationError) {
            settings = try configuration.settings(SubmissionSettings.self)
        } catch { throw .init("\(error)", ExitCode.configuration) }
        user = Self.userName()
    }

    /// Reads the message and submits it; fails, and submits nothing, when any part fails.
    func send(with programs: Programs) throws(SendmailFailure) {
        let sender = try senderAddress()
        do throws(SendmailFailure) { try send(from: sender, with: programs) } catch {
            let subject = "\(String(printable: sender))(\(Rights.user))"
            throw .init("\(subject): \(error.text)", error.code)
        }
    }

    private func send(
        from sender: [UInt8], with programs: Programs
    ) throws(SendmailFailure) {
        var recipients = try commandLineRecipients()
        var input = MessageInput(
            FileDescriptor(adopting: 0), ignoresDots: options.ignoresDots,
            endings: settings.lineEndings)
        var beginning: [[UInt8]] = []
        if options.takesRecipientsFromHeader {
            let header = try HeaderRecipients.read(&input, limit: Self.headerLimit)
            recipients += header.recipients
            beginning = header.lines
        }
        guard !recipients.isEmpty else { throw .init(nobody, ExitCode.temporary) }
        let drop = try programs.startDrop()
        drop.put(.sender(sender))
        putEnvelope(to: drop, recipients)
        var size = 0
        for line in beginning { try put(line, &size, drop) }
        while let line = try next(&input) { try put(line, &size, drop) }
        try finish(drop)
    }

    private func finish(_ drop: DropProcess) throws(SendmailFailure) {
        let ending: Process.Ending
        do throws(SystemError) { ending = try drop.finish() } catch {
            throw .init("wait for postdrop: \(error.reason)", ExitCode.system)
        }
        switch ending {
        case .exited(0): return
        case .exited(let code):
            throw .init("\(user)(\(Rights.user)): message was not submitted", code)
        case .signalled(let signal):
            throw .init(
                "\(user)(\(Rights.user)): postdrop was ended by signal \(signal)",
                ExitCode.temporary)
        }
    }

    private var nobody: String {
        options.takesRecipientsFromHeader
            ? "No recipient addresses found in message header"
            : "Recipient addresses must be specified on the command line or via the -t option"
    }

    private func putEnvelope(to drop: DropProcess, _ recipients: [[UInt8]]) {
        if let name = fullName(), !name.isEmpty { drop.put(.fullName(name)) }
        let attributes = [
            (MaildropRecord.Attributes.encoding, options.encoding),
            (MaildropRecord.Attributes.rewriteContext, options.isGateway ? "remote" : nil),
            (MaildropRecord.Attributes.notify, options.notify),
            (MaildropRecord.Attributes.returned, options.returned),
            (MaildropRecord.Attributes.envelopeID, options.envelopeID),
        ]
        for (name, value) in attributes {
            if let value { drop.put(.attribute(name, Array(value.utf8))) }
        }
        for recipient in recipients { drop.put(.recipient(recipient)) }
    }

    private func put(
        _ line: [UInt8], _ size: inout Int, _ drop: DropProcess
    ) throws(SendmailFailure) {
        size += line.count
        guard settings.messageSizeLimit == 0 || size <= settings.messageSizeLimit else {
            // Without its end record the submission is dropped.
            throw .init("message file too big", ExitCode.unavailable)
        }
        drop.put(.content(line))
    }

    private func next(_ input: inout MessageInput) throws(SendmailFailure) -> [UInt8]? {
        do throws(SystemError) { return try input.next() } catch {
            throw .init(
                "error reading input: \(error.reason)", ExitCode.temporary)
        }
    }

    /// The name that the system has for the caller; the number when it has none.
    private static func userName() -> String {
        do throws(SystemError) {
            return try User.withID(Rights.user)?.name ?? "\(Rights.user)"
        } catch { return "\(Rights.user)" }
    }

    /// The envelope sender: -f, or the user.
    private func senderAddress() throws(SendmailFailure) -> [UInt8] {
        guard let text = options.sender else { return Array(user.utf8) }
        let bytes = Array(text.utf8).trimmed
        if bytes.isEmpty || Array(bytes) == Array("<>".utf8) { return [] }
        guard let address = AddressList.parse(bytes).mailboxes.first, !address.isEmpty else {
            throw .init("bad sender address: \(text)", ExitCode.temporary)
        }
        return address.address
    }

    private func commandLineRecipients() throws(SendmailFailure) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for argument in options.recipients {
            let list = AddressList.parse(Array(argument.utf8)).mailboxes.filter { !$0.isEmpty }
            guard !list.isEmpty else {
                throw .init("bad recipient address: \(argument)", ExitCode.temporary)
            }
            found += list.map(\.address)
        }
        return found
    }

    /// -F, NAME of the environment, or the account's full name; `&` in that is the user's name.
    private func fullName() -> [UInt8]? {
        let given = options.fullName ?? Environment["NAME"] ?? accountName()
        return given.map {
            Array($0.utf8.filter { !$0.isControl }.prefix(MaildropRecord.textLimit))
        }
    }

    private func accountName() -> String? {
        do throws(SystemError) {
            guard let account = try User.withID(Rights.user) else { return nil }
            let capital = account.name.prefix(1).uppercased() + account.name.dropFirst()
            return account.fullName.split(separator: "&", omittingEmptySubsequences: false)
                .joined(separator: capital)
        } catch { return nil }
    }
}
