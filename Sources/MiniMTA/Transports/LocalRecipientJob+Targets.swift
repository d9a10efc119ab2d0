import Bytes
import Diagnostics
import LocalDelivery
import MailQueue
import Posix
import Rewriting
import Settings
import Tables

/// Commands and files that lists name, each as the owner of its list.
extension LocalRecipientJob {
    mutating func deliver(
        to target: AliasTarget, asOwnerOf table: String, from list: String, _ task: Task,
        _ message: borrowing LocalMessage
    ) {
        do throws(SystemError) {
            guard let owner = try context.owner(ofTable: table) else {
                let name = context.defaultPrivileges
                return note(
                    deferred("4.3.0", "unknown user in default_privs: \(name)"), task.address,
                    message)
            }
            let at = task.address.lastIndex(of: .at) ?? task.address.endIndex
            let local = Array(task.address[..<at])
            let who = LocalMessage.Recipient(
                envelope: recipient, final: task.address, local: local,
                extensionPart: context.split(local).extensionPart, user: nil)
            deliver(to: target, as: owner, from: list, who, message)
        } catch { note(deferred("4.3.0", "\(error)"), task.address, message) }
    }

    mutating func deliver(
        to target: AliasTarget, as owner: User, from list: String, _ who: LocalMessage.Recipient,
        _ message: borrowing LocalMessage
    ) {
        let work = LocalTargetDelivery(
            recipient: who, settings: context.settings, agent: context.agent)
        let identity = LocalErrand.Identity(owner)
        let answer: LocalAnswer
        switch target {
        case .command(let command):
            guard seen.insert(Array("command \(owner.id) ".utf8) + command).inserted else { return }
            guard context.settings.commandsAllowed.contains(list) else {
                return note(bounced("5.7.1", "mail to command is restricted"), who.final, message)
            }
            answer = errand(identity) { work.answer(command: command, message) }
        case .file(let file):
            guard seen.insert(Array("file \(owner.id) ".utf8) + file).inserted else { return }
            guard context.settings.filesAllowed.contains(list) else {
                return note(bounced("5.7.1", "mail to file is restricted"), who.final, message)
            }
            answer = errand(identity) { work.answer(file: file, message) }
        case .address, .include: return
        }
        switch answer {
        case .delivered(let text): note(sent(text), who.final, message)
        case .failed(let failure): note(outcome(failure), who.final, message)
        case .forward: break
        }
    }

    func errand(
        _ identity: LocalErrand.Identity, _ body: () -> FieldWriter
    ) -> LocalAnswer {
        do throws(SystemError) {
            var fields = try LocalErrand.run(as: identity, seconds: context.patience, body)
            do throws(MalformedFrame) {
                let (answer, notes) = try LocalAnswer.read(&fields)
                for note in notes { context.log.warning(note) }
                return answer
            } catch {
                return .failed(.retryLater(status: "4.3.0", text: "malformed delivery report"))
            }
        } catch { return .failed(.retryLater(status: "4.3.0", text: "\(error)")) }
    }
}
