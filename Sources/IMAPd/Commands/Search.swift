import Bytes
import IMAPGrammar
import MailStore
import Posix

/// SEARCH (RFC 3501 section 6.4.4).
extension IMAPSession {
    func search(_ command: SearchCommand) throws(Interruption) -> Completion {
        let mailbox = try selected()
        let evaluation = SearchEvaluation(try searchKey(command), in: mailbox)
        var found: [UInt8] = [UInt8]("SEARCH")
        for sequence in mailbox.messages.indices.map({ $0 + 1 }) {
            do throws(StoreError) {
                guard try evaluation.matches(sequence) else { continue }
            } catch {
                // What another session has expunged is not found.
                if case .expunged = error { continue }
                note(error)
                throw error.interruption
            }
            let number =
                command.numbering == .uid
                ? mailbox.messages[sequence - 1].uid : UInt32(clamping: sequence)
            found += [.space] + [UInt8]("\(number)")
        }
        try untagged(found)
        try tellChanges(command.numbering == .uid ? .allowed : .forbidden)
        return .ok("SEARCH completed")
    }

    /// The key with its texts in UTF-8.
    private func searchKey(_ command: SearchCommand) throws(Interruption) -> SearchKey {
        let charset = command.charset ?? [UInt8]("UTF-8")
        guard let converter = CharacterSetConverter(from: charset) else {
            throw .refused(.no(code: "BADCHARSET (US-ASCII UTF-8)", "Unknown character set"))
        }
        let key = command.key.mappingTexts { converter.convert($0) + converter.finish() }
        return key ?? command.key
    }
}
