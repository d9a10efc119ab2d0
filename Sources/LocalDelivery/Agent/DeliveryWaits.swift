import LocalDelivery
import Posix
import Recipes

/// What the machine may have no room for.
enum Want {
    case process, descriptor

    func isShort(_ error: SystemError) -> Bool {
        self == .process ? error.isProcessShortage : error.isFileShortage
    }

    /// As logs say what a signal has ended the wait for.
    var text: String { self == .process ? "fork" : "a file descriptor" }
}

/// Waiting: for what the machine has no room for now, and for copies of ourselves.
extension DeliveryHost {
    /// Waits, the locks stay new, and signals are heard; true when the alarm came.
    @discardableResult
    func rest(milliseconds: Int, whilst what: String) -> Bool {
        let end = Deadline.after(milliseconds: milliseconds)
        repeat {
            signals.wait(milliseconds: min(Self.longestRest, end.remaining))
            if heedSignals(whilst: what) { return true }
            refreshLocks()
        } while !end.hasPassed
        return false
    }

    /// Milliseconds after which the locks are looked at.
    private static let longestRest = 1000

    /// Waits for room as NORESRETRY and SUSPEND say; false when `error` is none that waiting helps, or
    /// there has been enough of it.
    func wait(_ patience: inout Patience, after error: SystemError, for want: Want) -> Bool {
        guard want.isShort(error), patience.takeRetry() else { return false }
        rest(milliseconds: patience.pause * 1000, whilst: want.text)
        return true
    }

    /// Opens something, as soon as the machine has room for one more open file.
    func opening<Result: ~Copyable>(
        _ attempt: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try trying(.descriptor, attempt)
    }

    /// A second process, as soon as the machine has room for it: its number, or nil in it.
    private func fork() throws(SystemError) -> Int32? {
        try trying(.process) { () throws(SystemError) in try Process.fork() }
    }

    private func trying<Result: ~Copyable>(
        _ want: Want, _ attempt: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        var patience = interpreter?.patience ?? Patience()
        while true {
            do throws(SystemError) { return try attempt() } catch {
                guard wait(&patience, after: error, for: want) else { throw error }
            }
        }
    }

    // MARK: Copies of ourselves

    var processNumber: Int32 { Process.id }

    func clone(_ wait: CloneWait) -> CloneSide {
        do throws(SystemError) {
            guard let child = try fork() else {
                locks.forget()
                return .child
            }
            guard case .atMost(let seconds) = wait else { return .parent(status: 0) }
            switch try outcome(of: child, seconds: seconds) {
            case .exited(let status): return .parent(status: status)
            case .signalled(let signal): return .parent(status: -signal)
            }
        } catch {
            hadPassingTrouble = true
            tellNoFork()
            return .parent(status: ExitStatus.temporaryFailure)
        }
    }

    private func tellNoFork() {
        interpreter?.report("Failed forking", interpreter?.programName ?? [])
    }

    /// Waits for a copy of ours to end; one that takes too long is asked to.
    private func outcome(of child: Int32, seconds: Int) throws(SystemError) -> Process.Ending {
        var limit: Deadline = seconds > 0 ? .after(seconds: seconds) : .never
        while true {
            if let ending = try Process.poll(child) { return ending }
            let isOver = rest(milliseconds: Self.glance, whilst: "") || limit.hasPassed
            guard isOver else { continue }
            limit = .never
            interpreter?.report("Timeout, terminating", interpreter?.programName ?? [])
            try Process.signal(child, Signal.terminate)
        }
    }

    /// Milliseconds between two looks at a copy.
    private static let glance = 20

    func detach() -> Bool {
        do throws(SystemError) {
            // The parent says at once that all is well; what follows cannot be told any more.
            if try fork() != nil { Process.leave(ExitStatus.success) }
            return true
        } catch {
            tellNoFork()
            return false
        }
    }
}
