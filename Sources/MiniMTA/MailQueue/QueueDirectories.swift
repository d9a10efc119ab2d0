package import Posix
import Services

/// The queue's directories, below queue_directory, which is the working directory of every daemon.
package enum QueueDirectory: String, Sendable, CaseIterable {
    /// Complete messages that qmgr has not taken up yet.
    case incoming
    /// Messages that qmgr is delivering.
    case active
    /// Messages that wait for their next attempt.
    case deferred
    /// Messages that wait for the administrator.
    case hold
    /// Files that are no queue files.
    case corrupt
    /// Messages of local users that pickup has not taken up yet.
    case maildrop

    package var path: Path { Path(rawValue) }

    /// Where the message `id` lies when it is in this directory.
    package func file(_ id: QueueID) -> Path { path / id.text }

    /// The directories that hold messages in the queue file's format, in the order in which a
    /// message goes through them.
    package static let queues: [QueueDirectory] = [.incoming, .active, .deferred, .hold]
}

package enum QueueDirectories {
    /// Where cleanup writes a message until it is whole.
    package static let unfinished: Path = "incoming/tmp"

    /// Makes what is missing below `base`, with the owners and modes that Postfix gives.
    ///
    /// `owner` is mail_owner, `dropGroup` setgid_group; as an ordinary user everything stays that
    /// user's. The modes of what exists are put right.
    package static func create(
        at base: Path, owner: (user: UInt32, group: UInt32)?, dropGroup: UInt32?
    ) throws(SystemError) {
        try base.makeDirectories(mode: 0o755)
        let own: [Path] = ["incoming", unfinished, "active", "deferred", "hold", "corrupt"]
        for name in own + ["private"] { try make(base / name, 0o700, owner, owner?.group) }
        try make(base / "public", 0o710, owner, dropGroup ?? owner?.group)
        // Sticky and write-only for the group of postdrop: whoever drops a message can neither list
        // nor remove those of others.
        try make(base / "maildrop", 0o1730, owner, dropGroup ?? owner?.group)
        try make(base / "pid", 0o755, nil, nil)
        // A queue that does not outlive a power cut takes its messages with it.
        try base.syncDirectory()
    }

    private static func make(
        _ path: Path, _ mode: UInt32, _ owner: (user: UInt32, group: UInt32)?, _ group: UInt32?
    ) throws(SystemError) {
        do throws(SystemError) { try path.makeDirectory(mode: mode) } catch {
            guard error.code == SystemError.exists else { throw error }
        }
        if let owner, Rights.effectiveUser == 0 {
            try path.setOwner(owner.user, group: group ?? owner.group)
        }
        // Past the umask, and after chown(2), which may clear bits.
        try path.setMode(mode)
    }
}

/// The calls that wake qmgr.
package enum QueueTrigger {
    /// Where qmgr listens, below the queue directory.
    package static let service: Path = "public/qmgr"

    /// Says that a message has come into incoming/.
    @discardableResult
    package static func newMessage() -> Bool { Trigger.send(to: service) }

    /// Asks for an attempt at every deferred message now.
    @discardableResult
    package static func flush() -> Bool { Trigger.send(Array("F".utf8), to: service) }

    /// Asks for an attempt at the message `id` now.
    @discardableResult
    package static func flush(_ id: QueueID) -> Bool {
        Trigger.send(Array("I\(id.text)".utf8), to: service)
    }
}
