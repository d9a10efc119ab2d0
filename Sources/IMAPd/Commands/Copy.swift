import IMAPGrammar
import MailStore

/// COPY (RFC 3501 section 6.4.7, RFC 4315): all of the messages or none.
extension IMAPSession {
    func copy(_ command: CopyCommand) throws(Interruption) -> Completion {
        let mailbox = try selected()
        let target = try folder(command.mailbox)
        let uids = try messages(in: command.set, command.numbering, of: mailbox).map(\.uid)
        guard !uids.isEmpty else { return .ok("Nothing to copy") }
        let result: CopyResult
        do throws(StoreError) { result = try mailbox.copy(uids, to: target) } catch {
            note(error)
            throw error.appending
        }
        try tellChanges(.allowed)
        let sources = SequenceSet.text(of: result.sources)
        let copies = SequenceSet.text(of: result.copies)
        return .ok(
            code: "COPYUID \(result.uidValidity) \(sources) \(copies)", "COPY completed")
    }
}
