import Accounts
import Bytes
import Diagnostics
import IMAPGrammar
import LoginFront
import Monitor
import Posix
import Settings
import Wire

/// IMAP's not authenticated state (RFC 3501 section 3.1): what is said until a login.
struct NotAuthenticated {
    private let front: Front
    private var framer = CommandFramer(limits: .beforeLogin)

    init(_ front: Front) { self.front = front }

    /// What follows an answer.
    private enum Next { case goOn, stop }

    mutating func run() {
        do throws(FrontError) {
            try front.write(greeting)
            while true {
                guard let frame = try readCommand() else { return }
                if try obey(frame) == .stop { return }
            }
        } catch {
            leave(error)
        }
    }

    private func leave(_ error: FrontError) {
        switch error {
        case .closed: front.end(.closed, "")
        case .timedOut: front.end(.timedOut, "* BYE Autologout; login took too long\r\n")
        case .tooLong: front.end(.tooManyBadCommands, "* BYE Command line too long\r\n")
        }
    }

    private var greeting: String {
        let own = "\(hostName) IMAP4rev1 \(releaseVersion) ready"
        let text = front.settings.greeting.isEmpty ? own : front.settings.greeting
        return "* OK [CAPABILITY \(capabilities)] \(text)\r\n"
    }

    private var capabilities: String {
        let common = "IMAP4rev1 LITERAL+ SASL-IR ID IDLE"
        return front.allowsPlaintext ? "\(common) AUTH=PLAIN" : "\(common) LOGINDISABLED"
    }

    private func obey(_ frame: CommandFrame) throws(FrontError) -> Next {
        let command: TaggedCommand
        do throws(BadCommand) { command = try Command.parse(frame) } catch {
            return try bad(error.tag, error.text)
        }
        let tag = command.tag
        switch command.command {
        case .capability:
            return try answer("* CAPABILITY \(capabilities)\r\n", tag, "OK CAPABILITY completed")
        case .noop: return try answer("", tag, "OK NOOP completed")
        case .id:
            let own = "* ID (\"name\" \"Malleposte\" \"version\" \"\(releaseVersion)\")\r\n"
            return try answer(own, tag, "OK ID completed")
        case .logout:
            let farewell = "* BYE \(hostName) IMAP4rev1 server terminating connection\r\n"
            front.end(.loggedOut, farewell + line(tag, "OK LOGOUT completed"))
            return .stop
        case .login(let login):
            guard front.allowsPlaintext else { return try refusePlaintext(tag) }
            return try logIn(tag, Credentials(name: login.name, password: login.password))
        case .authenticate(let authenticate): return try self.authenticate(tag, authenticate)
        case .startTLS: return try bad(tag, "STARTTLS is not supported yet")
        case .select, .create, .delete, .rename, .subscribe, .unsubscribe, .list, .lsub,
            .namespace, .status, .append, .idle, .check, .close, .unselect, .expunge, .search,
            .fetch, .store, .copy:
            return try bad(tag, "Log in first")
        }
    }

    private func authenticate(
        _ tag: [UInt8], _ command: AuthenticateCommand
    ) throws(FrontError) -> Next {
        guard command.mechanism.elementsEqual("PLAIN".utf8) else {
            return try answer("", tag, "NO No such authentication mechanism")
        }
        guard front.allowsPlaintext else { return try refusePlaintext(tag) }
        if let initial = command.initialResponse {
            return try logIn(tag, Credentials(plain: initial))
        }
        try front.write("+ \r\n")
        let text = try front.readLine()
        let response: [UInt8]?
        do throws(SyntaxError) { response = try AuthenticateCommand.response(text) } catch {
            return try bad(tag, "The answer is not base64")
        }
        guard let response else { return try bad(tag, "Authentication cancelled") }
        return try logIn(tag, Credentials(plain: response))
    }

    private func refusePlaintext(_ tag: [UInt8]) throws(FrontError) -> Next {
        try answer(
            "", tag,
            "NO [PRIVACYREQUIRED] Passwords in the clear are not accepted on this connection")
    }

    private func logIn(
        _ tag: [UInt8], _ credentials: Credentials?
    ) throws(FrontError) -> Next {
        let refusal = "NO [AUTHENTICATIONFAILED] Authentication failed"
        switch front.check(credentials) {
        case .accepted:
            front.handOver(tag: tag)
            return .stop
        case .refused: return try answer("", tag, refusal)
        case .unavailable:
            return try answer("", tag, "NO [UNAVAILABLE] Login is not possible now")
        case .tooManyFailures:
            let farewell = line(tag, refusal) + "* BYE Too many login failures\r\n"
            front.end(.tooManyBadCommands, farewell)
            return .stop
        }
    }
}

/// Reading commands and writing answers.
extension NotAuthenticated {
    /// The next command; nil when the connection was ended.
    private mutating func readCommand() throws(FrontError) -> CommandFrame? {
        while true {
            var step = framer.take(line: try front.readLine())
            if case .literal(let count, let isSynchronizing) = step {
                guard
                    let refusal = framer.refuseLiteral(
                        count: count, isSynchronizing: isSynchronizing)
                else {
                    guard try readLiteral(count, isSynchronizing) else { return nil }
                    continue
                }
                step = refusal
            }
            switch step {
            case .complete(let frame): return frame
            case .literal: continue
            case .refused(let error, mustClose: false):
                if try bad(error.tag, error.text) == .stop { return nil }
            case .refused(let error, mustClose: true):
                let answer = line(error.tag ?? [UInt8(ascii: "*")], "BAD \(error.text)")
                front.end(.tooManyBadCommands, answer + "* BYE \(error.text)\r\n")
                return nil
            }
        }
    }

    /// False when the connection was ended.
    private mutating func readLiteral(
        _ count: Int, _ isSynchronizing: Bool
    ) throws(FrontError) -> Bool {
        guard isSynchronizing else {
            framer.take(literal: try front.read(count: count))
            return true
        }
        if isForbiddenLogin {
            // The password must not even be asked for.
            let tag = CommandCursor.tag(of: framer.partial) ?? [UInt8(ascii: "*")]
            framer.reset()
            return try refusePlaintext(tag) == .goOn
        }
        try front.write("+ OK\r\n")
        framer.take(literal: try front.read(count: count))
        return true
    }

    /// A LOGIN has begun that will be refused.
    private var isForbiddenLogin: Bool {
        guard !front.allowsPlaintext, case .text(let text)? = framer.partial.pieces.first else {
            return false
        }
        let words = text.split(separator: .space, maxSplits: 2)
        return words.count > 1 && words[1].equalsIgnoringCase("LOGIN")
    }

    private func line(_ tag: [UInt8], _ text: String) -> String {
        "\(String(printable: tag)) \(text)\r\n"
    }

    private func answer(
        _ untagged: String, _ tag: [UInt8], _ text: String
    ) throws(FrontError) -> Next {
        try front.write(untagged + line(tag, text))
        return .goOn
    }

    private func bad(_ tag: [UInt8]?, _ text: String) throws(FrontError) -> Next {
        let answer = line(tag ?? [UInt8(ascii: "*")], "BAD \(text)")
        guard front.countBadCommand() else {
            try front.write(answer)
            return .goOn
        }
        front.end(.tooManyBadCommands, answer + "* BYE Too many bad commands\r\n")
        return .stop
    }
}
