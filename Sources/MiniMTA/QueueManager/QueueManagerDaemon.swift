import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
package import Services
import Settings
import Tables

/// The daemon `qmgr`: the queue manager with its calls, its signals and its only place.
package enum QueueManagerDaemon {
    /// Programs of master.cf that are transports here; what is not among them is not asked.
    private static let transportPrograms: Set<String> = ["local"]
    /// Programs of Postfix's that are transports, and do not exist here yet.
    private static let laterPrograms: Set<String> = [
        "smtp", "lmtp", "virtual", "pipe", "discard", "spawn", "relay",
    ]
    /// Seconds that a reload leaves running deliveries to end.
    private static let reloadPatience = 10
    /// Seconds that a stop leaves them: master ends the transports at the same time.
    private static let stopPatience = 1
    /// Seconds to wait for a queue manager whose master has gone.
    private static let lockPatience = 60

    package static func run(_ daemon: Daemon) -> Never {
        let log = daemon.log
        // Opened with the rights that the log file may need.
        let refusalLog = refusalLog(daemon)
        daemon.becomeMailOwner()
        do throws(SystemError) {
            let place = try takePlace()
            let signals = try SignalDescriptor([Signal.terminate, Signal.hangup])
            let manager = make(daemon, refusalLog)
            manager.recover()
            let patience = try serve(daemon, manager, signals)
            try finish(manager, within: patience)
            manager.putBackAll()
            _ = consume place
            Process.exit(0)
        } catch { log.fatal("\(error)") }
    }

    /// Takes the lock of the only queue manager, waiting for one that is about to end.
    private static func takePlace() throws(SystemError) -> FileDescriptor {
        let place = try FileDescriptor.open(QueueDirectory.active.path, .readOnly, .directory)
        let deadline = Deadline.after(seconds: lockPatience)
        while try !place.tryFlock(.exclusive) {
            guard !deadline.hasPassed else {
                throw SystemError(
                    SystemError.tryAgain, "another queue manager has \(QueueDirectory.active.path)")
            }
            Process.sleep(milliseconds: 100)
        }
        return place
    }

    private static func refusalLog(_ daemon: Daemon) -> Log {
        do throws(ConfigurationError) {
            return try Log.daemon("error", daemon.configuration)
        } catch { daemon.log.fatal("\(error)") }
    }

    private static func make(_ daemon: Daemon, _ refusalLog: Log) -> QueueManager {
        let log = daemon.log
        do throws(ConfigurationError) {
            let resolver = try Resolver(
                daemon.settings(HostSettings.self), daemon.settings(RewritingSettings.self))
            let master = try MasterConfiguration.load(directory: daemon.configuration.directory)
            let obstacle = try daemon.configuration.unbuiltFeature(in: master)
            if let obstacle { log.warning("all mail is deferred: \(obstacle)") }
            return try QueueManager(
                configuration: daemon.configuration, log: log, refusalLog: refusalLog,
                unsupported: unsupported(master), obstacle: obstacle
            ) { address in
                do throws(TableError) { return try resolver.resolve(address) } catch {
                    log.warning("address lookup: \(error)")
                    return nil
                }
            }
        } catch { daemon.log.fatal("\(error)") }
    }

    /// The services whose program does not exist here yet.
    private static func unsupported(_ master: MasterConfiguration) -> Set<String> {
        var names = laterPrograms
        for service in master.services {
            if transportPrograms.contains(service.command) {
                names.remove(service.name)
            } else if laterPrograms.contains(service.command) {
                names.insert(service.name)
            }
        }
        return names
    }

    /// Runs until a signal or the end of master; yields how long deliveries may still run.
    private static func serve(
        _ daemon: Daemon, _ manager: QueueManager, _ signals: borrowing SignalDescriptor
    ) throws(SystemError) -> Int {
        let service = daemon.eventDescriptors
        let fixed =
            [(descriptor: signals.descriptor.number, interest: Readiness.readable)] + service
        while true {
            manager.work()
            let ready = try manager.wait(beside: fixed)
            if let signal = signals.next() {
                return signal == Signal.hangup ? reloadPatience : stopPatience
            }
            if ready.last?.isEmpty == false { return reloadPatience }
            for (wait, state) in zip(service.dropLast(), ready.dropFirst()) where !state.isEmpty {
                for call in Trigger.receive(at: wait.descriptor) { manager.answer(call) }
            }
        }
    }

    /// Lets running deliveries end, and takes up nothing new.
    private static func finish(_ manager: QueueManager, within seconds: Int) throws(SystemError) {
        let deadline = Deadline.after(seconds: seconds)
        manager.isStopping = true
        while !manager.deliveries.isEmpty || !manager.notices.isEmpty, !deadline.hasPassed {
            manager.work()
            _ = try manager.wait(beside: [], until: deadline)
        }
    }
}

extension QueueManager {
    /// Does what a call asks for: each octet is a request, `I` takes the rest as a queue ID.
    func answer(_ call: [UInt8]) {
        switch call.first {
        case UInt8(ascii: "F"): flush()
        case UInt8(ascii: "I"):
            if let id = QueueID(call.dropFirst()) { flush(id) }
        default: wantsIncomingScan = true
        }
    }

    /// Waits for transports, for bounce and for `others`, hears those that speak, and yields what
    /// the others are ready for.
    func wait(
        beside others: [(descriptor: Int32, interest: Readiness)],
        until limit: Deadline = .never
    ) throws(SystemError) -> [Readiness] {
        let running = Array(deliveries.values)
        let asked = Array(notices.values)
        let own = running.map(\.channel.descriptor) + asked.map(\.channel.descriptor)
        let waits = others + own.map { (descriptor: $0, interest: Readiness.readable) }
        let ready = try poll(waits, until: min(nextDeadline, limit))
        let heard = ready.dropFirst(others.count)
        for (delivery, state) in zip(running, heard) where !state.isEmpty { hear(delivery) }
        for (notice, state) in zip(asked, heard.dropFirst(running.count)) where !state.isEmpty {
            hear(notice)
        }
        return Array(ready.prefix(others.count))
    }
}
