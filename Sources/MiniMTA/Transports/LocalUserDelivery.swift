import Bytes
import LocalDelivery
import Mbox
import Posix
import Tables

/// What is done as the recipient: looking for a .forward file, then putting the letter where the
/// configuration says.
///
/// Runs in a process that has become the user.
struct LocalUserDelivery {
    let user: User
    let recipient: LocalMessage.Recipient
    let settings: LocalSettings
    let delimiter: UInt8?
    /// The letter goes to the mailbox whatever a .forward file says.
    let skipsForward: Bool
    let spoolGroup: UInt32?
    let agent: OwnProgram?

    /// Delivers, and yields the answer for the parent.
    func answer(_ message: borrowing LocalMessage) -> FieldWriter {
        var notes: [String] = []
        if !skipsForward, let targets = forward(&notes) {
            return LocalAnswer.forward(targets).encode(notes: notes)
        }
        do throws(DeliveryFailure) {
            let text = try deliver(message, &notes)
            return LocalAnswer.delivered(text).encode(notes: notes)
        } catch { return LocalAnswer.failed(error).encode(notes: notes) }
    }

    // MARK: .forward

    /// What the first .forward file says that exists and may be trusted.
    private func forward(_ notes: inout [String]) -> [AliasTarget]? {
        for path in forwardPaths {
            do throws(SystemError) {
                guard let status = try linkStatus(path) else { continue }
                guard status.kind == .regular, status.owner == user.id || status.owner == 0,
                    !status.isWorldWritable
                else {
                    notes.append("file \(path) is not a regular file of \(user.name) only")
                    return nil
                }
                let file = try FileDescriptor.open(path, .readOnly, [.noFollow, .nonBlocking])
                guard try file.status().isSameFile(as: status) else {
                    notes.append("file \(path) was replaced while it was opened")
                    return nil
                }
                let targets = Self.targets(try file.readAll(limit: Self.forwardLimit))
                return targets.isEmpty ? nil : targets
            } catch {
                notes.append("\(error)")
                return nil
            }
        }
        return nil
    }

    private func linkStatus(_ path: Path) throws(SystemError) -> FileStatus? {
        do throws(SystemError) { return try path.linkStatus() } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Octets of a .forward file: thousands of addresses.
    private static let forwardLimit = 1 << 18

    /// The targets of all lines; `#` in the first column begins a comment.
    static func targets(_ text: [UInt8]) -> [AliasTarget] {
        text.split(separator: .lf).filter { $0.first != UInt8(ascii: "#") }
            .flatMap { AliasValue.targets($0) }
    }

    private var forwardPaths: [Path] {
        settings.forwardPath.utf8.split(whereSeparator: { $0.isSpace || $0 == UInt8(ascii: ",") })
            .compactMap { expanded(Array($0)) }
    }

    /// The path with its names replaced; nil when one of them has no value.
    private func expanded(_ path: [UInt8]) -> Path? {
        var cursor = ByteCursor(path)
        var out: [UInt8] = []
        while let octet = cursor.next() {
            guard octet == UInt8(ascii: "$") else {
                out.append(octet)
                continue
            }
            let isBraced = cursor.take(UInt8(ascii: "{"))
            let name = cursor.take { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
            if isBraced { _ = cursor.take(UInt8(ascii: "}")) }
            guard let value = value(of: String(printable: name)) else { return nil }
            out += value
        }
        return out.first == UInt8(ascii: "/") ? Path(out) : nil
    }

    private func value(of name: String) -> [UInt8]? {
        switch name {
        case "home": user.home.bytes
        case "user": Array(user.name.utf8)
        case "extension": recipient.extensionPart.isEmpty ? nil : recipient.extensionPart
        case "recipient_delimiter": recipient.extensionPart.isEmpty ? nil : delimiter.map { [$0] }
        default: nil
        }
    }

    // MARK: Mailboxes

    private func deliver(
        _ message: borrowing LocalMessage, _ notes: inout [String]
    ) throws(DeliveryFailure) -> String {
        let hasCommand = !settings.mailboxCommand.isEmpty
        let letter = try self.letter(
            message, hasDelivered: !hasCommand || settings.headersPrepended.contains("command"))
        if hasCommand { return try runCommand(letter, message) }
        let home = settings.homeMailbox
        let path =
            home.isEmpty
            ? Path(settings.spoolDirectory) / Path(user.name) : user.home / Path(home)
        let isMaildir = (home.isEmpty ? settings.spoolDirectory : home).utf8.last == 0x2F
        if isMaildir {
            try giveUpSpoolGroup()
            return try settings.deliver(letter, toMaildir: path)
        }
        let isSpool = home.isEmpty
        try checkOwner(of: path)
        do throws(DeliveryFailure) {
            notes += try MailboxDelivery.append(
                letter, toMbox: path,
                rules: OpeningRules(
                    owner: settings.requiresOwnership ? user.id : nil,
                    creation: OpeningRules.Creation(owner: (user.id, user.group))),
                locks: settings.lockPolicy(privilegedGroup: isSpool ? spoolGroup : nil),
                sizeLimit: settings.mailboxSizeLimit)
        } catch {
            throw error.prepending("cannot update mailbox \(path) for user \(user.name). ")
        }
        return "delivered to mailbox"
    }

    /// A file that somebody else has put in the place of the mailbox is for the administrator to
    /// remove: the mail waits, rather than going back because the file cannot be opened.
    private func checkOwner(of path: Path) throws(DeliveryFailure) {
        guard settings.requiresOwnership else { return }
        let status: FileStatus?
        do throws(SystemError) { status = try linkStatus(path) } catch {
            throw .retryLater(status: "4.2.0", text: "\(error)")
        }
        guard let status else { return }
        let isRootsLink = status.kind == .symbolicLink && status.owner == 0
        guard status.owner == user.id || isRootsLink else {
            throw .retryLater(
                status: "4.2.0", text: "destination \(path) is not owned by recipient")
        }
    }

    private func letter(
        _ message: borrowing LocalMessage, hasDelivered: Bool
    ) throws(DeliveryFailure) -> DeliveredLetter {
        do throws(SystemError) {
            return try message.letter(for: recipient, hasDelivered: hasDelivered)
        } catch { throw .retryLater(status: "4.3.0", text: "\(error)") }
    }

    private func runCommand(
        _ letter: borrowing DeliveredLetter, _ message: borrowing LocalMessage
    ) throws(DeliveryFailure) -> String {
        try giveUpSpoolGroup()
        let text = Array(settings.mailboxCommand.utf8)
        try settings.command(text, message.variables(for: recipient), agent).deliver(letter)
        return "delivered to command: \(settings.mailboxCommand)"
    }

    /// The spool directory's group is for the spool: what follows must not have it.
    private func giveUpSpoolGroup() throws(DeliveryFailure) {
        guard spoolGroup != nil else { return }
        do throws(SystemError) {
            try Rights.become(user: user.id, group: user.group, supplementary: [user.group])
        } catch { throw .retryLater(status: "4.3.0", text: "\(error)") }
    }
}

extension LocalSettings {
    func deliver(
        _ letter: borrowing DeliveredLetter, toMaildir path: Path
    ) throws(DeliveryFailure) -> String {
        do throws(DeliveryFailure) {
            try MailboxDelivery.deliver(letter, toMaildir: path)
            return "delivered to maildir"
        } catch { throw error.waiting(whenFull: quotaFullIsTemporary) }
    }

    /// A command with the limits and the environment of the configuration.
    func command(
        _ text: [UInt8], _ variables: [(name: String, value: [UInt8])], _ agent: OwnProgram?
    ) -> CommandDelivery {
        var delivery = CommandDelivery(command: text, variables: variables)
        delivery.shell = Array(commandShell.utf8)
        delivery.exported = exportedEnvironment
        delivery.timeLimit = commandTimeLimit
        delivery.ownProgram = agent
        return delivery
    }
}
