import Bytes

/// Which locks a mailbox is changed under, and how long to try for them.
///
/// They are always taken in one order, dotlock, fcntl, flock, and none is waited for while another
/// is held: when one is busy, the others are given back before the next attempt. So there is no
/// deadlock with a program that takes them in another order and waits in the middle, as mailx does
/// (fcntl, then dotlock) and procmail (dotlock, then fcntl).
package struct LockPolicy: Equatable, Sendable {
    package enum Method: Equatable, Sendable {
        case dotlock
        /// A dotlock where the directory allows one.
        case dotlockIfPossible
        case fcntl
        case flock
    }

    package var methods: [Method]
    /// How long to try, all locks together: `deliver_lock_attempts` times `deliver_lock_delay`.
    package var timeoutMilliseconds: Int
    /// The longest pause between two attempts.
    package var pauseMilliseconds: Int
    /// A dotlock that nobody touched for so long may be removed: `stale_lock_time`.
    package var staleSeconds: Int
    /// The group that may write in the spool directory, put on for the moments that need it.
    ///
    /// Only for a mailbox whose path the administrator has set: the group's rights reach every
    /// file of its directory.
    package var privilegedGroup: UInt32?

    package init(
        methods: [Method] = [.dotlock, .fcntl], timeoutMilliseconds: Int = 20_000,
        pauseMilliseconds: Int = 1000, staleSeconds: Int = 500, privilegedGroup: UInt32? = nil
    ) {
        self.methods = methods
        self.timeoutMilliseconds = timeoutMilliseconds
        self.pauseMilliseconds = pauseMilliseconds
        self.staleSeconds = staleSeconds
        self.privilegedGroup = privilegedGroup
    }

    /// The methods named as in `mailbox_delivery_lock` and `mbox_write_locks`, parted by commas or
    /// blanks; nil when one is not known.
    ///
    /// The order of the names has no effect.
    package static func methods(named list: [UInt8]) -> [Method]? {
        var methods: [Method] = []
        for name in list.split(whereSeparator: { $0.isSpace || $0 == UInt8(ascii: ",") }) {
            switch String(printable: name) {
            case "dotlock": methods.append(.dotlock)
            case "dotlock_try": methods.append(.dotlockIfPossible)
            // lockf(3) is the same lock as that of fcntl(2) on Linux.
            case "fcntl", "lockf": methods.append(.fcntl)
            case "flock": methods.append(.flock)
            default: return nil
            }
        }
        return methods
    }
}
