import Accounts
import Bytes
import Diagnostics
import LoginFront
import MailStore
import Monitor
import Posix
import Settings
import Wire

/// A POP3 session after login: reads commands, asks `Transaction` what they mean, does it.
struct Session {
    /// A client that says nothing is waited for this long (RFC 1939 section 3: at least 10 minutes).
    static let idleTime = 600
    /// The longest command line: a verb and two numbers, with room.
    static let lineLimit = 1024
    /// Commands that are none, until the connection is closed.
    static let badCommandLimit = 50

    let start: SessionStart
    let mailbox: Mailbox
    private var transaction: Transaction
    private var badCommands = 0

    /// Why a session is over.
    enum Ending: Error {
        case quit
        case closed
        case timedOut
        case tooManyBadCommands
        /// A message broke off: what the client has got is not whole.
        case brokenOff(String)
    }

    static func run(_ start: SessionStart) {
        do throws(StoreError) {
            var session = try Session(start)
            session.serve()
        } catch {
            start.log.error("\(start.who): cannot open the mailbox: \(error)")
            start.stream.deadline = .after(seconds: idleTime)
            start.sendLast(Self.refusal(error))
        }
    }

    private init(_ start: SessionStart) throws(StoreError) {
        self.start = start
        let store = try start.openStore()
        mailbox = try store.openMaildrop()
        var messages: [Transaction.Message] = []
        for message in mailbox.messages {
            messages.append(.init(uid: message.uid, size: try mailbox.size(of: message.uid)))
        }
        transaction = Transaction(messages, isReadOnly: mailbox.isReadOnly)
    }

    private static func refusal(_ error: StoreError) -> String {
        switch error {
        case .inUse: "-ERR [IN-USE] Another session has the mailbox open\r\n"
        case .busy: "-ERR [IN-USE] The mailbox is locked by another program\r\n"
        case .denied, .invalidName, .corrupt, .notSupported, .missing, .notSelectable:
            "-ERR [SYS/PERM] The mailbox cannot be opened\r\n"
        case .exists, .hasChildren, .readOnly, .overQuota, .limit, .expunged, .replaced, .failed:
            "-ERR [SYS/TEMP] The mailbox cannot be opened now\r\n"
        }
    }

    private mutating func serve() {
        let count = transaction.messages.count
        start.log.info("Login \(start.who) nmsgs=\(count)/\(count)")
        do throws(Ending) {
            try write("+OK Mailbox open, \(count) messages\r\n")
            while true { try act(on: transaction.handle(try readCommand())) }
        } catch {
            end(error)
        }
    }

    private mutating func readCommand() throws(Ending) -> Command {
        start.stream.deadline = .after(seconds: Self.idleTime)
        let stream = start.stream
        let line: Line
        do throws(WireError) {
            if !stream.hasBufferedLine { try stream.flush() }
            line = try stream.readLine(limit: Self.lineLimit)
            var piece = line
            while piece.ending == .none { piece = try stream.readLine(limit: Self.lineLimit) }
        } catch { throw Ending(error) }
        let command = line.ending == .none ? .malformed : Command(line.bytes)
        if command == .unknown || command == .malformed {
            badCommands += 1
            if badCommands >= Self.badCommandLimit { throw .tooManyBadCommands }
        }
        return command
    }

    private mutating func act(on step: Transaction.Step) throws(Ending) {
        switch step {
        case .reply(let text): try write("\(text)\r\n")
        case .listing(let head, let lines):
            try write("\(head)\r\n")
            for line in lines { try write("\(line)\r\n") }
            try write(".\r\n")
        case .identifier(let number): try writeIdentifier(number)
        case .identifiers(let numbers): try writeIdentifiers(numbers)
        case .message(let number, let lines): try send(number, bodyLines: lines)
        case .capabilities:
            try write(Capabilities.reply(allowsPlaintext: true))
        case .end: throw .quit
        }
    }

    private func write(_ text: String) throws(Ending) { try write(Array(text.utf8)) }

    private func write(_ octets: [UInt8]) throws(Ending) {
        do throws(WireError) { try start.stream.write(octets) } catch { throw Ending(error) }
    }
}

/// RETR and TOP.
extension Session {
    /// Octets read from the mailbox at once.
    private static let block = 65_536

    private mutating func send(_ number: Int, bodyLines: Int?) throws(Ending) {
        let message = transaction.messages[number - 1]
        let content: MessageContent
        do throws(StoreError) { content = try mailbox.content(of: message.uid) } catch {
            start.log.warning("\(start.who): message \(number): \(error)")
            return try write("-ERR [SYS/TEMP] The message cannot be read: it is gone\r\n")
        }
        try write(
            bodyLines == nil ? "+OK \(message.size) octets\r\n" : "+OK Top of message follows\r\n")
        var form = MultiLineForm(bodyLines: bodyLines)
        var offset = 0
        while !form.isDone {
            let piece: [UInt8]
            do throws(StoreError) {
                piece = try content.read(at: offset, count: Self.block)
            } catch { throw .brokenOff("message \(number): \(error)") }
            if piece.isEmpty { break }
            offset += piece.count
            // A client that reads slowly has the whole time for each block.
            start.stream.deadline = .after(seconds: Self.idleTime)
            try write(form.add(piece))
        }
        try write(form.finish())
        if bodyLines == nil { transaction.noteRetrieved(number) }
    }
}

/// UIDL.
extension Session {
    private func writeIdentifier(_ number: Int) throws(Ending) {
        let text: String
        do throws(StoreError) { text = String(printable: try identifier(number)) } catch {
            return try write("-ERR [SYS/TEMP] \(error)\r\n")
        }
        try write("+OK \(number) \(text)\r\n")
    }

    private func writeIdentifiers(_ numbers: [Int]) throws(Ending) {
        var lines: [String] = []
        do throws(StoreError) {
            for number in numbers {
                lines.append("\(number) \(String(printable: try identifier(number)))\r\n")
            }
        } catch { return try write("-ERR [SYS/TEMP] \(error)\r\n") }
        try write("+OK Unique-ID listing follows\r\n")
        for line in lines { try write(line) }
        try write(".\r\n")
    }

    private func identifier(_ number: Int) throws(StoreError) -> [UInt8] {
        let uid = transaction.messages[number - 1].uid
        let format = start.settings.pop3UIDLFormat
        // The standard one yields to identifiers that the mailbox has recorded.
        guard format != .standard else { return try mailbox.uniqueIdentifier(of: uid) }
        return format.identifier(uid: uid, validity: mailbox.uidValidity)
    }
}

/// The UPDATE state (RFC 1939 section 6) and the other ways in which a session ends.
extension Session {
    private mutating func end(_ ending: Ending) {
        switch ending {
        case .quit: update()
        case .closed:
            start.log.info("Command stream end of file, while reading line \(start.who)")
        case .timedOut:
            start.log.info("Autologout \(start.who)")
            start.sendLast("-ERR Autologout; idle for too long\r\n")
        case .tooManyBadCommands:
            start.log.info("Too many bad commands \(start.who)")
            start.sendLast("-ERR Too many bad commands\r\n")
        case .brokenOff(let reason):
            start.log.error("\(start.who): \(reason)")
        }
        closeMailbox()
    }

    /// Nothing was removed before: the client may be told of success only when all of it is done.
    private func update() {
        let (deleted, seen) = (transaction.deleted, transaction.seen)
        do throws(StoreError) {
            if !start.settings.pop3LeavesFlags, !mailbox.isReadOnly, !seen.isEmpty {
                try mailbox.store(.add(Flags(.seen)), to: seen)
            }
            if !deleted.isEmpty { try mailbox.expunge(deleted) }
        } catch {
            start.log.error("\(start.who): update: \(error)")
            start.sendLast("-ERR [SYS/TEMP] Some deleted messages were not removed\r\n")
            return
        }
        let left = transaction.messages.count - deleted.count
        if !deleted.isEmpty || !seen.isEmpty {
            start.log.info(
                "Update \(start.who) nmsgs=\(left) ndele=\(deleted.count) nseen=\(seen.count)")
        }
        start.log.info("Logout \(start.who) nmsgs=\(left) ndele=\(deleted.count)")
        start.sendLast("+OK Sayonara\r\n")
    }

    private func closeMailbox() {
        do throws(StoreError) { try mailbox.close() } catch {
            start.log.warning("\(start.who): close: \(error)")
        }
    }
}

extension Session.Ending {
    fileprivate init(_ error: WireError) {
        self =
            switch error {
            case .timedOut: .timedOut
            case .closed, .failed: .closed
            }
    }
}

extension SessionStart {
    /// Whom the session serves, for the log.
    var who: String {
        "user=\(String(printable: account.name, limit: 80)) host=\(client.text)"
    }

    /// Sends the last words of a session.
    func sendLast(_ text: String) {
        do throws(WireError) {
            stream.deadline = min(stream.deadline, .after(seconds: 60))
            try stream.write(text)
            try stream.flush()
        } catch {
            // The client is gone; what QUIT has done stays done (RFC 1939 section 6).
        }
    }
}
