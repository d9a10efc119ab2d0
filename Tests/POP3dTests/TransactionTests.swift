import Testing

@testable import POP3d

@Suite struct TransactionTests {
    private func two(isReadOnly: Bool = false) -> Transaction {
        Transaction(
            [.init(uid: 5, size: 120), .init(uid: 9, size: 200)], isReadOnly: isReadOnly)
    }

    @Test(arguments: [
        (Command.stat, Transaction.Step.reply("+OK 2 320")),
        (.list(nil), .listing("+OK Mailbox scan listing follows", ["1 120", "2 200"])),
        (.list(2), .reply("+OK 2 200")), (.list(3), .reply("-ERR No such message")),
        (.list(0), .reply("-ERR No such message")), (.list(.max), .reply("-ERR No such message")),
        (.uidl(nil), .identifiers([1, 2])), (.uidl(1), .identifier(1)),
        (.uidl(3), .reply("-ERR No such message")), (.retr(1), .message(1, bodyLines: nil)),
        (.retr(0), .reply("-ERR No such message")), (.top(2, lines: 7), .message(2, bodyLines: 7)),
        (.dele(1), .reply("+OK Message deleted")), (.dele(3), .reply("-ERR No such message")),
        (.noop, .reply("+OK No-op to you too!")), (.rset, .reply("+OK Reset state")),
        (.quit, .end), (.capa, .capabilities), (.unknown, .reply("-ERR Unknown command")),
        (.malformed, .reply("-ERR Invalid argument")),
        (.user([]), .reply("-ERR You are logged in already")),
        (.notSupported("APOP"), .reply("-ERR APOP is not supported yet")),
    ])
    func answers(command: Command, step: Transaction.Step) {
        var transaction = two()
        #expect(transaction.handle(command) == step)
    }

    @Test func aDeletedMessageIsNotThereButKeepsItsNumber() {
        var transaction = two()
        _ = transaction.handle(.dele(1))
        #expect(transaction.handle(.stat) == .reply("+OK 1 200"))
        #expect(
            transaction.handle(.list(nil))
                == .listing("+OK Mailbox scan listing follows", ["2 200"]))
        #expect(transaction.handle(.uidl(nil)) == .identifiers([2]))
        for command in [Command.retr(1), .dele(1), .list(1), .uidl(1), .top(1, lines: 0)] {
            #expect(transaction.handle(command) == .reply("-ERR No such message"))
        }
        #expect(transaction.handle(.retr(2)) == .message(2, bodyLines: nil))
        #expect(transaction.deleted == [5])
    }

    @Test func resetTakesEverythingBack() {
        var transaction = two()
        _ = transaction.handle(.dele(1))
        transaction.noteRetrieved(2)
        #expect(transaction.seen == [9])
        _ = transaction.handle(.rset)
        #expect(transaction == two())
        #expect(transaction.deleted.isEmpty && transaction.seen.isEmpty)
    }

    @Test func whatWasReadAndDeletedIsOnlyDeleted() {
        var transaction = two()
        transaction.noteRetrieved(1)
        _ = transaction.handle(.dele(1))
        #expect(transaction.seen.isEmpty && transaction.deleted == [5])
    }

    @Test func nothingIsDeletedFromWhatCanOnlyBeRead() {
        var transaction = two(isReadOnly: true)
        #expect(
            transaction.handle(.dele(1)) == .reply("-ERR [SYS/PERM] The mailbox can only be read"))
        #expect(transaction.deleted.isEmpty)
    }

    @Test func anEmptyMaildropHasNothing() {
        var transaction = Transaction([], isReadOnly: false)
        #expect(transaction.handle(.stat) == .reply("+OK 0 0"))
        #expect(transaction.handle(.uidl(nil)) == .identifiers([]))
        #expect(transaction.handle(.retr(1)) == .reply("-ERR No such message"))
    }
}
