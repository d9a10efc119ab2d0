import IMAPGrammar
import MailStore

/// CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE (RFC 3501 sections 6.3.3 to 6.3.7).
extension IMAPSession {
    func create(_ command: MailboxCommand) throws(Interruption) -> Completion {
        var name = command.mailbox
        // A trailing separator says that names below it will come.
        let isLevel = name.last == store.separator
        if isLevel { name.removeLast() }
        let target = try folder(name)
        try storing { () throws(StoreError) in
            if isLevel { try store.createLevel(target) } else { try store.create(target) }
        }
        return try changed("CREATE")
    }

    func delete(_ command: MailboxCommand) throws(Interruption) -> Completion {
        let name = try folder(command.mailbox)
        guard !name.isInbox else { return .no(code: "CANNOT", "INBOX cannot be deleted") }
        if case .selected(let mailbox) = state, mailbox.name == name { leaveMailbox() }
        try storing { () throws(StoreError) in try store.delete(name) }
        return try changed("DELETE")
    }

    func rename(_ command: RenameCommand) throws(Interruption) -> Completion {
        let (name, target) = (try folder(command.mailbox), try folder(command.target))
        try storing { () throws(StoreError) in try store.rename(name, to: target) }
        return try changed("RENAME")
    }

    func subscribe(_ command: MailboxCommand) throws(Interruption) -> Completion {
        let name = try folder(command.mailbox)
        try storing { () throws(StoreError) in try store.subscribe(name) }
        return try changed("SUBSCRIBE")
    }

    func unsubscribe(_ command: MailboxCommand) throws(Interruption) -> Completion {
        let name = FolderName(command.mailbox)
        try storing { () throws(StoreError) in try store.unsubscribe(name) }
        return try changed("UNSUBSCRIBE")
    }

    private func changed(_ verb: String) throws(Interruption) -> Completion {
        try tellChanges(.allowed)
        return .ok("\(verb) completed")
    }
}
