import Posix

/// What a mailbox file must be before a byte of it is touched, and how a missing one is made.
///
/// The file must be regular, have one link, be the same file by its name once it is locked,
/// and be reached through no symbolic link but one of root's in a directory that only root can
/// change: it could otherwise be somebody else's.
package struct OpeningRules: Sendable {
    /// Who must own the file; nil: anybody.
    package var owner: UInt32?
    /// How to make a missing file; nil: `MboxError.missing`.
    package var creation: Creation?

    /// How a missing file is made: never through a link, never over another file.
    package struct Creation: Sendable {
        package var mode: UInt32
        /// Whose the file becomes when the process is root and delivers for somebody.
        package var owner: (user: UInt32, group: UInt32)?

        package init(mode: UInt32 = 0o600, owner: (user: UInt32, group: UInt32)? = nil) {
            self.mode = mode
            self.owner = owner
        }
    }

    package init(owner: UInt32? = nil, creation: Creation? = nil) {
        self.owner = owner
        self.creation = creation
    }

    /// Opens `path` by these rules, or makes it.
    func open(
        _ path: Path, _ access: OpenAccess, _ rights: SpoolRights
    ) throws(MboxError) -> FileDescriptor {
        // A name that comes and goes between the two calls is tried again, but not for ever.
        for _ in 0..<4 {
            if let descriptor = try existing(path, access) {
                try check(descriptor, path)
                return descriptor
            }
            guard let creation else { throw .missing }
            if let descriptor = try made(path, creation, rights) { return descriptor }
        }
        throw .unsafe("\(path): a link that leads nowhere, or a name that comes and goes")
    }

    /// Checks that `path` still names the open file, which was locked meanwhile.
    func stillHolds(_ descriptor: borrowing FileDescriptor, _ path: Path) throws(MboxError) -> Bool
    {
        let open = try system { () throws(SystemError) in try descriptor.status() }
        let named = try system { () throws(SystemError) in try path.statusIfPresent() }
        // The links are those of the moment in which the name was seen to lead here.
        guard let named, named.isSameFile(as: open), named.links == 1 else { return false }
        return true
    }

    private func existing(
        _ path: Path, _ access: OpenAccess
    ) throws(MboxError) -> FileDescriptor? {
        do throws(SystemError) {
            // Opening a FIFO must not wait for its other end.
            return try FileDescriptor.open(path, access, .nonBlocking)
        } catch {
            if error.code == SystemError.missing { return nil }
            throw error.code == SystemError.isDirectory
                ? .unsafe("\(path): not a regular file") : .failed(error)
        }
    }

    private func made(
        _ path: Path, _ creation: Creation, _ rights: SpoolRights
    ) throws(MboxError) -> FileDescriptor? {
        do throws(SystemError) {
            let descriptor = try rights.perform { () throws(SystemError) in
                try FileDescriptor.open(path, .readWrite, .exclusive, mode: creation.mode)
            }
            if let owner = creation.owner {
                try descriptor.setOwner(owner.user, group: owner.group)
            }
            return descriptor
        } catch {
            if error.code == SystemError.exists { return nil }
            throw .failed(error)
        }
    }

    private func check(_ descriptor: borrowing FileDescriptor, _ path: Path) throws(MboxError) {
        let open = try system { () throws(SystemError) in try descriptor.status() }
        guard open.kind == .regular else { throw .unsafe("\(path): not a regular file") }
        guard open.links == 1 else { throw .unsafe("\(path): has \(open.links) links") }
        let named = try system { () throws(SystemError) in try path.linkStatus() }
        // Whether it is the file that was opened is looked at under the locks.
        if named.kind == .symbolicLink { try checkLink(named, path) }
        if let owner, open.owner != owner {
            throw .unsafe("destination \(path) is not owned by recipient")
        }
    }

    private func checkLink(_ link: FileStatus, _ path: Path) throws(MboxError) {
        let directory = try system { () throws(SystemError) in try path.parent.status() }
        guard link.owner == 0, directory.owner == 0, !directory.isGroupWritable,
            !directory.isWorldWritable
        else { throw .unsafe("\(path): a symbolic link that is not root's to make") }
    }
}
