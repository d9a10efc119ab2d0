import IMAPGrammar
import MailStore

/// SELECT, EXAMINE, CLOSE and UNSELECT (RFC 3501 sections 6.3.1, 6.3.2 and 6.4.2, RFC 3691).
extension IMAPSession {
    func select(_ command: SelectCommand) throws(Interruption) -> Completion {
        // Whatever happens, the mailbox selected before is left (section 6.3.1).
        leaveMailbox()
        let name = try folder(command.mailbox)
        let access: MailboxAccess =
            switch command.access {
            case .readWrite: .readWrite
            case .readOnly: .readOnly
            }
        let mailbox = try storing { () throws(StoreError) in try store.open(name, access) }
        try tellMailbox(mailbox)
        state = .selected(mailbox)
        let verb = command.access == .readWrite ? "SELECT" : "EXAMINE"
        return .ok(code: mailbox.isReadOnly ? "READ-ONLY" : "READ-WRITE", "\(verb) completed")
    }

    private func tellMailbox(_ mailbox: Mailbox) throws(Interruption) {
        try tellFlagNames(of: mailbox)
        try untagged("\(mailbox.messages.count) EXISTS")
        try untagged("\(mailbox.messages.lazy.filter(\.isRecent).count) RECENT")
        let unseen = mailbox.messages.firstIndex { !$0.flags.system.contains(.seen) }
        if let unseen { try untagged("OK [UNSEEN \(unseen + 1)] First unseen message") }
        try untagged("OK [UIDVALIDITY \(mailbox.uidValidity)] UIDs are valid")
        try untagged("OK [UIDNEXT \(mailbox.uidNext)] Next UID")
    }

    func close() throws(Interruption) -> Completion {
        let mailbox = try selected()
        if !mailbox.isReadOnly {
            let deleted = mailbox.messages.filter { $0.flags.system.contains(.deleted) }.map(\.uid)
            if !deleted.isEmpty {
                try storing { () throws(StoreError) in try mailbox.expunge(deleted) }
            }
        }
        leaveMailbox()
        return .ok("CLOSE completed")
    }

    func unselect() throws(Interruption) -> Completion {
        _ = try selected()
        leaveMailbox()
        return .ok("UNSELECT completed")
    }

    /// The folder of a name as the client sent it; names that are no modified UTF-7 are refused.
    func folder(_ name: [UInt8]) throws(Interruption) -> FolderName {
        guard !name.isEmpty, ModifiedUTF7.decode(name) != nil else {
            throw .refused(.no(code: "CANNOT", "Mailbox name is not valid modified UTF-7"))
        }
        return FolderName(name)
    }
}
