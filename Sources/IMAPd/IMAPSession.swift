import Bytes
import Diagnostics
import IMAPGrammar
import MailStore
import Posix
import Wire

/// One IMAP session after login: reads commands, acts on the user's store, answers.
///
/// It runs with the user's rights and touches nothing but the connection, the store and the log.
final class IMAPSession {
    /// What the client must be told first.
    enum Entry: Equatable {
        /// The greeting of a session without a login (RFC 3501 section 7.1.4).
        case preauthenticated(user: String)
        /// The answer to the command that asked for the login.
        case loggedIn(tag: [UInt8])
    }

    /// RFC 3501 section 3; before login a session is the front's.
    enum State {
        case authenticated
        case selected(Mailbox)
        case loggedOut
    }

    struct Limits {
        /// Seconds without a command: RFC 3501 section 5.4 asks for at least half an hour.
        var idleTime = 1800
        /// Seconds between two signs of life during IDLE, for what drops silent connections.
        var keepAlive = 120
        /// Seconds between two looks at a mailbox that cannot be watched.
        var checkInterval = 30
        /// Octets of a message that APPEND takes.
        var appendSize = 1 << 30
        /// Commands that are none, one behind the other, until the connection is closed.
        var badCommands = 50

        init() {}
    }

    let stream: ByteStream
    let store: MailStore
    let log: Log
    let limits: Limits
    var state = State.authenticated
    var reader: CommandReader
    private var badCommands = 0

    init(stream: ByteStream, store: MailStore, log: Log, limits: Limits = Limits()) {
        self.stream = stream
        self.store = store
        self.log = log
        self.limits = limits
        reader = CommandReader(stream)
    }

    /// Serves the client until it leaves, is silent for too long, or cannot be served any more.
    static func run(
        stream: ByteStream, store: MailStore, log: Log, entry: Entry, limits: Limits = Limits()
    ) {
        let session = IMAPSession(stream: stream, store: store, log: log, limits: limits)
        do throws(Interruption) {
            try session.greet(entry)
            while try session.serveOne() {}
            try session.flush()
        } catch { session.end(error) }
        session.leaveMailbox()
    }

    private func greet(_ entry: Entry) throws(Interruption) {
        stream.deadline = .after(seconds: limits.idleTime)
        switch entry {
        case .preauthenticated(let user):
            try untagged("PREAUTH [CAPABILITY \(Capabilities.session)] Logged in as \(user)")
        case .loggedIn(let tag):
            try complete(tag, .ok(code: "CAPABILITY \(Capabilities.session)", "Logged in"))
        }
    }

    /// Serves the next command; false when the session is over.
    private func serveOne() throws(Interruption) -> Bool {
        stream.deadline = .after(seconds: limits.idleTime)
        let received: CommandReader.Received
        do throws(WireError) { received = try reader.next() } catch { throw .wire(error) }
        // A long answer to a slow client may take as long as silence may.
        stream.deadline = .after(seconds: limits.idleTime)
        switch received {
        case .command(let command):
            badCommands = 0
            try serve(command.tag) { () throws(Interruption) in try self.act(on: command) }
        case .append(let tag, let command, let literal):
            badCommands = 0
            try serve(tag) { () throws(Interruption) in try self.append(command, literal) }
        case .bad(let bad):
            badCommands += 1
            try complete(bad.tag, .bad(bad.text))
            if badCommands >= limits.badCommands { throw .bye("Too many bad commands") }
        case .hopeless(let bad):
            try complete(bad.tag, .bad(bad.text))
            throw .bye("Cannot tell commands from data any more")
        }
        if case .loggedOut = state { return false }
        return true
    }

    /// Runs a command and answers it.
    private func serve(
        _ tag: [UInt8], _ body: () throws(Interruption) -> Completion
    ) throws(Interruption) {
        let completion: Completion
        do throws(Interruption) { completion = try body() } catch {
            guard case .refused(let refusal) = error else { throw error }
            return try complete(tag, refusal)
        }
        try complete(tag, completion)
    }

    private func end(_ interruption: Interruption) {
        let farewell: String
        switch interruption {
        case .bye(let text): farewell = text
        case .wire(.timedOut): farewell = "Autologout; idle for too long"
        case .wire(.closed), .wire(.failed), .refused: return
        }
        do throws(WireError) {
            stream.deadline = .after(seconds: 5)
            try stream.write("* BYE \(farewell)\r\n")
            try stream.flush()
        } catch {
            // The client does not listen; the session ends all the same.
        }
    }

    /// Leaves the selected mailbox without expunging anything.
    func leaveMailbox() {
        guard case .selected(let mailbox) = state else { return }
        state = .authenticated
        do throws(StoreError) { try mailbox.close() } catch {
            log.warning("closing \(mailbox.name): \(error)")
        }
    }
}

// MARK: Answering

extension IMAPSession {
    func write(_ octets: some Collection<UInt8>) throws(Interruption) {
        do throws(WireError) { try stream.write(octets) } catch { throw .wire(error) }
    }

    func flush() throws(Interruption) {
        do throws(WireError) { try stream.flush() } catch { throw .wire(error) }
    }

    func untagged(_ text: String) throws(Interruption) { try write([UInt8]("* \(text)\r\n")) }

    func untagged(_ octets: [UInt8]) throws(Interruption) {
        try write([UInt8]("* ") + octets + [.cr, .lf])
    }

    func complete(_ tag: [UInt8]?, _ completion: Completion) throws(Interruption) {
        try write((tag ?? [UInt8(ascii: "*")]) + [.space] + [UInt8](completion.text) + [.cr, .lf])
    }

    /// Asks the store, and makes its refusal the command's.
    @discardableResult
    func storing<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(Interruption) -> Result {
        do throws(StoreError) { return try body() } catch {
            note(error)
            throw error.interruption
        }
    }

    /// Tells the administrator of a failure that is not the client's doing.
    func note(_ error: StoreError, of uid: UInt32? = nil) {
        guard error.isForTheLog else { return }
        log.warning(uid.map { "UID \($0): \(error)" } ?? "\(error)")
    }

    /// Tells the administrator of an answer that could not be finished.
    func noteBrokenOff(_ why: String, _ uid: UInt32) {
        log.error("UID \(uid): \(why); connection given up")
    }

    /// The selected mailbox; the command is bad when there is none.
    func selected() throws(Interruption) -> Mailbox {
        guard case .selected(let mailbox) = state else {
            throw .refused(.bad("No mailbox is selected"))
        }
        return mailbox
    }
}
