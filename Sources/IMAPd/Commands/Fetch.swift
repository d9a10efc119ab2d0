import Bytes
import IMAPGrammar
import MailStore
import Posix
import Wire

/// FETCH (RFC 3501 section 6.4.5): bodies go to the client as they are read, in bounded memory.
extension IMAPSession {
    func fetch(_ command: FetchCommand) throws(Interruption) -> Completion {
        let mailbox = try selected()
        let named = try messages(in: command.set, command.numbering, of: mailbox)
        let items = FetchItems(items: command.items, numbering: command.numbering)
        let seen = items.marksSeen ? try markSeen(named, in: mailbox) : []
        var isIncomplete = false
        for message in named {
            let summary = mailbox.messages[message.sequence - 1]
            let open = OpenMessage(message.uid, in: mailbox)
            let response: FetchResponse?
            do throws(StoreError) {
                response = try items.response(
                    for: open, summary, tellsFlags: seen.contains(message.uid))
            } catch {
                // Another session has expunged it: say so, never make up content.
                guard case .expunged = error else {
                    note(error, of: message.uid)
                    throw error.interruption
                }
                isIncomplete = true
                continue
            }
            if let response { try send(response, message.sequence, of: open) }
        }
        try tellChanges(command.numbering == .uid ? .allowed : .forbidden)
        return isIncomplete
            ? .no(code: "EXPUNGEISSUED", "Some messages were expunged by another session")
            : .ok("FETCH completed")
    }

    /// Gives `\Seen` to those that lack it, and yields them.
    private func markSeen(
        _ named: [NamedMessage], in mailbox: Mailbox
    ) throws(Interruption) -> Set<UInt32> {
        guard !mailbox.isReadOnly else { return [] }
        let unseen = named.filter {
            !mailbox.messages[$0.sequence - 1].flags.system.contains(.seen)
        }.map(\.uid)
        guard !unseen.isEmpty else { return [] }
        do throws(StoreError) {
            return Set(try mailbox.store(.add(Flags(.seen)), to: unseen))
        } catch {
            // A full disk must not keep anybody from reading.
            note(error)
            if case .replaced = error { throw error.interruption }
            return []
        }
    }

    private func send(
        _ response: FetchResponse, _ sequence: Int, of message: OpenMessage
    ) throws(Interruption) {
        stream.deadline = .after(seconds: limits.idleTime)
        try write([UInt8]("* \(sequence) FETCH ("))
        for piece in response.pieces {
            switch piece {
            case .octets(let octets): try write(octets)
            case .content(let range): try send(range, of: message)
            }
        }
        try write([UInt8](")\r\n"))
    }

    private func send(_ range: Range<Int>, of message: OpenMessage) throws(Interruption) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let octets: [UInt8]
            do throws(StoreError) {
                octets = try message.content().read(
                    at: offset, count: min(OpenMessage.block, range.upperBound - offset))
            } catch {
                return try breakOff("\(error)", message)
            }
            guard !octets.isEmpty else { return try breakOff("content ends early", message) }
            try write(octets)
            offset += octets.count
        }
    }

    /// The client counts octets of a literal that will not come: nothing can be said any more.
    private func breakOff(_ why: String, _ message: OpenMessage) throws(Interruption) {
        noteBrokenOff(why, message.uid)
        throw .wire(.closed)
    }
}
