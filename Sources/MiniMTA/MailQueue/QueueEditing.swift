import Bytes
package import Posix

/// What the administrator does to messages by hand: postsuper's work on one queue directory each.
///
/// Nothing here needs qmgr to stand still: each step is one rename or unlink, and qmgr takes a file
/// that has gone for what it is.
package enum QueueEditing {
    /// Removes the message wherever it is among `queues`; false when it is in none.
    package static func delete(
        _ id: QueueID, in queues: [QueueDirectory]
    ) throws(SystemError) -> Bool {
        for queue in queues where try queue.file(id).unlinkIfPresent() { return true }
        return false
    }

    /// Moves the message from the first of `queues` that has it to `target`; false when none does.
    package static func move(
        _ id: QueueID, from queues: [QueueDirectory], to target: QueueDirectory
    ) throws(SystemError) -> Bool {
        for queue in queues where queue != target {
            if try queue.move(id, to: target) { return true }
        }
        return false
    }

    /// Gives every file of `queues` the name that its inode asks for, and yields what was renamed.
    ///
    /// Files that were copied here have new inodes; one of them could meet a new message under its
    /// old name. Those of another mail system keep theirs. Must not run while qmgr does.
    package static func repairNames(
        in queues: [QueueDirectory]
    ) throws(SystemError) -> [(old: QueueID, new: QueueID)] {
        var renamed: [(old: QueueID, new: QueueID)] = []
        for queue in queues {
            for id in try queue.list() {
                guard let status = try queue.file(id).statusIfPresent(), status.kind == .regular,
                    id.inode != status.inode, try !ForeignQueueFile.lies(at: queue.file(id))
                else { continue }
                let new = free(id, status.inode)
                try queue.file(id).rename(toNew: queue.file(new))
                renamed.append((id, new))
            }
        }
        return renamed
    }

    /// A name for the inode that keeps the old one's microseconds, if it has any.
    private static func free(_ id: QueueID, _ inode: UInt64) -> QueueID {
        let digits = id.text.utf8.prefix(5).map { $0.hexValue }
        let microseconds = digits.reduce(0) { $0 << 4 | ($1 ?? 0) }
        return QueueID(microseconds: microseconds, inode: inode)
    }
}
