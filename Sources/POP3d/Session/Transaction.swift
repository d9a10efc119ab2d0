/// The TRANSACTION state of POP3 (RFC 1939 section 5): which messages there are and what the client
/// wants done with them.
///
/// It decides and does nothing: no socket, no mailbox.
struct Transaction: Equatable {
    struct Message: Equatable {
        let uid: UInt32
        /// The octets that RETR sends, before dots are doubled.
        let size: Int
        var isDeleted = false
        var wasRetrieved = false
    }

    /// What is to be done next.
    enum Step: Equatable {
        case reply(String)
        /// A reply of several lines.
        case listing(String, [String])
        /// UIDL: the identifiers of the messages with these numbers.
        case identifiers([Int])
        /// UIDL of one message.
        case identifier(Int)
        /// RETR, or TOP with so many lines of the body.
        case message(Int, bodyLines: Int?)
        case capabilities
        case end
    }

    /// The message with number n is `messages[n-1]`.
    private(set) var messages: [Message]
    /// Nothing can be deleted.
    let isReadOnly: Bool

    init(_ messages: [Message], isReadOnly: Bool) {
        self.messages = messages
        self.isReadOnly = isReadOnly
    }

    mutating func handle(_ command: Command) -> Step {
        switch command {
        case .stat: .reply(stat)
        case .list(nil): list
        case .list(let number?): list(number)
        case .uidl(nil): .identifiers(remaining.map { $0.number })
        case .uidl(let number?): ifThere(number) { .identifier(number) }
        case .retr(let number): ifThere(number) { .message(number, bodyLines: nil) }
        case .top(let number, let lines):
            ifThere(number) { .message(number, bodyLines: lines) }
        case .dele(let number): .reply(delete(number))
        case .noop: .reply("+OK No-op to you too!")
        case .rset: .reply(reset())
        case .capa: .capabilities
        case .quit: .end
        case .malformed: .reply("-ERR Invalid argument")
        case .notSupported(let name): .reply("-ERR \(name) is not supported yet")
        case .unknown: .reply("-ERR Unknown command")
        case .user, .pass, .auth, .authList: .reply("-ERR You are logged in already")
        }
    }

    /// Notes that the client has been sent the whole message.
    mutating func noteRetrieved(_ number: Int) { messages[number - 1].wasRetrieved = true }

    /// What QUIT removes, and what it marks as seen.
    var deleted: [UInt32] { messages.filter { $0.isDeleted }.map(\.uid) }
    var seen: [UInt32] { messages.filter { $0.wasRetrieved && !$0.isDeleted }.map(\.uid) }

    /// The messages that are not marked as deleted, each with its number.
    var remaining: [(number: Int, message: Message)] {
        messages.enumerated().filter { !$0.element.isDeleted }.map { ($0.offset + 1, $0.element) }
    }

    private func ifThere(_ number: Int, _ step: () -> Step) -> Step {
        isThere(number) ? step() : .reply(Self.noSuchMessage)
    }

    private func isThere(_ number: Int) -> Bool {
        number >= 1 && number <= messages.count && !messages[number - 1].isDeleted
    }

    private static let noSuchMessage = "-ERR No such message"
}

/// STAT and LIST.
extension Transaction {
    private var stat: String {
        let left = remaining
        return "+OK \(left.count) \(left.reduce(0) { $0 + $1.message.size })"
    }

    private var list: Step {
        .listing(
            "+OK Mailbox scan listing follows",
            remaining.map { "\($0.number) \($0.message.size)" })
    }

    private func list(_ number: Int) -> Step {
        guard isThere(number) else { return .reply(Self.noSuchMessage) }
        return .reply("+OK \(number) \(messages[number - 1].size)")
    }
}

/// DELE and RSET.
extension Transaction {
    private mutating func delete(_ number: Int) -> String {
        guard isThere(number) else { return Self.noSuchMessage }
        if isReadOnly { return "-ERR [SYS/PERM] The mailbox can only be read" }
        messages[number - 1].isDeleted = true
        return "+OK Message deleted"
    }

    /// RSET also takes back what RETR has noted, as UW does.
    private mutating func reset() -> String {
        for index in messages.indices {
            messages[index].isDeleted = false
            messages[index].wasRetrieved = false
        }
        return "+OK Reset state"
    }
}
