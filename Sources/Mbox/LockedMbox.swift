import Bytes
package import Posix

/// An mbox that is open and locked: the only thing through which one is changed.
///
/// It owns the descriptor and every lock of its policy, and gives them back when it goes. Whoever
/// holds one for writing has the mailbox as the last completed change left it: an earlier change
/// that was cut off is completed or undone first.
package struct LockedMbox: ~Copyable {
    package let path: Path
    package let descriptor: FileDescriptor
    /// What recovery found and did, each a sentence for the log; mostly empty.
    package internal(set) var notes: [String] = []
    let rights: SpoolRights
    private let dotlock: Dotlock?

    /// What the mailbox is opened for.
    package enum Use: Equatable, Sendable {
        /// Under the kernel's shared locks only, as Dovecot reads.
        case reading
        /// Under every lock of the policy.
        case writing
    }

    /// Opens and locks the mailbox at `path`; `.busy` when a lock does not come in time.
    package static func open(
        _ path: Path, for use: Use, rules: OpeningRules = OpeningRules(),
        locks policy: LockPolicy = LockPolicy()
    ) throws(MboxError) -> LockedMbox {
        let rights = SpoolRights(policy, for: path)
        let deadline = Deadline.after(milliseconds: policy.timeoutMilliseconds)
        var pause = firstPause
        var mayRepair = true
        while true {
            switch try attempt(path, use, rules, policy, rights) {
            case .locked(var mailbox):
                if use == .writing {
                    try mailbox.recover()
                    return mailbox
                }
                guard mailbox.hasPendingChange else { return mailbox }
                // A reader that may not write takes the mailbox as it is.
                guard mayRepair else { return mailbox }
                _ = consume mailbox
                mayRepair = try repair(path, rules, policy)
                continue
            case .busy(let what):
                guard !deadline.hasPassed else { throw .busy(what) }
            }
            // Chance keeps two programs from meeting again and again.
            let chance = Int.random(in: pause / 2...pause)
            Process.sleep(milliseconds: min(chance, max(1, deadline.remaining)))
            pause = min(pause * 2, max(firstPause, policy.pauseMilliseconds))
        }
    }

    /// Has an interrupted change completed; false when that needs rights that we do not have.
    private static func repair(
        _ path: Path, _ rules: OpeningRules, _ policy: LockPolicy
    ) throws(MboxError) -> Bool {
        do throws(MboxError) {
            _ = try open(path, for: .writing, rules: rules, locks: policy)
            return true
        } catch {
            guard case .failed(let failure) = error, failure.isDenied else { throw error }
            return false
        }
    }

    /// Milliseconds before the second attempt: most holders are done by then.
    private static let firstPause = 10

    private enum Attempt: ~Copyable {
        case locked(LockedMbox)
        case busy(String)
    }

    /// Tries each lock once and waits for none.
    private static func attempt(
        _ path: Path, _ use: Use, _ rules: OpeningRules, _ policy: LockPolicy,
        _ rights: SpoolRights
    ) throws(MboxError) -> Attempt {
        var dotlock: Dotlock?
        if use == .writing, policy.methods.contains(where: \.isDotlock) {
            dotlock = try takeDotlock(path, policy, rights)
            if dotlock == nil, policy.methods.contains(.dotlock) {
                return .busy("\(Dotlock.path(for: path)) exists")
            }
        }
        let file = try rules.open(path, use == .writing ? .readWrite : .readOnly, rights)
        guard try takeKernelLocks(file, use, policy) else {
            return .busy("\(path) is locked by another program")
        }
        guard try rules.stillHolds(file, path) else {
            return .busy("\(path) was replaced by another program")
        }
        return .locked(LockedMbox(path: path, file, rights, dotlock))
    }

    private static func takeDotlock(
        _ path: Path, _ policy: LockPolicy, _ rights: SpoolRights
    ) throws(MboxError) -> Dotlock? {
        do throws(SystemError) {
            return try Dotlock.take(for: path, staleSeconds: policy.staleSeconds, rights)
        } catch {
            if error.isDenied, policy.methods.contains(.dotlockIfPossible) { return nil }
            throw .failed(error)
        }
    }

    private static func takeKernelLocks(
        _ descriptor: borrowing FileDescriptor, _ use: Use, _ policy: LockPolicy
    ) throws(MboxError) -> Bool {
        let kind: FileDescriptor.LockKind = use == .writing ? .exclusive : .shared
        do throws(SystemError) {
            // The lock of the open file, not of the process: closing another descriptor of the
            // mailbox must not lose it. Programs that use fcntl's process locks see it all the same.
            if policy.methods.contains(.fcntl), !(try descriptor.tryLock(kind)) { return false }
            if policy.methods.contains(.flock), !(try descriptor.tryFlock(kind)) { return false }
            return true
        } catch { throw .failed(error) }
    }

    private init(
        path: Path, _ descriptor: consuming FileDescriptor, _ rights: SpoolRights,
        _ dotlock: consuming Dotlock?
    ) {
        self.path = path
        self.descriptor = descriptor
        self.rights = rights
        self.dotlock = dotlock
    }

    package func status() throws(MboxError) -> FileStatus {
        try system { () throws(SystemError) in try descriptor.status() }
    }
}

extension LockPolicy.Method {
    fileprivate var isDotlock: Bool { self == .dotlock || self == .dotlockIfPossible }
}
