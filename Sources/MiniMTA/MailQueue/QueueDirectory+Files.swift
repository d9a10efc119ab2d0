import Bytes
package import Posix

/// Finding, moving and removing queue files by their names.
extension QueueDirectory {
    /// The messages in the directory, in no particular order.
    ///
    /// Names that no queue file can have, such as `tmp`, are left out.
    package func list() throws(SystemError) -> [QueueID] {
        try path.list().compactMap { name in
            // Shorter than any short-form name: directories and strangers.
            name.bytes.count > 5 ? QueueID(name.bytes) : nil
        }
    }

    /// Moves the message `id` to `target`; false when it is not here.
    ///
    /// EEXIST when another message has that name there: nothing is ever replaced.
    package func move(_ id: QueueID, to target: QueueDirectory) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try file(id).rename(toNew: target.file(id))
            return true
        } catch {
            if error.isMissing { return false }
            throw error
        }
    }

    /// Notes when the message is to be tried again.
    package func setNextAttempt(_ id: QueueID, _ seconds: Int) throws(SystemError) {
        try file(id).setTimes(accessed: nil, modified: FileTime(seconds: seconds))
    }
}

/// The mark that qmgr leaves on a message that it finds active when it starts.
///
/// It is written and counted without reading the message, which may be what brought qmgr down.
package enum CrashMark {
    private static let mark = OutcomeRecord.crashed.bytes
    /// Marks that are told apart; more make no difference.
    private static let countLimit = 32

    /// Adds a mark to the end of the file, and yields how many stand there now.
    ///
    /// Not synced: it tells of processes that died, not of power that failed.
    package static func add(to path: Path) throws(SystemError) -> Int {
        let file = try FileDescriptor.open(path, .readWrite, [.append, .noFollow])
        let size = try file.status().size
        let tail = min(size, countLimit * mark.count)
        let bytes = try file.read(limit: tail, at: size - tail)
        var count = 0
        while bytes.dropLast(count * mark.count).suffix(mark.count).elementsEqual(mark) {
            count += 1
        }
        try file.write(mark)
        return count + 1
    }
}

/// Files that a dead process has left in the directory of unfinished ones.
package enum UnfinishedFiles {
    /// Younger ones are left alone even when nobody holds their lock: their writer may be about to
    /// take it.
    package static let age = 3600

    /// Removes the abandoned ones, and yields how many there were.
    package static func sweep(
        _ directory: Path = QueueDirectories.unfinished, olderThan age: Int = age
    ) throws(SystemError) -> Int {
        var removed = 0
        let now = Clock.now
        for name in try directory.list() {
            let path = directory / name
            do throws(SystemError) {
                let file = try FileDescriptor.open(path, .readWrite, [.noFollow, .nonBlocking])
                let status = try file.status()
                guard status.kind == .regular, now - status.modified.seconds >= age,
                    try file.tryLock(.exclusive)
                else { continue }
                try path.unlink()
                removed += 1
            } catch {
                // Finished, or removed by its writer, in the meantime.
                if error.isMissing { continue }
                throw error
            }
        }
        return removed
    }
}
