import Bytes
package import Diagnostics
import MailQueue
import Posix
package import Rewriting
import Services
package import Settings

/// The queue manager: takes messages up, has them delivered, and remembers what became of them.
///
/// It alone marks recipients and moves files between incoming/, active/ and deferred/. One thread, one
/// event loop; every wait is in `poll`.
package final class QueueManager {
    /// Where an address goes; nil when that cannot be found out now.
    package typealias Resolve = ([UInt8]) -> Resolution?

    let configuration: MainConfiguration
    let settings: QueueManagerSettings
    let retry: Retry
    let log: Log
    /// The log of what qmgr itself decides on: Postfix's program for that is called `error`.
    let refusalLog: Log
    let resolve: Resolve
    /// Services of master.cf whose programs do not exist here yet.
    let unsupported: Set<String>
    /// Why no recipient is delivered to: a setting that nothing is built for.
    let obstacle: String?

    var scheduler = Scheduler()
    var messages: [QueueID: ActiveMessage] = [:]
    /// Recipients of the active messages.
    var recipientCount = 0
    var suspectIsActive = false
    /// Messages that wait for the one suspect that is active.
    var suspects = Line<QueueID>()

    var incoming = Line<QueueID>()
    var deferred = Line<QueueID>()
    /// Messages that the administrator wants tried now.
    var flushed: Set<QueueID> = []
    /// Which of the two lines had the last turn.
    var lastWasDeferred = false
    var wantsIncomingScan = true
    /// Files of another mail system that the log has named.
    var foreignFiles: Set<String> = []
    var nextRun = Deadline(milliseconds: 0)

    var deliveries: [Int32: RunningDelivery] = [:]
    var notices: [Int32: RunningNotice] = [:]
    /// Messages of which something was learnt in this turn.
    var touched: [ActiveMessage] = []
    /// Messages that wait for bounce, which has enough to do.
    var noticeLine = Line<ActiveMessage>()
    /// Messages whose file could not be written or moved; tried again after a while.
    var stuck: [ActiveMessage] = []
    var nextUnstick = Deadline.never
    /// A file was removed, and the directory not yet synced.
    var hasRemoved = false
    var nextRemovalSync = Deadline.never
    var isStopping = false

    package init(
        configuration: MainConfiguration, log: Log, refusalLog: Log, unsupported: Set<String>,
        obstacle: String? = nil, resolve: @escaping Resolve
    ) throws(ConfigurationError) {
        self.configuration = configuration
        self.log = log
        self.refusalLog = refusalLog
        self.unsupported = unsupported
        self.obstacle = obstacle
        self.resolve = resolve
        settings = try configuration.settings(QueueManagerSettings.self)
        if settings.bounceLifetime > settings.maximalLifetime {
            log.warning(
                "bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting "
                    + "bounce_queue_lifetime")
        }
        retry = Retry(settings)
    }

    /// Everything that can be done without waiting.
    func work() {
        if !isStopping {
            if nextRun.hasPassed { startQueueRun() }
            if wantsIncomingScan, incoming.isEmpty { scanIncoming() }
            admit()
            startDeliveries()
        }
        if nextUnstick.hasPassed { unstick() }
        settle()
        if nextRemovalSync.hasPassed { syncRemovals() }
    }

    /// By when `work` must be called again even if nothing happens.
    var nextDeadline: Deadline {
        let timers = min(nextRun, nextUnstick, nextRemovalSync)
        if !touched.isEmpty { return .after(milliseconds: 0) }
        let hasCandidates = !incoming.isEmpty || !deferred.isEmpty || wantsIncomingScan
        return hasCandidates && hasRoom && !isStopping ? .after(milliseconds: 0) : timers
    }

    /// There is room for one more active message.
    var hasRoom: Bool {
        messages.count < settings.activeLimit && recipientCount < settings.recipientLimit
    }

    /// Logs that a message cannot be handled as it should be; it stays in the queue.
    func warn(_ id: QueueID, _ text: String) { log.warning("\(id): \(text)") }
}
