import Diagnostics
package import Posix
import Settings

extension Daemon {
    /// Accepts connections one after the other and hands each to `handle`, until the process has been
    /// used `max_use` times, has waited `max_idle` for a connection, or master is gone or says stop
    /// (SIGTERM) or that the configuration is new (SIGHUP).
    ///
    /// Either that comes while a connection is handled waits until that is done.
    package func serve(_ handle: (consuming FileDescriptor) -> Void) -> Never {
        let limits = settings(ServiceSettings.self)
        guard !listeners.isEmpty else {
            log.fatal("do not run this command by hand: service \(service) is started by master")
        }
        let work = Work(listeners, log)
        var uses = 0
        var isFree = false
        while uses < limits.maxUse {
            guard isFree || MasterLink.report(.idle) else { break }
            isFree = true
            guard work.comes(until: .after(seconds: limits.maxIdle), log) else { break }
            guard let connection = acceptOne() else { continue }
            guard MasterLink.report(.busy) else { break }
            isFree = false
            Signal.setWatchdog(seconds: UInt32(clamping: limits.daemonTimeout))
            handle(connection)
            Signal.setWatchdog(seconds: 0)
            uses += 1
        }
        Process.exit(0)
    }

    /// Takes one waiting connection; nil when other processes were faster.
    private func acceptOne() -> FileDescriptor? {
        for listener in listeners {
            do throws(SystemError) {
                if let connection = try Socket.accept(listenerNumber: listener) {
                    return connection
                }
            } catch {
                // Out of descriptors or memory: the connection waits until that has passed.
                log.warning("\(error)")
                Process.sleep(milliseconds: 1000)
            }
        }
        return nil
    }

    /// What an event loop of its own has to wait on besides its work: the listeners for input, and
    /// the status pipe, on which `.ended` means that master is gone.
    package var eventDescriptors: [(descriptor: Int32, interest: Readiness)] {
        listeners.map { ($0, .readable) } + [(MasterLink.statusDescriptor, .ended)]
    }

    /// Tells master whether this process is free; false when master is gone.
    @discardableResult
    package func report(_ status: MasterLink.Status) -> Bool { MasterLink.report(status) }
}

/// What a free process waits for: a connection, which wakes one of the free processes, or its end.
private struct Work: ~Copyable {
    private let listeners: [Int32]
    private let stop: SignalDescriptor
    private let events: ExclusiveWait

    init(_ listeners: [Int32], _ log: Log) {
        self.listeners = listeners
        do throws(SystemError) {
            stop = try SignalDescriptor([Signal.terminate, Signal.hangup])
            events = try ExclusiveWait(
                shared: listeners, own: [MasterLink.statusDescriptor, stop.descriptor.number])
        } catch { log.fatal("\(error)") }
    }

    /// True when a connection came; false when none came in time, master is gone or says stop.
    func comes(until deadline: Deadline, _ log: Log) -> Bool {
        do throws(SystemError) {
            let ready = try events.wait(until: deadline)
            return !ready.isEmpty && ready.allSatisfy { listeners.contains($0) }
        } catch { log.fatal("\(error)") }
    }
}
