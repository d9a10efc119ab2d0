import Bytes
import MailStore
import Posix
import TestSupport
import Testing

@testable import IMAPd

/// A client that sends one command at a time and takes the whole answer.
private struct Client: ~Copyable {
    let socket: FileDescriptor

    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    func send(_ octets: [UInt8]) throws { try socket.send(octets, until: .after(seconds: 20)) }

    /// Everything up to a line that begins with `tag`, or to the end.
    func answer(_ tag: String) throws -> [UInt8] {
        let line = [UInt8](tag + " ")
        var out: [UInt8] = []
        while try socket.wait(for: .readable, until: .after(seconds: 20)) {
            let more = try socket.read(limit: 65_536)
            if more.isEmpty { break }
            out += more
            guard out.suffix(2) == [.cr, .lf] else { continue }
            let last = out.dropLast(2).lastIndex(of: .lf).map { $0 + 1 } ?? 0
            if out[last...].starts(with: line) { break }
        }
        return out
    }

    func ask(_ command: String) throws -> [UInt8] {
        try send([UInt8]("t \(command)\r\n"))
        return try answer("t")
    }

    /// The first literal of the answer.
    func literal(_ command: String) throws -> [UInt8] {
        var cursor = ByteCursor(try ask(command))
        _ = cursor.take(upTo: UInt8(ascii: "{"))
        _ = cursor.next()
        let count = cursor.takeNumber(Int.self) ?? 0
        _ = cursor.takeLine()
        return Array(cursor.take(count))
    }
}

extension [UInt8] {
    fileprivate var text: String { String(latin1: self) }
}

@Suite struct SessionTests {
    @Test func answersTheLoginThatItContinues() throws {
        let server = try Server(.maildir)
        let client = Client(try server.connect(.loggedIn(tag: [UInt8]("a7"))))
        #expect(try client.answer("a7").text.hasPrefix("a7 OK [CAPABILITY IMAP4rev1 "))
    }

    @Test func logsOutAClientThatIsSilent() throws {
        let server = try Server(.maildir)
        let client = Client(try server.connect(idleTime: 1))
        let words = try client.answer("never").text
        #expect(words.hasSuffix("* BYE Autologout; idle for too long\r\n"))
    }

    @Test func survivesALongLine() throws {
        let server = try Server(.maildir)
        let client = Client(try server.connect())
        let long = String(repeating: "x", count: 70_000)
        #expect(try client.ask("SELECT \(long)").text.hasSuffix("t BAD command line too long\r\n"))
        #expect(try client.ask("NOOP").text == "t OK NOOP completed\r\n")
        let sets = (1...9000).map { "\($0):4294967295" }.joined(separator: ",")
        #expect(try client.ask("UID FETCH \(sets) X").text.hasPrefix("t BAD "))
        let deep = String(repeating: "(", count: 60_000)
        #expect(try client.ask("SEARCH \(deep)").text.hasPrefix("t BAD nesting"))
    }

    @Test func leavesAClientThatOnlyTalksNonsense() throws {
        let server = try Server(.maildir)
        let client = Client(try server.connect())
        try client.send([UInt8](String(repeating: "x\r\n", count: 60)))
        #expect(try client.answer("never").text.hasSuffix("* BYE Too many bad commands\r\n"))
    }

    @Test(arguments: [MailLocation.Format.maildir, .mbox])
    func givesBackEveryOctetInWindowsOfAnySize(format: MailLocation.Format) throws {
        let server = try Server(format)
        let client = Client(try server.connect())
        var message = [UInt8]("Subject: x\r\n\r\n")
        for number in 0..<20_000 {
            message += [UInt8]("\(number)\r \u{FF}" + (number % 7 == 0 ? "\n" : "\r\n"))
        }
        // A bare LF is stored as a line end and comes back as one.
        var want: [UInt8] = []
        for byte in message {
            if byte == .lf, want.last != .cr { want.append(.cr) }
            want.append(byte)
        }
        _ = try client.ask("CAPABILITY")
        try client.send([UInt8]("t APPEND INBOX {\(message.count)+}\r\n") + message + [.cr, .lf])
        #expect(try client.answer("t").text.hasPrefix("t OK [APPENDUID "))
        _ = try client.ask("EXAMINE INBOX")
        #expect(try client.literal("FETCH 1 BODY[]") == want)
        #expect(try client.ask("FETCH 1 RFC822.SIZE").text.contains("RFC822.SIZE \(want.count))"))
        var windows: [UInt8] = []
        while windows.count < want.count {
            windows += try client.literal("FETCH 1 BODY[]<\(windows.count).7919>")
        }
        #expect(windows == want)
    }
}
