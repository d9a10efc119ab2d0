/// `STATUS mailbox (items)` (RFC 3501 section 6.3.10).
package struct StatusCommand: Equatable, Sendable {
    package enum Item: Equatable, Sendable, CaseIterable {
        case messages, recent, uidNext, uidValidity, unseen

        package var name: StaticString {
            switch self {
            case .messages: "MESSAGES"
            case .recent: "RECENT"
            case .uidNext: "UIDNEXT"
            case .uidValidity: "UIDVALIDITY"
            case .unseen: "UNSEEN"
            }
        }
    }

    /// Items in one command: each once, with room for the clumsy.
    static let itemLimit = 32

    package let mailbox: [UInt8]
    package let items: [Item]

    static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> StatusCommand {
        try cursor.space()
        let mailbox = try cursor.mailbox()
        try cursor.space()
        let items = try cursor.list(of: "status items", limit: itemLimit, item)
        return StatusCommand(mailbox: mailbox, items: items)
    }

    private static func item(_ cursor: inout CommandCursor) throws(SyntaxError) -> Item {
        for item in Item.allCases where cursor.take(word: item.name) { return item }
        throw cursor.expected("a status item")
    }
}
