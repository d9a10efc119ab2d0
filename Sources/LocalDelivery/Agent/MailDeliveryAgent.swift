import Bytes
import LocalDelivery
import Posix
import Recipes

/// One run of `mda`: reads the letter, finds out for whom, and has each recipient's recipes run.
package struct MailDeliveryAgent {
    private let line: DeliveryCommandLine
    private let environment: ProcessEnvironment
    private let signals = DeliverySignals()

    package init(_ line: DeliveryCommandLine, environment: ProcessEnvironment) {
        self.line = line
        self.environment = environment
    }

    /// Delivers, and yields the exit status.
    package func run() -> Int32 {
        for complaint in line.complaints { say(complaint) }
        switch line.mode {
        case .version: return tellVersion()
        case .usage: return tellUsage()
        case .lmtp:
            say("LMTP is spoken by the program mda only")
            return ExitStatus.usage
        case .general:
            if line.recipeFiles.isEmpty { return ExitStatus.noInput }
            return deliverForSelf()
        case .filter: return deliverForSelf()
        case .deliver(let names): return deliver(for: names)
        case .explain: return explain()
        case .check: return RecipeCheck(line).run()
        }
    }

    private func deliverForSelf() -> Int32 {
        do throws(SystemError) {
            let octets = try readLetter()
            guard !octets.isEmpty else { return ExitStatus.temporaryFailure }
            let letter = try letter(octets, isForced: false)
            let owner = try becomeOwner()
            let user = if let owner { owner } else { try caller() }
            return Recipient(user, letter, line, environment, signals: signals).deliver()
        } catch { return fail(error) }
    }

    /// Started by root, `-m` runs a file of the administrator's directory as that file's owner: nil for
    /// every other file, and where somebody else may have had a say.
    private func becomeOwner() throws(SystemError) -> User? {
        guard line.mode == .general, Rights.effectiveUser == 0, let name = line.recipeFiles.first,
            name.starts(with: Self.ownedFiles), let owner = Self.owner(of: Path(name))
        else { return nil }
        let parts = name.split(separator: UInt8(ascii: "/"))
        guard !parts.contains(where: { $0.elementsEqual("..".utf8) }),
            !line.keepsEnvironment, line.assignments.isEmpty, let user = try User.withID(owner)
        else {
            say("Denying special privileges for \"\(String(printable: name))\"")
            return nil
        }
        try Rights.become(user)
        return user
    }

    /// A link's own, where the file is one.
    private static func owner(of file: Path) -> UInt32? {
        do throws(SystemError) { return try file.linkStatus().owner } catch { return nil }
    }

    private static let ownedFiles = Array("/etc/procmailrcs/".utf8)

    private func explain() -> Int32 {
        do throws(SystemError) {
            let letter = try letter(try readLetter(), isForced: false)
            return Explanation(line, try caller(), letter, environment).run()
        } catch { return fail(error) }
    }

    /// The account of whoever called us.
    private func caller() throws(SystemError) -> User {
        try User.withID(Rights.user)
            ?? User(name: "#\(Rights.user)", id: Rights.user, group: Rights.group, home: "/")
    }

    /// Delivers for each of `names` in a process of its own.
    private func deliver(for names: [[UInt8]]) -> Int32 {
        var worst = ExitStatus.success
        do throws(SystemError) {
            let octets = try readLetter()
            guard !octets.isEmpty else { return ExitStatus.temporaryFailure }
            let letter = try letter(octets, isForced: true)
            for name in names.dropLast() {
                let status = try deliverApart(letter, name)
                if status != ExitStatus.success, worst != ExitStatus.temporaryFailure {
                    worst = failure(of: status)
                }
            }
            // The last one's delivery is our own.
            let status = names.last.map { deliver(letter, $0) } ?? ExitStatus.success
            let isRefused = status == ExitStatus.unknownUser || status == ExitStatus.noPermission
            return isRefused || worst == ExitStatus.success ? status : worst
        } catch { return fail(error) }
    }

    /// What one recipient's failure makes of the whole: it is for good unless it may pass.
    private func failure(of status: Int32) -> Int32 {
        let isPassing = status == ExitStatus.temporaryFailure || line.failsSoftly
        return isPassing ? ExitStatus.temporaryFailure : ExitStatus.cannotCreate
    }

    private func deliverApart(_ letter: Letter, _ name: [UInt8]) throws(SystemError) -> Int32 {
        guard let child = try fork() else { Process.exit(deliver(letter, name)) }
        switch try Process.wait(child) {
        case .exited(let status): return status
        case .signalled: return ExitStatus.temporaryFailure
        }
    }

    /// A second process, as soon as the machine has room for it: no recipes have said how long to try.
    private func fork() throws(SystemError) -> Int32? {
        var patience = Patience()
        while true {
            do throws(SystemError) { return try Process.fork() } catch {
                guard error.isProcessShortage, patience.takeRetry() else { throw error }
                signals.wait(milliseconds: patience.pause * 1000)
                endIfAsked()
            }
        }
    }

    private func deliver(_ letter: Letter, _ name: [UInt8]) -> Int32 {
        do throws(SystemError) {
            guard let user = try findUser(name) else {
                say("Unknown user \"\(String(printable: name))\"")
                return ExitStatus.unknownUser
            }
            let mailbox = Presets.systemMailbox(of: user)
            if SpoolMailbox.isForwarding(mailbox) {
                say("Autoforwarding mailbox found")
                return ExitStatus.unknownUser
            }
            if Rights.effectiveUser == 0 {
                SpoolMailbox.make(mailbox, owner: user.id)
                try Rights.become(user)
            } else if Rights.user != user.id {
                say("Insufficient privileges")
                return ExitStatus.noPermission
            }
            return Recipient(user, letter, line, environment, signals: signals).deliver()
        } catch { return fail(error) }
    }

    /// The account, by its name as given, else in small letters and without a host.
    private func findUser(_ name: [UInt8]) throws(SystemError) -> User? {
        guard let text = String(utf8: name) else { return nil }
        if let user = try User.named(text) { return user }
        let local = name.prefix { $0 != .at }.lowercased
        guard local != name, let folded = String(utf8: local) else { return nil }
        return try User.named(folded)
    }

    private func fail(_ error: SystemError) -> Int32 {
        say("\(error)")
        return ExitStatus.temporaryFailure
    }

    private func say(_ text: String) { write("procmail: \(text)\n") }

    private func write(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (errors) throws(SystemError) in
                try errors.write(Array(text.utf8))
            }
        } catch {
            // Nobody listens.
        }
    }
}

extension MailDeliveryAgent {
    /// Octets of a letter from standard input; it is kept in memory.
    private static let letterLimit = 1 << 31
    private static let partSize = 1 << 20

    /// Waits until there is more to read; a signal that asks to end does so here.
    private func waitForInput() throws(SystemError) {
        guard let number = signals.number else { return }
        while try poll([(0, .readable), (number, .readable)], until: .never)[0].isEmpty {
            endIfAsked()
        }
    }

    private func endIfAsked() {
        while let signal = signals.next() {
            guard let status = DeliverySignals.status(signal) else { continue }
            say("Terminating prematurely")
            Process.exit(status)
        }
    }

    private func readLetter() throws(SystemError) -> [UInt8] {
        var octets: [UInt8] = []
        try FileDescriptor.withInherited(0) { (input) throws(SystemError) in
            // A file's size is known: then nothing is moved while the letter grows.
            octets.reserveCapacity(min(try input.status().size, Self.letterLimit))
            while true {
                try waitForInput()
                let part = try input.read(limit: Self.partSize)
                if part.isEmpty { return }
                octets += part
                guard octets.count <= Self.letterLimit else {
                    throw SystemError(SystemError.tooLarge, "read the letter")
                }
            }
        }
        // Empty lines in front would be an empty header.
        return octets.first == .lf ? Array(octets.drop { $0 == .lf }) : octets
    }

    /// The letter with the From_ line that the options and the caller's rights give it.
    private func letter(_ octets: [UInt8], isForced: Bool) throws(SystemError) -> Letter {
        var letter = Letter(octets)
        if line.keepsLength { letter.limitLength() } else { letter.correctLength() }
        let invoker = try User.withID(Rights.user)?.name ?? "#\(Rights.user)"
        let caller = Array(invoker.utf8)
        let isTrusted = Self.trusted.contains(invoker)
        guard line.sender != nil || isForced else { return letter }
        let place = letter.fromLine.map { $0.endIndex + 1 } ?? 0
        let date = Array("  \(CalendarTime.local(Clock.now).asctime)\n".utf8)
        let mark = Array(">From ".utf8) + caller + date
        if line.sender == nil, place > 0, isTrusted || !line.overridesFakes {
            // A From_ line that is there stays; whose word it is, the next line says.
            return isTrusted
                ? letter : Letter(letter.octets[..<place] + mark + letter.octets[place...])
        }
        let isRenewed = line.sender == [UInt8(ascii: "-")]
        let old = letter.fromLine.map { Self.sender(of: Array($0.dropFirst(5))) }
        var sender = isRenewed ? old ?? caller : line.sender
        var isMarked = false
        if isForced, !isTrusted {
            let isFake = sender.map { $0 != caller } ?? false
            isMarked = isFake && !line.overridesFakes
            if sender == nil || (isFake && line.overridesFakes) { sender = caller }
        }
        guard let sender = sender ?? (old == nil ? caller : nil) else { return letter }
        var front = Array("From ".utf8) + sender.filter { !$0.isControl } + date
        if isMarked { front += mark }
        return Letter(front + letter.octets.dropFirst(place))
    }

    /// What stands before the date of a From_ line, or its first word where no date is.
    private static func sender(of line: [UInt8]) -> [UInt8] {
        let address = line.prefix { !$0.isBlank }.count
        var place = line.count - 24
        while place > address {
            if line[place + 13] == .colon, line[place + 16] == .colon {
                var end = place
                while end > address, line[end - 1].isBlank { end -= 1 }
                return Array(line[..<end])
            }
            place -= 1
        }
        return Array(line[..<address])
    }

    /// Accounts whose word about the sender counts.
    private static let trusted: Set<String> = [
        "root", "daemon", "uucp", "mail", "x400", "network", "list", "slist", "lists", "news",
        "postfix",
    ]

    private func tellVersion() -> Int32 {
        say(
            "mda of Malleposte, for procmail v3.23pre\n"
                + "Locking strategies:\tdotlocking, fcntl()\n"
                + "Default rcfile:\t\t$HOME/.procmailrc\n"
                + "Your system mailbox:\t/var/mail/USER")
        return ExitStatus.success
    }

    private func tellUsage() -> Int32 {
        write(Self.usage)
        return ExitStatus.usage
    }

    private static let usage = """
        Usage: procmail [-ptoY] [-f fromwhom] [parameter=value | rcfile] ...
           Or: procmail [-toY] [-f fromwhom] [-a argument] ... -d recipient ...
           Or: procmail [-ptY] -m [parameter=value] ... rcfile [argument] ...
           Or: procmail -v
           Or: mda --explain [parameter=value] ... [rcfile [argument] ...] < message
           Or: mda --check [rcfile] ...

        """
}
