package import SMTPGrammar

/// What the session decided about a command; the conversation carries it out.
package struct SessionStep: Equatable, Sendable {
    /// What there is to do beside the reply.
    package enum Action: Equatable, Sendable {
        case none
        /// Hand the recipient to cleanup; the reply counts only if that works.
        case addRecipient([UInt8], original: [UInt8])
        /// Drop what was handed to cleanup.
        case dropTransaction
        /// Read the content after the reply.
        case readContent
        /// End the session after the reply.
        case close
    }

    /// What the log says of it.
    package enum Note: Equatable, Sendable {
        /// A refusal by policy: `reject: RCPT from …`.
        case refusal(String, AccessRequest)
        /// `warning: Illegal address syntax from … in MAIL command: …`.
        case illegalAddress(String, [UInt8])
        /// `warning: non-SMTP command from …: …`.
        case foreignCommand([UInt8])
        /// `warning: reject: ETRN …`.
        case refusedFlush([UInt8])
        case none
    }

    package let reply: Reply
    package let action: Action
    package let note: Note
    /// The command failed, and counts so in the log and against the limits.
    package let isError: Bool

    package init(
        _ reply: Reply, _ action: Action = .none, note: Note = .none, isError: Bool? = nil
    ) {
        self.reply = reply
        self.action = action
        self.note = note
        self.isError = isError ?? reply.isFailure
    }
}

/// What a session asks before it answers; everything behind it may look into tables.
package protocol SessionJudge: AnyObject {
    /// No machine could deliver to the address.
    func isMalformed(_ address: [UInt8]) -> Bool
    /// Why the client may not go on; nil when it may. With `delayed`, client, HELO and sender are
    /// judged at RCPT.
    func refusal(at stage: AccessStage, _ request: AccessRequest, delayed: Bool) -> Reply?
    /// Why no mail can be taken now: the disk has too little room for it.
    func shortage() -> Reply?
}
