import Diagnostics
import Posix
import Services
import Settings

/// What `master` does: waits for connections, processes and signals, and keeps the services
/// running.
///
/// It reads nothing that a stranger sent.
final class Supervisor {
    /// Seconds that processes get to finish what they are doing before they are killed.
    private static let patience = 5

    private var configuration: MasterSetup
    private var services: [Service] = []
    private let signals: SignalDescriptor
    /// Held as long as this master runs.
    private let lock: MasterLock
    private let log: Log

    init(
        _ configuration: MasterSetup, holding lock: consuming MasterLock, log: Log
    ) throws(ConfigurationError) {
        self.lock = lock
        self.configuration = configuration
        self.log = log
        do throws(SystemError) {
            signals = try SignalDescriptor([
                Signal.terminate, Signal.hangup, Signal.child, Signal.interrupt,
            ])
        } catch { throw ConfigurationError("\(error)") }
        services = try Self.services(of: configuration, keeping: [], isSameHost: false, log)
    }

    /// Runs until a signal ends the mail system.
    func run() -> Never {
        log.info("daemon started -- \(configuration.identity)")
        while true { turn() }
    }

    private func turn() {
        let now = Clock.monotonic
        var waits = [(descriptor: signals.descriptor.number, interest: Readiness.readable)]
        var actions: [() -> Void] = [handleSignals]
        for service in services {
            for process in service.processes.values {
                waits.append((process.status.number, .readable))
                actions.append { service.heard(process) }
            }
            guard service.wantsProcess(now: now) else { continue }
            for listener in service.listeners {
                waits.append((listener.socket.number, .readable))
                actions.append { [self] in start(service) }
            }
        }
        let next = services.map { $0.nextMoment(now: now) }.min() ?? .never
        do throws(SystemError) {
            let ready = try poll(waits, until: next)
            for (action, readiness) in zip(actions, ready) where !readiness.isEmpty { action() }
        } catch { log.fatal("\(error)") }
        for service in services { service.wakeUpIfDue() }
    }

    /// Starts one process although several sockets of the service may be ready.
    private func start(_ service: Service) {
        guard service.wantsProcess(now: Clock.monotonic) else { return }
        service.startProcess(in: configuration.daemonDirectory)
    }

    private func handleSignals() {
        while let signal = signals.next() {
            switch signal {
            case Signal.child: reap()
            case Signal.hangup: reload()
            default: stop(signal)
            }
        }
    }

    private func reap() {
        while let (child, ending) = Process.reap() {
            for service in services + configuration.retired { service.ended(child, ending) }
        }
        configuration.retired.removeAll { $0.processes.isEmpty }
    }

    /// Reads the configuration again.
    ///
    /// What is wrong in it leaves the mail system as it is.
    private func reload() {
        do throws(ConfigurationError) {
            var fresh = try MasterSetup(directory: configuration.directory)
            fresh.retired = configuration.retired
            let kept = try Self.services(
                of: fresh, keeping: services,
                isSameHost: Self.listensAlike(fresh.hosts, configuration.hosts), log)
            for service in services where !kept.contains(where: { $0 === service }) {
                fresh.retired.append(service)
            }
            // Every process ends after what it is doing, so that none goes on with old settings.
            for service in services { service.renew() }
            services = kept
            configuration = fresh
            log.info("reload -- \(configuration.identity)")
        } catch { log.error("reload: \(error)") }
    }

    private func stop(_ signal: Int32) -> Never {
        log.info("terminating on signal \(signal)")
        let all = services + configuration.retired
        for service in all { service.stop() }
        let deadline = Deadline.after(seconds: Self.patience)
        while all.contains(where: { !$0.processes.isEmpty }), !deadline.hasPassed {
            while let (child, ending) = Process.reap() {
                for service in all { service.ended(child, ending) }
            }
            Process.sleep(milliseconds: 10)
        }
        for service in all { service.kill() }
        Process.exit(0)
    }

    /// The services of the configuration; one whose sockets stay the same is kept with its processes.
    private static func services(
        of setup: MasterSetup, keeping old: [Service], isSameHost: Bool, _ log: Log
    ) throws(ConfigurationError) -> [Service] {
        var services: [Service] = []
        for entry in setup.entries {
            let same = old.first {
                $0.entry.name == entry.name && $0.entry.endpoint == entry.endpoint
                    && $0.entry.isPrivate == entry.isPrivate
                    && (isSameHost || entry.socketPath != nil)
            }
            if let same {
                same.update(entry)
                services.append(same)
                continue
            }
            do throws(SystemError) {
                let factory = ListenerFactory(hosts: setup.hosts, owner: setup.owner, log: log)
                services.append(
                    Service(
                        entry, listeners: try factory.listeners(for: entry),
                        defaultLimit: setup.processLimit, log: log))
            } catch { throw setup.error(entry, "\(error)") }
        }
        return services
    }

    /// The sockets of a TCP service are the same under both settings.
    private static func listensAlike(_ one: HostSettings, _ other: HostSettings) -> Bool {
        one.inetInterfaces == other.inetInterfaces && one.inetProtocols == other.inetProtocols
    }
}
