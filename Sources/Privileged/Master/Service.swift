import Diagnostics
import Posix
import Services
import Settings

/// One line of master.cf at work: its sockets and its processes.
final class Service {
    private(set) var entry: ServiceEntry
    let listeners: [Listener]
    private(set) var processes: [Int32: ServiceProcess] = [:]
    private var backOff = BackOff()
    /// A connection came at least once: what `wakeup ?` asks.
    private var wasUsed = false
    private var nextWakeUp: Deadline?
    private var saidLimit = false
    private let log: Log

    /// `default_process_limit`.
    private let defaultLimit: Int

    init(_ entry: ServiceEntry, listeners: [Listener], defaultLimit: Int, log: Log) {
        self.entry = entry
        self.defaultLimit = defaultLimit
        self.listeners = listeners
        self.log = log
        if entry.wakeup > 0 { nextWakeUp = .after(seconds: 0) }
    }

    /// Takes over a changed line that needs no other sockets.
    func update(_ entry: ServiceEntry) {
        self.entry = entry
        // At once: its processes are told to end, and what they left undone must not wait for a call.
        nextWakeUp = entry.wakeup > 0 ? .after(seconds: 0) : nil
        backOff.worked()
    }

    /// A connection that comes now needs a new process.
    func wantsProcess(now: Int) -> Bool {
        guard backOff.isOver(now: now), !processes.values.contains(where: \.isFree) else {
            return false
        }
        let limit = entry.processLimit ?? defaultLimit
        guard limit > 0, processes.count >= limit else { return true }
        if limit > 1, !saidLimit {
            saidLimit = true
            log.warning(
                "service \"\(entry.name)\" (\(entry.name)) has reached its process limit "
                    + "\"\(limit)\": new clients may experience noticeable delays")
        }
        return false
    }

    /// When this service next wants to be looked at without a descriptor being ready.
    func nextMoment(now: Int) -> Deadline {
        min(nextWakeUp ?? .never, backOff.isOver(now: now) ? .never : backOff.until ?? .never)
    }

    func startProcess(in directory: Path) {
        wasUsed = true
        do throws(SystemError) {
            let process = try ServiceProcess.start(entry, listeners: listeners, in: directory)
            processes[process.id] = process
        } catch {
            log.warning("service \(entry.name): \(error)")
            backOff.failed(now: Clock.monotonic)
        }
    }

    /// A process of this service has said something.
    func heard(_ process: ServiceProcess) {
        let before = process.state
        guard process.readStatus() else { return }
        if before == .starting, process.cameUp { backOff.worked() }
        if process.state == .idle { saidLimit = false }
    }

    /// A process of this service has ended.
    func ended(_ id: Int32, _ ending: Process.Ending) {
        guard let process = processes.removeValue(forKey: id) else { return }
        _ = process.readStatus()
        switch ending {
        case .exited(0): break
        // One that was still starting ends as it was asked to.
        case .signalled where process.isAskedToEnd && !process.cameUp: return
        case .exited(let code):
            log.warning("process \(entry.command) pid \(id) exit status \(code)")
        case .signalled(let signal):
            let trap = [4, 5].contains(signal) ? " (trap)" : ""
            log.warning("process \(entry.command) pid \(id) killed by signal \(signal)\(trap)")
        }
        guard ending != .exited(0), !process.cameUp else { return }
        log.warning("\(entry.command): bad command startup -- throttling")
        backOff.failed(now: Clock.monotonic)
    }

    /// Calls the service when its time has come.
    func wakeUpIfDue() {
        guard let due = nextWakeUp, due.hasPassed else { return }
        nextWakeUp = .after(seconds: entry.wakeup)
        if entry.wakesOnlyIfUsed, !wasUsed { return }
        if let path = entry.socketPath { Trigger.send(to: path) }
    }

    /// Asks every process to end: the free ones at once, the others at the next chance.
    func stop() { askToEnd(Signal.terminate) }

    /// Asks every process to make room for one with the new configuration: the free ones at once,
    /// the others once their connection is done.
    func renew() { askToEnd(Signal.hangup) }

    private func askToEnd(_ signal: Int32) {
        for (id, process) in processes {
            process.isAskedToEnd = true
            self.signal(id, signal)
        }
    }

    /// Ends every process, whatever it is doing.
    func kill() {
        for id in processes.keys { signal(id, Signal.kill) }
    }

    private func signal(_ id: Int32, _ signal: Int32) {
        do throws(SystemError) { try Process.signal(id, signal) } catch {
            // It has ended and is not reaped yet.
        }
    }
}
