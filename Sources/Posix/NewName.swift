import Glibc

/// Moving a name to one that is not taken, also where the kernel's call does not do it.
///
/// NFS and other file systems do not know RENAME_NOREPLACE (EINVAL): there the file gets a second name
/// and, once that is on the disk, loses the first. A crash in between leaves both, and whoever moves the
/// name again ends it.
extension FileDescriptor {
    /// Ends a move of `name` to `target` of `directory` that has failed so.
    func move(
        _ name: Path, toNew directory: borrowing FileDescriptor, _ target: Path,
        after failure: SystemError
    ) throws(SystemError) {
        switch failure.code {
        case EEXIST:
            guard try isHalfMoved(name, to: directory, target) else { throw failure }
            try directory.syncNames()
            try unlink(name)
        case EINVAL:
            do throws(SystemError) { try link(name, to: directory, target) } catch {
                guard error.code == EPERM else {
                    return try move(name, toNew: directory, target, after: error)
                }
                // A directory, of which others make none by this name meanwhile.
                guard try directory.statusIfPresent(of: target) == nil else {
                    throw SystemError(EEXIST, error.operation)
                }
                return try rename(name, to: directory, target)
            }
            do throws(SystemError) {
                try directory.syncNames()
                try unlink(name)
            } catch {
                try directory.unlinkIfPresent(target)
                throw error
            }
        default: throw failure
        }
    }

    /// Both names lead to one file: an earlier move was cut off.
    private func isHalfMoved(
        _ name: Path, to directory: borrowing FileDescriptor, _ target: Path
    ) throws(SystemError) -> Bool {
        // Moving a name to itself must not remove it.
        if name == target, try status().isSameFile(as: directory.status()) { return false }
        guard let old = try statusIfPresent(of: name),
            let new = try directory.statusIfPresent(of: target)
        else { return false }
        return old.kind == .regular && old.links > 1 && old.isSameFile(as: new)
    }
}
