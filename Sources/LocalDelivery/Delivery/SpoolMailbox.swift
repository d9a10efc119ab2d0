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
}
