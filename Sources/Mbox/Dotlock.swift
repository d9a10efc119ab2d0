import Bytes
package import Posix

/// The lock that is a file: `NAME.lock` beside the mailbox, as every mail program knows it.
///
/// It holds `PID:HOST`, so that other programs can tell when its owner is dead, and appears whole
/// or not at all. It goes with its owner, and only if it is still the one that was made here.
package struct Dotlock: ~Copyable {
    let path: Path
    /// Open, so that no other lock file gets its inode.
    private let file: FileDescriptor
    private let rights: SpoolRights

    /// Room for a process number and a host name.
    private static let contentLimit = 512

    /// Makes `NAME.lock` beside any file that other programs lock so, with the process's own rights;
    /// nil when another program holds it.
    package static func take(
        beside file: Path, staleSeconds: Int
    ) throws(SystemError) -> Dotlock? {
        try take(for: file, staleSeconds: staleSeconds, .own)
    }

    static func path(for mailbox: Path) -> Path { mailbox.adding(suffix: ".lock") }

    /// Makes the lock file for `mailbox`; nil when another program holds it.
    ///
    /// A lock whose owner is dead, or that was left alone for `staleSeconds`, is taken over.
    static func take(
        for mailbox: Path, staleSeconds: Int, _ rights: SpoolRights
    ) throws(SystemError) -> Dotlock? {
        try rights.perform { () throws(SystemError) in
            try attempt(path(for: mailbox), staleSeconds, rights)
        }
    }

    private static func attempt(
        _ path: Path, _ staleSeconds: Int, _ rights: SpoolRights
    ) throws(SystemError) -> Dotlock? {
        let candidate = try Candidate.make(beside: path)
        // Once more after a stale lock has gone.
        for _ in 0..<2 {
            if try candidate.becomes(path) {
                return Dotlock(
                    path: path, file: try candidate.descriptor.duplicate(), rights: rights)
            }
            let now = try candidate.descriptor.status().modified.seconds
            guard try removeStale(path, staleSeconds, now) else { return nil }
        }
        return nil
    }

    /// Removes the lock if its owner is dead or has forgotten it; false when it holds.
    ///
    /// What is looked at is what is removed: of several that find it stale one gets the file's own
    /// lock, and the others find another file there. While it is open, no new file gets its inode.
    private static func removeStale(
        _ path: Path, _ staleSeconds: Int, _ now: Int
    ) throws(SystemError) -> Bool {
        guard let status = try linkStatusIfPresent(path) else { return true }
        // Anything but a file was put there by somebody who means no lock.
        guard status.kind == .regular else { return false }
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, .readOnly, [.noFollow, .nonBlocking])
            guard try file.tryFlock(.exclusive), let named = try linkStatusIfPresent(path),
                try file.status().isSameFile(as: named),
                ownerIsDead(file) || isOld(named, staleSeconds, now)
            else { return false }
            try path.unlinkIfPresent()
            return true
        } catch {
            // Unreadable, as Postfix makes them, or, as over NFS, not to be locked by who may not write
            // it: then its age decides.
            guard isOld(status, staleSeconds, now) else { return false }
            return removeUnread(path)
        }
    }

    /// By the clock of the file system.
    private static func isOld(_ status: FileStatus, _ staleSeconds: Int, _ now: Int) -> Bool {
        let touched = max(status.modified.seconds, status.changed.seconds)
        return staleSeconds > 0 && now - touched > staleSeconds
    }

    private static func ownerIsDead(_ file: borrowing FileDescriptor) -> Bool {
        do throws(SystemError) {
            let parts = try file.read(limit: contentLimit).split(
                separator: .colon, maxSplits: 1, omittingEmptySubsequences: false)
            // Without a host the number may be one of another machine.
            guard parts.count == 2, Array(parts[1].trimmed) == Array(hostName.utf8),
                let owner = Int32(decimal: parts[0].trimmed), owner > 0
            else { return false }
            return !Process.exists(owner)
        } catch {
            return false
        }
    }

    private static func removeUnread(_ path: Path) -> Bool {
        do throws(SystemError) {
            try path.unlinkIfPresent()
            return true
        } catch {
            // In a sticky directory it is not ours to remove: it stays a lock.
            return false
        }
    }

    private static func linkStatusIfPresent(_ path: Path) throws(SystemError) -> FileStatus? {
        do throws(SystemError) { return try path.linkStatus() } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    private init(path: Path, file: consuming FileDescriptor, rights: SpoolRights) {
        self.path = path
        self.file = file
        self.rights = rights
    }

    deinit {
        do throws(SystemError) {
            let (path, status) = (path, try file.status())
            try rights.perform { () throws(SystemError) in
                if try path.linkStatus().isSameFile(as: status) { try path.unlink() }
            }
        } catch {
            // It is gone, or cannot be removed: then it is stale once this process has ended.
        }
    }
}

/// A lock file that has its content but not yet its name.
private struct Candidate: ~Copyable {
    let descriptor: FileDescriptor
    /// The name it has meanwhile, where the file system knows no files without one.
    private let temporary: Path?

    private init(_ descriptor: consuming FileDescriptor, _ temporary: Path?) {
        self.descriptor = descriptor
        self.temporary = temporary
    }

    static func make(beside path: Path) throws(SystemError) -> Candidate {
        let candidate = try empty(beside: path)
        try candidate.descriptor.write(Array("\(Process.id):\(hostName)".utf8))
        return candidate
    }

    private static func empty(beside path: Path) throws(SystemError) -> Candidate {
        do throws(SystemError) {
            return Candidate(try FileDescriptor.unnamed(in: path.parent, mode: 0o644), nil)
        } catch {
            if error.isDenied || error.isOutOfSpace { throw error }
            let name = path.parent / ".lk\(Process.id).\(hostName)"
            // A file of that name is left from a process that had this number and died.
            try name.unlinkIfPresent()
            return Candidate(
                try FileDescriptor.open(name, .readWrite, .exclusive, mode: 0o644), name)
        }
    }

    /// Gives the file its name; false when that is taken.
    func becomes(_ path: Path) throws(SystemError) -> Bool {
        do throws(SystemError) {
            if let temporary {
                try temporary.link(to: path)
            } else {
                try descriptor.link(to: path)
            }
            return true
        } catch {
            // Over NFS the answer may be lost although the link was made.
            if temporary != nil, try descriptor.status().links == 2 { return true }
            if error.code == SystemError.exists { return false }
            throw error
        }
    }

    deinit {
        guard let temporary else { return }
        do throws(SystemError) { try temporary.unlinkIfPresent() } catch {
            // The next process with this number removes it.
        }
    }
}
