import CPosix
import Glibc

/// The kernel's locks on an open file.
extension FileDescriptor {
    package enum LockKind: Sendable { case shared, exclusive }

    /// Takes the whole-file lock that fcntl(2) gives to this process, as every mail program on an
    /// mbox does.
    ///
    /// It goes when the process closes *any* descriptor of the file. False: another process holds
    /// it.
    package func tryProcessLock(_ kind: LockKind) throws(SystemError) -> Bool {
        let number = number
        return try acquired("fcntl lock") { cposix_lock_posix(number, kind.type, false) }
    }

    /// Takes the whole-file lock that belongs to this open file (F_OFD_SETLK): it conflicts with
    /// process locks of others, and lives until the open file is closed.
    ///
    /// False: somebody holds it.
    package func tryLock(_ kind: LockKind) throws(SystemError) -> Bool {
        let number = number
        return try acquired("lock") { cposix_lock_ofd(number, kind.type, false) }
    }

    /// Waits for the lock of `tryLock`.
    ///
    /// Only where the holder is one of our own short sections.
    package func lock(_ kind: LockKind) throws(SystemError) {
        let number = number
        _ = try retrying("lock") { cposix_lock_ofd(number, kind.type, true) }
    }

    package func unlock() throws(SystemError) {
        let number = number
        _ = try retrying("unlock") { cposix_lock_ofd(number, F_UNLCK, false) }
    }

    package func unlockProcess() throws(SystemError) {
        let number = number
        _ = try retrying("unlock") { cposix_lock_posix(number, F_UNLCK, false) }
    }

    /// Waits for the lock of `tryFlock`.
    ///
    /// Only where the holder is in a short section.
    package func flock(_ kind: LockKind) throws(SystemError) {
        let (number, operation) = (number, kind == .exclusive ? LOCK_EX : LOCK_SH)
        _ = try retrying("flock") { flockCall(number, operation) }
    }

    package func unlockFlock() throws(SystemError) {
        let number = number
        _ = try retrying("flock") { flockCall(number, LOCK_UN) }
    }

    /// The lock of flock(2), which only flock users see.
    ///
    /// False: somebody holds it.
    package func tryFlock(_ kind: LockKind) throws(SystemError) -> Bool {
        let number = number
        return try acquired("flock") {
            flockCall(number, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB)
        }
    }

    private func acquired(_ operation: String, _ call: () -> Int32) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try retrying(operation, call)
            return true
        } catch {
            if error.isBusy { return false }
            throw error
        }
    }
}

extension FileDescriptor.LockKind {
    fileprivate var type: Int32 { Int32(self == .shared ? F_RDLCK : F_WRLCK) }
}

@inline(never) private func flockCall(_ fd: Int32, _ operation: Int32) -> Int32 {
    outcome(flock(fd, operation))
}
