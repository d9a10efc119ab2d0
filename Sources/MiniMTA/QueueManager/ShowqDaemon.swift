import Diagnostics
import MailQueue
import Posix
package import Services

/// The daemon `showq`: tells postqueue what lies in the queue, message by message.
package enum ShowqDaemon {
    /// Seconds that a reader may take for one message.
    private static let patience = 60

    package static func run(_ daemon: Daemon) -> Never {
        daemon.becomeMailOwner()
        daemon.serve { connection in
            do throws(SystemError) {
                let channel = try Channel(connection)
                do throws(ChannelError) { try tell(channel) } catch {
                    // The reader has gone; it was its list.
                    return
                }
            } catch { daemon.log.warning("\(error)") }
        }
    }

    private static func tell(_ channel: Channel) throws(ChannelError) {
        try QueueListing.readAll { (listing) throws(ChannelError) in
            channel.deadline = .after(seconds: patience)
            try channel.send(ShowqMessage.message(listing))
            for recipient in listing.recipients {
                try channel.send(ShowqMessage.recipient(recipient))
            }
        }
        try channel.send(ShowqMessage.end)
    }
}
