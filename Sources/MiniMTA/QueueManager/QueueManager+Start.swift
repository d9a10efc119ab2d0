import Diagnostics
import MailQueue
import Posix

/// What qmgr does with the queue before its first and after its last turn.
extension QueueManager {
    /// Files of another mail system that the log names: enough to see what lies there.
    private static let namedForeignFiles = 100

    /// Puts back what was active when qmgr went down, and sweeps what dead writers left.
    ///
    /// Every message found in active/ gets a mark. One that bears two is no longer tried at once:
    /// it may be what brought qmgr down.
    package func recover() {
        do throws(SystemError) {
            for id in try QueueDirectory.active.list() where !isForeign(id, in: .active) {
                recover(id)
            }
            for queue in QueueDirectory.queues {
                for path in try ForeignQueueFile.divided(in: queue) { leaveAlone(path) }
            }
            let swept = try UnfinishedFiles.sweep()
            if swept > 0 { log.info("removed \(swept) unfinished files of processes that died") }
        } catch { log.warning("\(error)") }
    }

    /// The file is another mail system's: it stays as it is and where it is, and is named in the log
    /// once.
    func isForeign(_ id: QueueID, in directory: QueueDirectory) -> Bool {
        do throws(SystemError) {
            guard try ForeignQueueFile.lies(at: directory.file(id)) else { return false }
        } catch {
            // What it is shows when it is read.
            return false
        }
        leaveAlone(directory.file(id))
        return true
    }

    private func leaveAlone(_ path: Path) {
        guard foreignFiles.count < Self.namedForeignFiles,
            foreignFiles.insert(path.description).inserted
        else { return }
        log.warning("\(path): left alone: a queue file of another mail system (Postfix)")
        if foreignFiles.count == Self.namedForeignFiles {
            log.warning("further queue files of another mail system are left alone unnamed")
        }
    }

    private func recover(_ id: QueueID) {
        do throws(SystemError) {
            let crashes = try CrashMark.add(to: QueueDirectory.active.file(id))
            let pause = retry.quarantine(crashes: crashes)
            guard pause > 0 else {
                _ = try QueueDirectory.active.move(id, to: .incoming)
                return
            }
            log.warning(
                "\(id): active in \(crashes) crashes of the queue manager; not tried for \(pause)s")
            try QueueDirectory.active.setNextAttempt(id, Clock.now + pause)
            _ = try QueueDirectory.active.move(id, to: .deferred)
        } catch { warn(id, "\(error)") }
    }

    /// Writes down what is known and puts every active message back, so that the next qmgr finds
    /// nothing that looks like a crash.
    package func putBackAll() {
        isStopping = true
        settle()
        syncRemovals()
        for id in messages.keys.sorted(by: { $0.text < $1.text }) {
            do throws(SystemError) {
                _ = try QueueDirectory.active.move(id, to: .incoming)
            } catch { warn(id, "\(error)") }
        }
    }
}
