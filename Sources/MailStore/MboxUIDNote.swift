import Bytes
import Mbox
import Posix

/// UIDVALIDITY and the last UID of an mbox, noted a second time as an attribute of the file.
///
/// In the file they stand in the first letter alone (`X-IMAPbase`), where Dovecot and c-client look
/// for them. A program that deletes this letter takes them along: mailx does, and knows nothing of
/// it. Dovecot then goes on with what its index files say and writes the line anew; c-client
/// numbers the mailbox anew. This note stands for Dovecot's index: programs that rewrite the file
/// in place keep it, and one that replaces the file loses it, which renumbers the mailbox.
enum MboxUIDNote {
    private static let name: StaticString = "user.malleposte.uids"
    /// Two numbers of ten digits and a blank.
    private static let limit = 64

    /// The note; nil when there is none, or none that can be read.
    static func read(_ descriptor: borrowing FileDescriptor) -> StatusHeader.Base? {
        do throws(SystemError) {
            guard let text = try descriptor.attribute(name, limit: limit) else { return nil }
            let words = text.split(separator: .space)
            guard words.count == 2, let validity = UInt32(decimal: words[0]), validity > 0,
                let last = UInt32(decimal: words[1]), last <= MboxIndex.lastUIDLimit
            else { return nil }
            return StatusHeader.Base(validity: validity, lastUID: last)
        } catch { return nil }
    }

    /// Notes the base where the file does not say it yet.
    static func write(_ base: StatusHeader.Base, _ descriptor: borrowing FileDescriptor) {
        let wanted = StatusHeader.Base(validity: base.validity, lastUID: base.lastUID)
        guard read(descriptor) != wanted else { return }
        do throws(SystemError) {
            try descriptor.setAttribute(
                name, to: Array("\(base.validity) \(base.lastUID)".utf8))
        } catch {
            // Not on this file system: then a first letter that is deleted takes the numbers along.
        }
    }
}
