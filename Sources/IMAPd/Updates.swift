import Bytes
import IMAPGrammar
import MailStore

/// What the client is told of changes (RFC 3501 sections 5.2 and 7.4.1).
extension IMAPSession {
    /// Whether sequence numbers may change while the command is answered.
    enum Expunging {
        case allowed
        /// During FETCH, STORE and SEARCH by sequence number the client counts on its numbers.
        case forbidden
    }

    /// Tells what has changed in the selected mailbox, if one is.
    func tellChanges(_ expunging: Expunging) throws(Interruption) {
        guard case .selected(let mailbox) = state else { return }
        let changes = try storing { () throws(StoreError) in
            try mailbox.synchronise(mayExpunge: expunging == .allowed)
        }
        for change in changes {
            switch change {
            case .expunged(let sequence, _): try untagged("\(sequence) EXPUNGE")
            case .appeared(let total):
                try untagged("\(total) EXISTS")
                try untagged("\(mailbox.messages.lazy.filter(\.isRecent).count) RECENT")
            case .flagsChanged(let sequence):
                try tellFlags(of: sequence, in: mailbox, .sequence)
            case .keywordsChanged: try tellFlagNames(of: mailbox)
            }
        }
    }

    /// `* n FETCH (FLAGS (…))`, with the UID for commands by UID (RFC 3501 section 6.4.8).
    func tellFlags(
        of sequence: Int, in mailbox: Mailbox, _ numbering: Numbering
    ) throws(Interruption) {
        guard mailbox.messages.indices.contains(sequence - 1) else { return }
        let message = mailbox.messages[sequence - 1]
        let uid = numbering == .uid ? "UID \(message.uid) " : ""
        try untagged(
            [UInt8]("\(sequence) FETCH (\(uid)FLAGS ") + FlagText.list(message)
                + [UInt8(ascii: ")")])
    }

    /// FLAGS, and what can be changed for good.
    func tellFlagNames(
        of mailbox: Mailbox, adding new: [Keyword] = []
    ) throws(Interruption) {
        let system = FlagText.names(of: .all)
        let known = system + (mailbox.keywords + new).map(\.bytes)
        try untagged([UInt8]("FLAGS ") + ResponseText.list(known))
        let permanent =
            mailbox.isReadOnly
            ? [] : known + (mailbox.acceptsNewKeywords ? [[UInt8](#"\*"#)] : [])
        try untagged(
            [UInt8]("OK [PERMANENTFLAGS ") + ResponseText.list(permanent)
                + [UInt8]("] Flags that stay"))
    }
}

/// The store's flags in the protocol's words, and back.
enum FlagText {
    private static let pairs: [(SystemFlags, MessageFlag)] = [
        (.answered, .answered), (.flagged, .flagged), (.deleted, .deleted), (.seen, .seen),
        (.draft, .draft),
    ]

    static func names(of flags: SystemFlags) -> [[UInt8]] {
        pairs.filter { flags.contains($0.0) }.map(\.1.name)
    }

    /// The flags of a message, `\Recent` among them.
    static func list(_ message: MessageSummary) -> [UInt8] {
        ResponseText.list(
            names(of: message.flags.system)
                + (message.isRecent ? [[UInt8](#"\Recent"#)] : [])
                + message.flags.sortedKeywords.map(\.bytes))
    }

    static func flags(_ named: [MessageFlag]) -> Flags {
        var flags = Flags()
        for flag in named {
            if case .keyword(let name) = flag {
                flags.keywords.insert(Keyword(name))
            } else if let pair = pairs.first(where: { $0.1 == flag }) {
                flags.system.insert(pair.0)
            }
        }
        return flags
    }

    static func contains(_ flag: MessageFlag, in flags: Flags) -> Bool {
        if case .keyword(let name) = flag { return flags.keywords.contains(Keyword(name)) }
        return pairs.first { $0.1 == flag }.map { flags.system.contains($0.0) } ?? false
    }
}
