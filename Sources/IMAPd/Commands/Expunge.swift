import IMAPGrammar
import MailStore

/// EXPUNGE and UID EXPUNGE (RFC 3501 section 6.4.3, RFC 4315).
extension IMAPSession {
    func expunge(_ command: ExpungeCommand) throws(Interruption) -> Completion {
        let mailbox = try selected()
        guard !mailbox.isReadOnly else { throw StoreError.readOnly.interruption }
        let candidates: [UInt32]
        if let set = command.uids {
            candidates = Self.messages(withUIDs: set, of: mailbox).map(\.uid)
        } else {
            candidates = mailbox.messages.map(\.uid)
        }
        let wanted = Set(candidates)
        let deleted = mailbox.messages.filter {
            $0.flags.system.contains(.deleted) && wanted.contains($0.uid)
        }.map(\.uid)
        if !deleted.isEmpty {
            try storing { () throws(StoreError) in try mailbox.expunge(deleted) }
        }
        try tellChanges(.allowed)
        return .ok("EXPUNGE completed")
    }
}
