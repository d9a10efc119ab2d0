import Glibc

/// Notice that files or directories change, by anybody on this machine (inotify(7)).
///
/// It says only that something happened, not what: events may be lost when many come at once, so
/// the watcher looks for itself. Changes that other machines make on a network file system are not
/// noticed.
package struct FileWatch: ~Copyable {
    private let queue: FileDescriptor

    package init() throws(SystemError) {
        queue = FileDescriptor(adopting: try checking("inotify", initialiseCall()))
    }

    /// Polls readable when something has changed.
    package var descriptor: Int32 { queue.number }

    /// Watches a directory's names, or a file's content; twice is as good as once.
    package func add(_ path: Path) throws(SystemError) {
        let number = queue.number
        let changes =
            UInt32(IN_CREATE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE)
            | UInt32(IN_MODIFY) | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)
        try unsafe path.withCString { (text) throws(SystemError) in
            _ = try retrying("watch \(path)") { unsafe addCall(number, text, changes) }
        }
    }

    /// Forgets what has happened so far.
    package func drain() throws(SystemError) {
        while try queue.wait(for: .readable, until: .after(milliseconds: 0)) {
            _ = try queue.read(limit: 65536)
        }
    }
}

@inline(never) private func initialiseCall() -> Int32 {
    outcome(inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)))
}

@inline(never) private func addCall(
    _ queue: Int32, _ path: UnsafePointer<CChar>, _ changes: UInt32
) -> Int32 { outcome(unsafe inotify_add_watch(queue, path, changes)) }
