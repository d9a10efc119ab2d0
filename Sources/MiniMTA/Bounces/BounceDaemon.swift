import Bytes
import Diagnostics
import MailQueue
import Posix
package import Services
import Settings

/// The daemon `bounce`: tells senders that their message will not reach somebody.
///
/// It has a read-only descriptor of the queue file and submits its notices through cleanup. A crash
/// before its answer makes qmgr ask again, so a notice may come twice, never not at all.
package enum BounceDaemon {
    /// Seconds that qmgr may take to send its request.
    private static let patience = 60

    package static func run(_ daemon: Daemon) -> Never {
        daemon.becomeMailOwner()
        let bouncer = Bouncer(
            settings: daemon.settings(BounceSettings.self),
            host: daemon.settings(HostSettings.self),
            log: daemon.log)
        daemon.serve { connection in
            do throws(SystemError) {
                let channel = try Channel(connection)
                channel.deadline = .after(seconds: patience)
                do throws(ChannelError) { try answer(channel, bouncer) } catch {
                    daemon.log.warning("queue manager: \(error.text)")
                }
            } catch { daemon.log.warning("\(error)") }
        }
    }

    private static func answer(_ channel: Channel, _ bouncer: Bouncer) throws(ChannelError) {
        guard case .request(let request) = try channel.receive(BounceMessage.self),
            let file = channel.takeDescriptor()
        else { throw .malformed }
        let answer = bouncer.handle(request, file)
        channel.deadline = .after(seconds: patience)
        try channel.send(answer)
    }
}
