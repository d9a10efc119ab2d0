import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
package import Services
import Settings

/// The daemon `cleanup`: makes messages whole and queues them.
///
/// Runs as `mail_owner`, reads the message and touches nothing but `incoming/`.
package enum CleanupDaemon {
    package static func run(_ daemon: Daemon) -> Never {
        daemon.becomeMailOwner()
        let environment = CleanupEnvironment(
            host: daemon.settings(HostSettings.self),
            rewriting: daemon.settings(RewritingSettings.self),
            settings: daemon.settings(CleanupSettings.self),
            sizeLimit: daemon.settings(QueueSettings.self).messageSizeLimit, log: daemon.log)
        daemon.serve { socket in environment.serve(socket) }
    }
}

/// What all messages of a process share.
struct CleanupEnvironment {
    /// How long a client may take for its next frame: as long as smtpd waits for a slow one.
    private static let patience = 3600

    let host: HostSettings
    let settings: CleanupSettings
    let sizeLimit: Int
    let log: Log
    let rewriter: Rewriter
    let dropped: [[UInt8]]

    init(
        host: HostSettings, rewriting: RewritingSettings, settings: CleanupSettings,
        sizeLimit: Int, log: Log
    ) {
        self.host = host
        self.settings = settings
        self.sizeLimit = sizeLimit
        self.log = log
        rewriter = Rewriter(host, rewriting)
        dropped = settings.dropsHeaders.map { Array($0.utf8).lowercased }
    }

    /// Serves one client: one message, or none when it goes away.
    func serve(_ socket: consuming FileDescriptor) {
        let channel: Channel
        let writer: QueueFileWriter
        do throws(SystemError) {
            channel = try Channel(socket)
            writer = try QueueFileWriter()
        } catch {
            // Without a queue ID there is nothing to say: the client sees that we go.
            log.warning("create file incoming: \(error)")
            return
        }
        channel.deadline = .after(seconds: Self.patience)
        do throws(ChannelError) {
            let receiver = try SubmissionReceiver(channel, queueID: writer.id)
            let message = MessageCleaner(self, writer)
            try receive(channel, receiver, message)
        } catch {
            writer.abort()
            switch error {
            case .closed: break
            case .timedOut, .malformed, .failed:
                log.warning("\(writer.id): reading a message: \(error)")
            }
        }
    }

    private func receive(
        _ channel: Channel, _ receiver: SubmissionReceiver, _ message: MessageCleaner
    ) throws(ChannelError) {
        while true {
            channel.deadline = .after(seconds: Self.patience)
            if let status = message.take(try receiver.next()) {
                // Wakes qmgr first: it is at work while the client reads our answer.
                if status == .queued { QueueTrigger.newMessage() }
                try receiver.answer(status)
                return
            }
        }
    }
}
