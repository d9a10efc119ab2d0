import Bytes
import Diagnostics
import LocalDelivery
import MailQueue
import Posix
package import Services
import Settings

/// The daemon `local`: delivers to the users, aliases and lists of this machine.
///
/// It stays root only to become each recipient: whatever is opened, run or read for somebody is done
/// in a process that has become that user for good. The letter's own octets are read only there.
package enum LocalDaemon {
    package static func run(_ daemon: Daemon) -> Never {
        let context = LocalContext(daemon)
        let limits = daemon.settings(ServiceSettings.self)
        daemon.serve { connection in
            do throws(SystemError) {
                let channel = try Channel(connection)
                channel.deadline = .after(seconds: limits.ipcTimeout)
                serve(channel, context, daemon)
            } catch { daemon.log.warning("\(error)") }
        }
    }

    /// Handles the one request of a connection.
    private static func serve(_ channel: Channel, _ context: LocalContext, _ daemon: Daemon) {
        do throws(ChannelError) {
            guard case .request(let request) = try channel.receive(DeliveryMessage.self),
                let file = channel.takeDescriptor()
            else { return daemon.log.warning("a request without a message") }
            let message = LocalMessage(request: request, file: file)
            let delivered = message.deliveredTo
            for recipient in request.recipients {
                var job = LocalRecipientJob(context, request, recipient, delivered: delivered)
                let outcome = job.run(message)
                try channel.send(
                    DeliveryMessage.result(
                        DeliveryResult(recipient: recipient.index, outcome: outcome)))
            }
            try channel.send(DeliveryMessage.done)
        } catch {
            // The queue manager has gone: what it was not told of is tried again.
            if error != .closed { daemon.log.warning("talking to qmgr: \(error.text)") }
        }
    }
}
