package import Posix

/// An open Maildir: its directory and `cur`, `new` and `tmp` in it.
///
/// Everything below goes through these four descriptors; a symbolic link in the place of one of the
/// three, or of a message, is not followed.
package struct Maildir: ~Copyable {
    /// Where it was opened; for texts, and for inotify.
    package let path: Path
    package let root: FileDescriptor
    package let current: FileDescriptor
    package let new: FileDescriptor
    package let temporary: FileDescriptor

    /// Takes over the open directory `root`.
    private init(_ root: consuming FileDescriptor, path: Path) throws(SystemError) {
        let current = try root.open("cur", .readOnly, [.directory, .noFollow])
        let new = try root.open("new", .readOnly, [.directory, .noFollow])
        let temporary = try root.open("tmp", .readOnly, [.directory, .noFollow])
        self.root = root
        self.current = current
        self.new = new
        self.temporary = temporary
        self.path = path
    }

    /// Opens the Maildir at `path`, which may be a link that its owner has made; ENOENT when there
    /// is none, or `cur`, `new` or `tmp` is missing.
    package static func open(_ path: Path) throws(SystemError) -> Maildir {
        try Maildir(FileDescriptor.open(path, .readOnly, .directory), path: path)
    }

    /// Opens the Maildir `name` below an open directory without leaving it.
    package static func open(
        _ name: Path, beneath directory: borrowing FileDescriptor, path: Path
    ) throws(SystemError) -> Maildir {
        try Maildir(directory.openBeneath(name, .readOnly, .directory), path: path / name)
    }

    /// Opens the Maildir at `path` and makes it, or what is missing of it, if need be.
    ///
    /// Its parent directory must exist. What is made here is on the disk when this returns.
    package static func openOrCreate(_ path: Path) throws(SystemError) -> Maildir {
        do throws(SystemError) { return try open(path) } catch {
            guard error.isMissing else { throw error }
        }
        let parent = try FileDescriptor.open(path.parent, .readOnly, .directory)
        try makeIfMissing(path.name, in: parent)
        let root = try FileDescriptor.open(path, .readOnly, .directory)
        try markIfFolder(path)
        try makeParts(in: root)
        try parent.syncNames()
        return try Maildir(root, path: path)
    }

    /// Gives a new Maildir that is a folder of another the file by which others tell that (Maildir++).
    package static func markIfFolder(_ path: Path) throws(SystemError) {
        guard try MaildirQuota.isFolder(path) else { return }
        let mark = path / MaildirQuota.folderMark
        try FileDescriptor.open(mark, .writeOnly, [.create, .noFollow]).closeChecked()
    }

    /// Takes back a folder that was made for a message which then could not be stored; one in which
    /// there is something stays.
    package static func removeIfEmpty(_ path: Path) {
        for part in ["cur", "new", "tmp"] {
            tryTo { () throws(SystemError) in try (path / part).removeDirectory() }
        }
        tryTo { () throws(SystemError) in
            guard try path.list() == [MaildirQuota.folderMark] else { return }
            try (path / MaildirQuota.folderMark).unlink()
        }
        tryTo { () throws(SystemError) in try path.removeDirectory() }
    }

    private static func tryTo(_ body: () throws(SystemError) -> Void) {
        do throws(SystemError) { try body() } catch {
            // It is in use, or was never made.
        }
    }

    /// Makes `cur`, `new` and `tmp`, where they are missing, in an open directory.
    package static func makeParts(in root: borrowing FileDescriptor) throws(SystemError) {
        // `cur` is what others tell a Maildir by: it comes last.
        for part in ["tmp", "new", "cur"] as [Path] { try makeIfMissing(part, in: root) }
        try root.syncNames()
    }

    private static func makeIfMissing(
        _ name: Path, in directory: borrowing FileDescriptor
    ) throws(SystemError) {
        do throws(SystemError) { try directory.makeDirectory(name) } catch {
            if error.code != SystemError.exists { throw error }
        }
    }
}
