import IMAPGrammar
import MailStore

/// STORE (RFC 3501 section 6.4.6).
extension IMAPSession {
    func storeFlags(_ command: StoreCommand) throws(Interruption) -> Completion {
        let mailbox = try selected()
        let named = try messages(in: command.set, command.numbering, of: mailbox)
        guard !mailbox.isReadOnly else { throw StoreError.readOnly.interruption }
        let flags = FlagText.flags(command.flags)
        let change: FlagChange =
            switch command.action {
            case .add: .add(flags)
            case .remove: .remove(flags)
            case .replace: .replace(flags)
            }
        let known = Set(mailbox.keywords)
        if !named.isEmpty {
            try storing { () throws(StoreError) in try mailbox.store(change, to: named.map(\.uid)) }
        }
        try announce(change.newKeywords, in: mailbox, knownBefore: known)
        if !command.isSilent {
            for message in named {
                try tellFlags(of: message.sequence, in: mailbox, command.numbering)
            }
        }
        try tellChanges(command.numbering == .uid ? .allowed : .forbidden)
        return .ok("STORE completed")
    }

    /// New keywords are told before the flags that have them; the store may list them later.
    private func announce(
        _ keywords: Set<Keyword>, in mailbox: Mailbox, knownBefore: Set<Keyword>
    ) throws(Interruption) {
        guard !keywords.isSubset(of: knownBefore) else { return }
        try tellChanges(.forbidden)
        let missing = keywords.subtracting(mailbox.keywords)
        if !missing.isEmpty { try tellFlagNames(of: mailbox, adding: missing.sorted()) }
    }
}
