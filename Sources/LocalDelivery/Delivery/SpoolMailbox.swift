package import Posix

/// System mailboxes in a spool that only its group may write in.
package enum SpoolMailbox {
    /// Makes a user's mailbox when it is missing and only the spool's group could make it, as procmail
    /// does with its rights: the last thing that is done as root.
    ///
    /// Never in a directory that everybody may write in, and never through a link.
    package static func make(_ mailbox: Path, owner: UInt32) {
        do throws(SystemError) {
            let spool = try mailbox.parent.status()
            guard spool.kind == .directory, spool.owner == 0, !spool.isWorldWritable else { return }
            let file = try FileDescriptor.open(
                mailbox, .writeOnly, [.exclusive, .noFollow], mode: 0o600)
            try file.setOwner(owner, group: .max)
        } catch {
            // It is there already, or delivery will say what is wrong.
        }
    }

    /// Whether a set-uid or set-gid bit says that nothing must be delivered to the mailbox.
    package static func isForwarding(_ mailbox: Path) -> Bool {
        guard let there = status(mailbox) else { return false }
        return there.kind == .regular && there.mode & 0o6000 != 0
    }

    /// Takes from others what they may do with the owner's mailbox, unless its owner may execute it; true
    /// when there was something to take.
    package static func tighten(_ mailbox: Path, owner: UInt32) -> Bool {
        guard let there = status(mailbox), there.kind == .regular, there.owner == owner,
            there.mode & 0o007 != 0, there.mode & 0o100 == 0
        else { return false }
        do throws(SystemError) {
            let file = try FileDescriptor.open(mailbox, .readOnly, [.noFollow, .nonBlocking])
            try file.setMode(there.mode & 0o7700)
            return true
        } catch { return false }
    }

    private static func status(_ mailbox: Path) -> FileStatus? {
        do throws(SystemError) { return try mailbox.linkStatus() } catch { return nil }
    }
}
