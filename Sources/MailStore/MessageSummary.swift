/// One message of a view.
package struct MessageSummary: Equatable, Sendable {
    package let uid: UInt32
    package var flags: Flags
    /// This session is the one that was given the message as `\Recent`.
    package var isRecent: Bool

    package init(uid: UInt32, flags: Flags = Flags(), isRecent: Bool = false) {
        self.uid = uid
        self.flags = flags
        self.isRecent = isRecent
    }
}

/// One difference between the view before and after `synchronise`.
package enum MailboxChange: Equatable, Sendable {
    /// The message with this sequence number is gone, and those behind it move up by one.
    ///
    /// To be applied in the order given: the highest number comes first.
    case expunged(sequence: Int, uid: UInt32)
    /// New messages are at the end of the view, which now holds `total`: `EXISTS`.
    case appeared(total: Int)
    /// `keywords` has grown: a new FLAGS response is due before the flags are told.
    case keywordsChanged
    /// Another session or program changed flags of the message with this (new) sequence number.
    case flagsChanged(sequence: Int)
}

/// What COPY tells of its result (RFC 4315).
package struct CopyResult: Equatable, Sendable {
    /// Of the target folder.
    package let uidValidity: UInt32
    /// The UIDs that were copied and, position by position, those of the copies.
    package let sources: [UInt32]
    package let copies: [UInt32]

    package init(uidValidity: UInt32, sources: [UInt32], copies: [UInt32]) {
        self.uidValidity = uidValidity
        self.sources = sources
        self.copies = copies
    }
}
