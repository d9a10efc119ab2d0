import Bytes
package import Posix

/// Delivery into a Maildir: `tmp/`, sync, `new/`, sync of `new/`, and only then success.
extension Maildir {
    /// Delivers a message: `prefix`, then `count` octets of `content` from `offset` on, all with LF
    /// line ends.
    ///
    /// Yields the path of the new file relative to the Maildir; EDQUOT when the user's quota has no room
    /// for it. After an error no reader sees
    /// anything of the message, and at most a file in `tmp/` is left (of a killed process).
    package func deliver(
        prefix: [UInt8], content: borrowing FileDescriptor, at offset: Int, count: Int,
        names: inout UniqueNames
    ) throws(SystemError) -> Path {
        let quota = try MaildirQuota(governing: path)
        let (size, isOver) = prefix.count.addingReportingOverflow(count)
        try quota?.check(adding: isOver ? .max : size)
        var draft = try MaildirDraft(in: self, names: &names)
        try draft.write(prefix[...])
        try draft.copy(from: content, at: offset, count: count)
        try draft.finish(arrival: nil)
        let name = Path(draft.base)
        try draft.publish(in: new, as: name)
        do throws(SystemError) { try new.syncNames() } catch {
            // It is not known to be durable, so it counts as not delivered and will come again.
            try new.unlinkIfPresent(name)
            throw error
        }
        quota?.note(octets: draft.sizes.stored, messages: 1)
        return "new" / name
    }
}
