import Posix

/// Tries a call with the process's own rights and, where those do not reach, with the spool's group.
struct SpoolRights: Equatable, Sendable {
    let group: UInt32?

    /// The process's own rights and no others.
    static let own = SpoolRights(group: nil)

    private init(group: UInt32?) { self.group = group }

    /// The group of `policy`, withheld when `mailbox` is somebody else's: the group's rights reach
    /// every file of the directory, the session's do not.
    init(_ policy: LockPolicy, for mailbox: Path) {
        guard let group = policy.privilegedGroup else {
            self.group = nil
            return
        }
        do throws(SystemError) {
            let status = try mailbox.linkStatus()
            let isOwn = status.kind == .regular && status.owner == Rights.effectiveUser
            self.group = isOwn ? group : nil
        } catch {
            self.group = error.code == SystemError.missing ? group : nil
        }
    }

    func perform<Result: ~Copyable>(
        _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        do throws(SystemError) { return try body() } catch {
            guard let group, error.isDenied else { throw error }
            return try Rights.withEffectiveGroup(group, body)
        }
    }
}
