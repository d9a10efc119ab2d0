import Bytes
import LocalDelivery
import Posix

/// Takes the locks of a command line one after the other: all of them or none.
struct LockTaking: ~Copyable {
    private var pause = 8
    private var retries: Int?
    private var timeout = 0
    private var suspend = 16
    private var isInverted = false
    /// What is to be given back when a later lock cannot be had.
    private var taken: [Path] = []
    private let signals: SignalDescriptor
    /// The lock of the user's system mailbox.
    private let mailbox: Path?
    private let tell: (String) -> Void

    /// Attempts at what NFS may refuse for no reason.
    private static let spuriousLimit = 8
    /// Milliseconds between attempts where the user wants no pause.
    private static let shortestPause = 50

    init(mailbox: Path?, tell: @escaping (String) -> Void) throws(SystemError) {
        self.mailbox = mailbox
        self.tell = tell
        signals = try SignalDescriptor([
            Signal.hangup, Signal.interrupt, Signal.quit, Signal.terminate,
        ])
    }

    /// Does the steps, and yields the exit status.
    mutating func run(_ steps: [LockfileCommandLine.Step]) -> Int32 {
        var hasWorked = false
        for step in steps {
            var status = ExitStatus.success
            switch step {
            case .pause(let seconds): pause = seconds
            case .retries(let count): retries = count
            case .timeout(let seconds): timeout = seconds
            case .suspend(let seconds): suspend = seconds
            case .invert: isInverted.toggle()
            case .take(let name): status = take(Path(name))
            case .takeMailbox: status = mailbox.map { take($0) } ?? noMailbox()
            case .releaseMailbox:
                guard let mailbox else { return fail(noMailbox()) }
                guard release(mailbox) else { continue }
            }
            guard status == ExitStatus.success else { return fail(status) }
            hasWorked = hasWorked || step.isWork
        }
        guard hasWorked else { return ExitStatus.usage }
        return isInverted ? ExitStatus.cannotCreate : ExitStatus.success
    }

    private func noMailbox() -> Int32 {
        tell("Can't determine your mailbox, who are you?")
        return ExitStatus.unavailable
    }

    private func release(_ path: Path) -> Bool {
        do throws(SystemError) {
            try LockFile.release(path)
            return true
        } catch {
            tell("Can't unlock \"\(path)\"")
            return false
        }
    }

    /// Gives back what was taken.
    ///
    /// Only that somebody holds a lock is turned into success by `-!`.
    private mutating func fail(_ status: Int32) -> Int32 {
        for path in taken { _ = release(path) }
        taken = []
        return isInverted && status == ExitStatus.cannotCreate ? ExitStatus.success : status
    }

    /// Waits for the lock as long as the user wants to.
    private mutating func take(_ path: Path) -> Int32 {
        var path = path
        var spurious = 0
        while true {
            do throws(SystemError) {
                switch try LockFile.attempt(path, staleAfter: timeout, content: .any) {
                case .taken:
                    taken.append(path)
                    return ExitStatus.success
                case .forced:
                    tell("Forcing lock on \"\(path)\"")
                    if wait(seconds: suspend) { return stop(path) }
                case .denied:
                    tell("Forced unlock denied on \"\(path)\"")
                    guard countRetry() else { return giveUp(path) }
                    if wait(seconds: suspend) { return stop(path) }
                case .busy:
                    guard countRetry() else { return giveUp(path) }
                    if wait(seconds: pause) { return stop(path) }
                }
                spurious = 0
            } catch {
                if error.code == SystemError.nameTooLong, let shorter = path.shortened {
                    tell("Truncating \"\(path)\" and retrying lock")
                    path = shorter
                    continue
                }
                spurious += 1
                guard Self.mayPass(error), spurious < Self.spuriousLimit else {
                    tell("Try praying, giving up on \"\(path)\": \(error.reason)")
                    return ExitStatus.unavailable
                }
                if wait(seconds: pause) { return stop(path) }
            }
        }
    }

    /// One attempt more; false when there are none left.
    private mutating func countRetry() -> Bool {
        guard let left = retries else { return true }
        guard left > 0 else { return false }
        retries = left - 1
        return true
    }

    private func giveUp(_ path: Path) -> Int32 {
        tell("Sorry, giving up on \"\(path)\"")
        return ExitStatus.cannotCreate
    }

    private func stop(_ path: Path) -> Int32 {
        tell("Signal received, giving up on \"\(path)\"")
        return ExitStatus.temporaryFailure
    }

    private static func mayPass(_ error: SystemError) -> Bool {
        error.isOutOfSpace || error.isMissing || error.code == SystemError.inputOutput
    }

    /// Waits; true when a signal asks to end.
    private func wait(seconds: Int) -> Bool {
        let deadline = Deadline.after(milliseconds: max(seconds * 1000, Self.shortestPause))
        do throws(SystemError) {
            guard try signals.descriptor.wait(for: .readable, until: deadline) else { return false }
            return signals.next() != nil
        } catch { return true }
    }
}
