import Bytes
import Diagnostics
import LocalDelivery
import MailQueue
import Posix
import Rewriting
import Settings
import Tables

/// Users: their .forward files and their mailboxes.
extension LocalRecipientJob {
    mutating func deliverToUser(
        _ task: Task, _ local: [UInt8], _ message: borrowing LocalMessage
    ) {
        if let obstacle = context.userObstacle {
            return note(deferred("4.3.5", obstacle), task.address, message)
        }
        let (name, extensionPart) = context.split(local)
        let user: User?
        do throws(SystemError) { user = try account(local, or: name) } catch {
            return note(
                deferred("4.3.0", "user lookup error: \(error.reason)"), task.address, message)
        }
        guard let user else { return unknown(local, task, message) }
        let who = LocalMessage.Recipient(
            envelope: recipient, final: task.address, local: local,
            extensionPart: user.name.utf8.elementsEqual(local.lowercased) ? [] : extensionPart,
            user: user)
        guard let answer = deliver(as: user, who, skipsForward: task.isFinal, message) else {
            return
        }
        if case .forward(let targets) = answer { take(targets, ofUser: user, who, task, message) }
    }

    /// The account of the whole local part, else of what stands before the extension.
    func account(_ local: [UInt8], or user: [UInt8]) throws(SystemError) -> User? {
        for name in user == local ? [local] : [local, user] {
            guard let text = String(utf8: name.lowercased) else { continue }
            if let user = try User.named(text) { return user }
        }
        return nil
    }

    mutating func unknown(
        _ local: [UInt8], _ task: Task, _ message: borrowing LocalMessage
    ) {
        if local.equalsIgnoringCase("mailer-daemon") || local.equalsIgnoringCase("postmaster") {
            context.log.warning("mail for \(shownName(local)) is discarded: no such alias or user")
            return note(sent("discarded"), task.address, message)
        }
        if let obstacle = context.unknownUserObstacle {
            return note(deferred("4.3.5", obstacle), task.address, message)
        }
        note(bounced("5.1.1", "unknown user: \"\(shownName(local))\""), task.address, message)
    }

    /// Has the letter delivered by a process that is the user; nil when the answer is noted already.
    mutating func deliver(
        as user: User, _ who: LocalMessage.Recipient, skipsForward: Bool,
        _ message: borrowing LocalMessage
    ) -> LocalAnswer? {
        let group = context.spoolGroup
        let work = LocalUserDelivery(
            user: user, recipient: who, settings: context.settings,
            delimiter: delimiter(in: who), skipsForward: skipsForward, spoolGroup: group,
            agent: context.agent)
        let answer = errand(LocalErrand.Identity(user, keepingGroup: group)) {
            work.answer(message)
        }
        switch answer {
        case .forward: return answer
        case .delivered(let text): note(sent(text), who.final, message)
        case .failed(let failure): note(outcome(failure), who.final, message)
        }
        return nil
    }

    func delimiter(in who: LocalMessage.Recipient) -> UInt8? {
        let place = who.local.count - who.extensionPart.count - 1
        return who.extensionPart.isEmpty || place < 0 ? nil : who.local[place]
    }

    /// What a .forward file says: the user's own name is the mailbox, everything else goes on.
    mutating func take(
        _ targets: [AliasTarget], ofUser user: User, _ who: LocalMessage.Recipient, _ task: Task,
        _ message: borrowing LocalMessage
    ) {
        for target in targets {
            switch target {
            case .address(let text):
                let address = complete(text)
                let bare = address.first == .backslash ? Array(address.dropFirst()) : address
                let local = bare.prefix { $0 != .at }
                if local.lowercased.elementsEqual(user.name.utf8), isLocal(bare) {
                    let mailbox = Array("mailbox \(user.name)".utf8)
                    guard seen.insert(mailbox).inserted else { continue }
                    _ = deliver(as: user, who, skipsForward: true, message)
                } else if !isLocal(bare) || !endsLoop(bare, message) {
                    forward(bare)
                }
            case .command, .file: deliver(to: target, as: user, from: "forward", who, message)
            case .include(let path):
                let name = String(printable: path)
                note(
                    deferred("4.3.0", "not supported yet: :include:\(name)"), task.address, message)
            }
        }
    }
}
