import Bytes
import Diagnostics
import LocalDelivery
import MailQueue
import Posix
import Rewriting
import Settings
import Tables

/// What goes on to other machines, and the record of every end.
extension LocalRecipientJob {
    /// Queues the letter for what is not delivered here.
    ///
    /// Not while something here must be tried again: those addresses would get it twice.
    mutating func forwardRest(_ message: borrowing LocalMessage) {
        guard !forwards.isEmpty, worst?.kind != .deferred else { return }
        let who = LocalMessage.Recipient(
            envelope: recipient, final: recipient.address, local: [], extensionPart: [], user: nil)
        let forwarder = LocalForwarder(
            hostName: context.host.myhostname, mailName: context.settings.mailName,
            marksDelivery: context.settings.headersPrepended.contains("forward"))
        do throws(ForwardFailure) {
            let id = try forwarder.forward(message, for: who, to: forwards)
            note(sent("forwarded as \(id)"), recipient.address, message)
        } catch {
            note(deferred("4.3.0", "cannot forward: \(error.text)"), recipient.address, message)
        }
    }

    /// Logs one end of the delivery and keeps the worst for the queue.
    mutating func note(
        _ outcome: Outcome, _ address: [UInt8], _ message: borrowing LocalMessage
    ) {
        moments.finished = .now
        let bare = address.first == .backslash ? Array(address.dropFirst()) : address
        let original = recipient.original.isEmpty ? bare : recipient.original
        context.log.info(
            outcome.logLine(
                message.request.queueID, to: AddressQuoting.quote(bare),
                original: AddressQuoting.quote(original), moments))
        let isWorse =
            switch (worst?.kind, outcome.kind) {
            case (nil, _), (.sent?, .bounced), (.sent?, .deferred), (.bounced?, .deferred): true
            default: false
            }
        if isWorse { worst = outcome }
    }

    func shownName(_ name: [UInt8]) -> String { String(printable: name) }

    func sent(_ text: String) -> Outcome {
        Outcome(.sent, status: "2.0.0", text: text, relay: "local")
    }

    func deferred(_ status: String, _ text: String) -> Outcome {
        Outcome(.deferred, status: status, text: text, relay: "local")
    }

    func bounced(_ status: String, _ text: String) -> Outcome {
        let outcome = Outcome(.bounced, status: status, text: text, relay: "local")
        return context.settings.softBounce ? outcome.softened : outcome
    }

    func outcome(_ failure: DeliveryFailure) -> Outcome {
        switch failure {
        case .retryLater(let status, let text): deferred(status, text)
        case .giveUp(let status, let text): bounced(status, text)
        }
    }
}
