import Accounts
import Bytes
import Diagnostics
import LoginFront
import Monitor
import Posix
import Settings

/// The AUTHORIZATION state of POP3 (RFC 1939 section 4): what is said until a login.
struct Authorization {
    private let front: Front
    private var userName: [UInt8]?

    init(_ front: Front) { self.front = front }

    /// What follows an answer.
    private enum Next { case goOn, stop }

    mutating func run() {
        var text = greeting
        while true {
            do throws(FrontError) {
                try front.write(text)
                switch try step() {
                case (let reply, .goOn): text = reply
                case (_, .stop): return
                }
            } catch {
                return leave(error)
            }
        }
    }

    private var greeting: String {
        let own = "POP3 \(hostName) \(releaseVersion) server ready"
        return "+OK \(front.settings.greeting.isEmpty ? own : front.settings.greeting)\r\n"
    }

    private func leave(_ error: FrontError) {
        switch error {
        case .closed: front.end(.closed, "")
        case .timedOut: front.end(.timedOut, "-ERR Autologout; login took too long\r\n")
        case .tooLong: front.end(.tooManyBadCommands, "-ERR Command line too long\r\n")
        }
    }

    private mutating func step() throws(FrontError) -> (String, Next) {
        let command = Command(try front.readLine())
        switch command {
        case .user(let name): return (user(name), .goOn)
        case .pass(let password): return pass(password)
        case .authList where front.allowsPlaintext:
            return ("+OK Mechanisms follow\r\nPLAIN\r\n.\r\n", .goOn)
        case .auth(let mechanism, let initial): return try auth(mechanism, initial)
        case .capa:
            return (Capabilities.reply(allowsPlaintext: front.allowsPlaintext), .goOn)
        case .quit:
            front.end(.loggedOut, "+OK Sayonara\r\n")
            return ("", .stop)
        case .notSupported(let name): return bad("\(name) is not supported yet")
        case .unknown, .authList: return bad("Unknown command")
        case .malformed: return bad("Invalid argument")
        case .stat, .list, .uidl, .retr, .top, .dele, .noop, .rset:
            return bad("Log in first")
        }
    }

    private func bad(_ text: String) -> (String, Next) {
        guard front.countBadCommand() else { return ("-ERR \(text)\r\n", .goOn) }
        front.end(.tooManyBadCommands, "-ERR \(text); too many bad commands\r\n")
        return ("", .stop)
    }

    private var plaintextRefusal: String {
        "-ERR [AUTH] Passwords in the clear are not accepted on this connection\r\n"
    }

    private mutating func user(_ name: [UInt8]) -> String {
        guard front.allowsPlaintext else { return plaintextRefusal }
        userName = name
        return "+OK User name accepted, password please\r\n"
    }

    private mutating func pass(_ password: [UInt8]) -> (String, Next) {
        guard front.allowsPlaintext else { return (plaintextRefusal, .goOn) }
        guard let name = userName else { return bad("USER comes first") }
        userName = nil
        return logIn(Credentials(name: name, password: password))
    }

    private func auth(
        _ mechanism: [UInt8], _ initial: [UInt8]?
    ) throws(FrontError) -> (String, Next) {
        guard front.allowsPlaintext else { return (plaintextRefusal, .goOn) }
        guard mechanism.elementsEqual("PLAIN".utf8) else {
            return bad("No such authentication mechanism")
        }
        if let initial { return logIn(SASL.plain(initial)) }
        try front.write("+ \r\n")
        let answer = try front.readLine()
        if answer.elementsEqual("*".utf8) { return bad("Authentication cancelled") }
        return logIn(SASL.plain(answer))
    }

    private func logIn(_ credentials: Credentials?) -> (String, Next) {
        switch front.check(credentials) {
        case .accepted:
            front.handOver(tag: [])
            return ("", .stop)
        case .refused: return ("-ERR [AUTH] Bad login\r\n", .goOn)
        case .unavailable:
            return ("-ERR [SYS/TEMP] Login is not possible now, try again later\r\n", .goOn)
        case .tooManyFailures:
            front.end(.tooManyBadCommands, "-ERR [AUTH] Bad login; too many failures\r\n")
            return ("", .stop)
        }
    }
}
