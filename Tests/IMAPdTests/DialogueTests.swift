import Bytes
import Diagnostics
import MailStore
import Posix
import TestSupport
import Testing
import Wire

@testable import IMAPd

/// A user's mail in a temporary directory, and sessions over it.
struct Server {
    let directory: TemporaryDirectory
    let location: MailLocation

    init(_ format: MailLocation.Format) throws {
        Signal.ignoreWriteSignals()
        directory = try TemporaryDirectory()
        let root = directory.path / "mail"
        try root.makeDirectory()
        location = MailLocation(
            format: format, root: root, inbox: format == .mbox ? directory.path / "inbox" : nil)
    }

    /// A connection to a new session.
    func connect(
        _ entry: IMAPSession.Entry = .preauthenticated(user: "alice"), idleTime: Int = 1800
    ) throws -> FileDescriptor {
        let pair = try SocketPair()
        let server = try pair.second.duplicate().release()
        let location = location
        var limits = IMAPSession.Limits()
        limits.idleTime = idleTime
        limits.checkInterval = 1
        limits.keepAlive = 2
        limits.appendSize = 1 << 20
        let fixed = limits
        inBackground {
            do {
                let transport = try DescriptorTransport(FileDescriptor(adopting: server))
                IMAPSession.run(
                    stream: ByteStream(transport), store: MailStore(location),
                    log: Log(name: "imapd", to: [.standardError]), entry: entry, limits: fixed)
            } catch { Issue.record(error) }
        }
        return pair.keepFirst()
    }

    /// Plays a dialogue in which `{/}` stands for what separates the levels of a name.
    func play(_ name: String, _ text: String) throws {
        let separator = location.format == .mbox ? "/" : "."
        let text = text.split(separator: "{/}", omittingEmptySubsequences: false)
            .joined(separator: separator)
        try Dialogue(name: name, text: text).play(connect: { try connect() })
    }
}

@Suite struct DialogueTests {
    private static let files = Dialogue.files(in: "imapd")

    @Test func thereAreDialogues() { #expect(Self.files.count >= 10) }

    @Test(arguments: files, [MailLocation.Format.maildir, .mbox])
    func plays(file: Path, format: MailLocation.Format) throws {
        let text = try FileDescriptor.open(file).readAll(limit: 1 << 20)
        let server = try Server(format)
        #expect(throws: Never.self) {
            try server.play(file.name.description, String(decoding: text, as: UTF8.self))
        }
    }
}
