import Bytes
import LocalDelivery
import Posix
import Recipes

/// The lock files that are held, by the names that recipes give them.
struct HeldLocks {
    fileprivate(set) var paths: [[UInt8]: Path] = [:]
    /// When they are to be touched again.
    fileprivate var refreshTime = Deadline.never
    /// Seconds between two touches.
    fileprivate var refreshPause = longestPause

    /// Well below the two minutes after which Dovecot takes a lock over.
    private static let longestPause = 30

    fileprivate mutating func note(_ name: [UInt8], _ path: Path, _ timing: LockTiming) {
        if paths.isEmpty { (refreshPause, refreshTime) = (Self.longestPause, .never) }
        // Other deliveries for this user find a lock old by the same LOCKTIMEOUT.
        if timing.staleAfter > 0 { refreshPause = min(refreshPause, max(1, timing.staleAfter / 3)) }
        paths[name] = path
        refreshTime = min(refreshTime, .after(seconds: refreshPause))
    }

    fileprivate mutating func remove(_ name: [UInt8]) -> Path? { paths.removeValue(forKey: name) }

    mutating func forget() { paths = [:] }
}

/// Lock files: taking them, keeping them new, giving them back.
extension DeliveryHost {
    func lock(_ name: [UInt8], _ timing: LockTiming) -> Bool {
        var path = Path(name)
        var failures = 0
        var patience = interpreter?.patience ?? Patience()
        while true {
            do throws(SystemError) {
                switch try LockFile.attempt(path, staleAfter: timing.staleAfter) {
                case .taken:
                    note(name, path, timing)
                    return true
                case .busy: pause(seconds: timing.pause, for: path)
                case .denied:
                    interpreter?.report("Forced unlock denied on", path.bytes)
                    tellLocking(path)
                    return false
                case .forced:
                    interpreter?.report("Forcing lock on", path.bytes)
                    pause(seconds: timing.pauseAfterForce, for: path)
                }
            } catch {
                if error.code == SystemError.nameTooLong, let shorter = path.shortened {
                    interpreter?.report(
                        "Truncating \"\(String(printable: path.bytes))\"\n and retrying lock")
                    path = shorter
                    tellLocking(path)
                    continue
                }
                if wait(&patience, after: error, for: .descriptor) { continue }
                // What may pass is tried again a few times, as procmail does.
                failures += 1
                guard failures < Self.lockFailures, !error.isDenied else {
                    hadPassingTrouble =
                        hadPassingTrouble || !(error.isDenied || error.isMissing)
                    return false
                }
                pause(seconds: timing.pause, for: path)
            }
        }
    }

    private static let lockFailures = 7

    private func note(_ name: [UInt8], _ path: Path, _ timing: LockTiming) {
        do throws(SystemError) {
            locks.note(name, try Process.workingDirectory / path, timing)
        } catch { locks.note(name, path, timing) }
    }

    private func tellLocking(_ path: Path) {
        if interpreter?.isVerbose == true { interpreter?.report("Locking", path.bytes) }
    }

    func unlock(_ name: [UInt8]) {
        do throws(SystemError) { try LockFile.release(locks.remove(name) ?? Path(name)) } catch {
            interpreter?.report("Couldn't unlock", name)
        }
    }

    /// Waits for the lock at `path`, but not for a signal that asks to end.
    private func pause(seconds: Int, for path: Path) {
        rest(
            milliseconds: seconds * 1000,
            whilst: "lockfile \"\(String(printable: path.bytes))\"")
        tellLocking(path)
    }

    /// Makes the locks look new while something takes long: others take over what is old.
    func refreshLocks() {
        guard !locks.paths.isEmpty, locks.refreshTime.hasPassed else { return }
        locks.refreshTime = .after(seconds: locks.refreshPause)
        for path in locks.paths.values {
            do throws(SystemError) { try path.touch() } catch {
                // Gone, or taken over already.
            }
        }
    }

    /// Gives back what is held, for an end in the middle.
    func releaseLocks() {
        // The global one is the outermost.
        let isInner: ([UInt8]) -> Bool = { [interpreter] in $0 != interpreter?.heldLock }
        for (name, path) in locks.paths.sorted(by: { isInner($0.key) && !isInner($1.key) }) {
            if interpreter?.isVerbose == true { interpreter?.report("Unlocking", name) }
            do throws(SystemError) { try LockFile.release(path) } catch {
                // Stale once we are gone.
            }
        }
        locks.forget()
    }
}
