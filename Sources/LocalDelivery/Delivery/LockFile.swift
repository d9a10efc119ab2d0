import Bytes
package import Posix

/// A lock that is a file of any name, made and taken over as procmail and lockfile(1) do.
///
/// Content `0` and mode 0444 are what those programs expect of a lock that they may take over once
/// it is old.
package struct LockFile: Sendable {
    package enum Attempt: Equatable, Sendable {
        case taken
        /// Somebody holds it.
        case busy
        /// It was old, and is gone now: wait a moment, then try again.
        case forced
        /// It is old, and must not be removed by us.
        case denied
    }

    /// What a lock that is removed for its age may hold.
    package enum Content: Sendable {
        /// Few octets: what is larger was not made as a lock.
        case few
        /// Anything: the user says that it is a lock.
        case any
    }

    /// One attempt; `staleAfter` is the age in seconds from which a lock is removed, 0 never.
    package static func attempt(
        _ path: Path, staleAfter: Int, content: Content = .few
    ) throws(SystemError) -> Attempt {
        let random = try randomBytes(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let unique = path.parent / "_\(Process.id).\(random.padded(to: 12, radix: 16)).\(hostName)"
        let file = try FileDescriptor.open(unique, .writeOnly, .exclusive, mode: 0o444)
        defer { remove(unique) }
        try file.write(Array("0".utf8))
        let own = try file.status()
        do throws(SystemError) {
            try unique.link(to: path)
            return .taken
        } catch {
            // Over NFS the answer may be lost although the link was made: what lies there decides.
            guard let there = try statusIfPresent(path) else {
                if error.code == SystemError.exists { return .busy }
                throw error
            }
            if there.isSameFile(as: own) { return .taken }
            // By the clock of the file system, which over NFS is not ours.
            let now = own.modified.seconds
            return try force(path, there) { isStale(path, $0, now, staleAfter, content) }
        }
    }

    private static func isStale(
        _ path: Path, _ lock: FileStatus, _ now: Int, _ staleAfter: Int, _ content: Content
    ) -> Bool {
        let age = now - lock.modified.seconds
        return staleAfter > 0 && lock.kind == .regular
            && (content == .any || lock.size <= contentLimit) && age > staleAfter
            && (age > ownerPatience * staleAfter || !isOwnerAlive(path))
    }

    /// Whether the lock names a process of this machine that runs: it may only be slow.
    private static func isOwnerAlive(_ path: Path) -> Bool {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, .readOnly, .nonBlocking)
            let digits = try file.read(limit: contentLimit).prefix { $0.isDigit }
            guard let number = Int32(decimal: digits), number > 1 else { return false }
            return Process.exists(number)
        } catch { return false }
    }

    /// So many times older must a lock be whose owner still runs: the number may be another's by now.
    private static let ownerPatience = 10

    /// Removes a lock if it is old, unless another program was quicker and its lock is there now.
    ///
    /// Of several of ours that find it old one gets the file's own lock, and the others another file.
    private static func force(
        _ path: Path, _ seen: FileStatus, if isStale: (FileStatus) -> Bool
    ) throws(SystemError) -> Attempt {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, .readOnly, [.noFollow, .nonBlocking])
            // While it is open no new file gets its inode.
            let old = try file.status()
            guard try file.tryFlock(.exclusive) else { return .busy }
            guard isStale(old) else { return .busy }
            return try remove(path, old)
        } catch {
            if error.isMissing { return .busy }
            // Another's, which cannot be read, or a file system without such locks: its age decides.
            guard isStale(seen) else { return .busy }
            return try remove(path, seen)
        }
    }

    private static func remove(_ path: Path, _ old: FileStatus) throws(SystemError) -> Attempt {
        guard let there = try statusIfPresent(path), there.isSameFile(as: old) else { return .busy }
        do throws(SystemError) {
            try path.unlinkIfPresent()
            return .forced
        } catch {
            guard error.isDenied else { throw error }
            return .denied
        }
    }

    /// Gives the lock back.
    package static func release(_ path: Path) throws(SystemError) { try path.unlink() }

    private static func remove(_ path: Path) {
        do throws(SystemError) { try path.unlinkIfPresent() } catch {
            // A name that nobody looks at is left.
        }
    }

    private static func statusIfPresent(_ path: Path) throws(SystemError) -> FileStatus? {
        do throws(SystemError) { return try path.linkStatus() } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Octets of a lock made by procmail, and of a process number.
    private static let contentLimit = 16
}

extension Path {
    /// The name without its last octet, for a lock whose name is too long; nil when nothing would be left
    /// of it.
    package var shortened: Path? {
        let rest = bytes.dropLast()
        return rest.isEmpty || rest.last == UInt8(ascii: "/") ? nil : Path(rest)
    }
}
