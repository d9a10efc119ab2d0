import Accounts
import Bytes
import DeliveryAgent
import DeliveryMonitor
import LocalDelivery
import MailStore
import Mbox
import Posix
import Recipes
import Settings

/// Delivers one recipient's share of a letter that came over LMTP: for a user of this machine as
/// `mda -d` does, for a user of a list by `mail_location` alone.
struct LMTPDelivery: RecipientDelivery {
    private let line: DeliveryCommandLine
    private let environment: ProcessEnvironment

    /// `quota_full_tempfail`.
    private let waitsWhenFull: Bool

    init(_ program: LMTPProgram, _ settings: AccessSettings) {
        var line = program.line
        waitsWhenFull = settings.quotaFullIsTemporary
        if !waitsWhenFull {
            line.assignments.append((Array("QUOTA_FULL_TEMPFAIL".utf8), Array("no".utf8)))
        }
        self.line = line
        environment = program.environment
    }

    func prepare(_ errand: DeliveryErrand) {
        guard let user = errand.user else { return }
        SpoolMailbox.make(Presets.systemMailbox(of: user), owner: user.id)
    }

    func deliver(_ errand: DeliveryErrand, _ letter: consuming FileDescriptor) -> Int32 {
        _ = Process.setUmask(0o077)
        do throws(DeliveryFailure) {
            let location = try location(of: errand)
            let delivered = try Self.letter(errand, letter)
            if let user = errand.user {
                return try runRecipes(delivered, user, location, errand)
            }
            do throws(DeliveryFailure) { try place(delivered, location, errand) } catch {
                // A mailbox that is closed or missing is for somebody to put right: mail waits.
                guard error.status == "5.2.0" else { throw error.waiting(whenFull: waitsWhenFull) }
                throw .retryLater(status: "4.2.0", text: error.text)
            }
            return ExitStatus.success
        } catch {
            // The status in front is what the answer will have.
            say("\(error.status) \(error.text)")
            return ExitStatus.temporaryFailure
        }
    }

    private func location(of errand: DeliveryErrand) throws(DeliveryFailure) -> MailLocation {
        let account = errand.account
        do throws(StoreError) {
            return try MailLocation.parse(
                filledIn: account.mailLocation, user: account.name, home: account.home)
        } catch { throw .retryLater(status: "4.3.5", text: "mail_location: \(error)") }
    }

    private static func letter(
        _ errand: DeliveryErrand, _ content: consuming FileDescriptor
    ) throws(DeliveryFailure) -> DeliveredLetter {
        let size: Int
        do throws(SystemError) { size = try content.status().size } catch {
            throw .retryLater(status: "4.3.0", text: "\(error)")
        }
        let headers =
            Array("Return-Path: <".utf8) + errand.sender + Array(">\nDelivered-To: ".utf8)
            + errand.address + [.lf]
        return DeliveredLetter(
            content: content, offset: 0, size: size, sender: errand.sender, headers: headers)
    }

    /// For a user of this machine: recipes, then the mailbox.
    private func runRecipes(
        _ delivered: borrowing DeliveredLetter, _ user: User, _ location: MailLocation,
        _ errand: DeliveryErrand
    ) throws(DeliveryFailure) -> Int32 {
        var octets = FromLine.format(sender: errand.sender, date: Clock.now) + delivered.headers
        do throws(SystemError) {
            try delivered.forEachPiece { (piece) throws(SystemError) in octets += piece }
        } catch { throw .retryLater(status: "4.3.0", text: "\(error)") }
        var line = line
        if !errand.extensionPart.isEmpty { line.arguments.insert(errand.extensionPart, at: 0) }
        let home = errand.account.home
        let recipient = User(
            name: user.name, id: user.id, group: errand.account.group,
            home: home.bytes.isEmpty ? user.home : home, shell: user.shell)
        let slash: [UInt8] = location.format == .maildir ? [UInt8(ascii: "/")] : []
        return Recipient(
            recipient, Letter(octets), line, environment,
            mailbox: location.inbox.bytes + slash
        ).deliver()
    }

    /// For a user of a list: the mailbox.
    private func place(
        _ delivered: borrowing DeliveredLetter, _ location: MailLocation, _ errand: DeliveryErrand
    ) throws(DeliveryFailure) {
        switch location.format {
        case .maildir:
            try makeParent(of: location.inbox)
            try MailboxDelivery.deliver(delivered, toMaildir: location.inbox)
        case .mbox:
            try makeParent(of: location.inbox)
            let notes = try MailboxDelivery.append(
                delivered, toMbox: location.inbox,
                rules: OpeningRules(creation: OpeningRules.Creation()),
                locks: LockPolicy(privilegedGroup: errand.account.privilegedGroup))
            for note in notes { say(note) }
        }
    }

    /// A user of a list may get mail before anybody has made a place for it, as with Dovecot.
    private func makeParent(of mailbox: Path) throws(DeliveryFailure) {
        do throws(SystemError) {
            guard try mailbox.parent.statusIfPresent() == nil else { return }
            try mailbox.parent.makeDirectories(mode: 0o700)
        } catch { throw .mailbox(error, error.operation) }
    }

    private func say(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (errors) throws(SystemError) in
                try errors.write(Array("\(text)\n".utf8))
            }
        } catch {
            // Nobody listens.
        }
    }
}
