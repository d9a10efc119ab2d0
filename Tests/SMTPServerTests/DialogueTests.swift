import Bytes
import Diagnostics
import Posix
import SMTPGrammar
import Settings
import TestSupport
import Testing
import Wire

@testable import SMTPServer

/// The files of Tests/Dialogues/smtpd, each in this process and against the built programs under a
/// master of its own.
///
/// A line `# main.cf: name = value` of a file is a setting for it.
@Suite struct DialogueTests {
    private static let files = Dialogue.files(in: "smtpd")

    @Test func thereAreDialogues() { #expect(Self.files.count >= 25) }

    @Test(arguments: files) func playsInProcess(file: Path) throws {
        let host = try ConversationHost(try Self.settings(in: file))
        #expect(throws: Never.self) { try Dialogue(file).play { try host.connect() } }
    }

    @Test(arguments: files) func playsAgainstThePrograms(file: Path) throws {
        let host = try MasterHost(try Self.settings(in: file))
        defer { host.stop() }
        #expect(throws: Never.self) { try Dialogue(file).play { try host.connect() } }
        // A reply that names a queue file is kept by a whole one.
        for _ in 0..<100 where try !host.unfinished().isEmpty { Process.sleep(milliseconds: 50) }
        #expect(try host.unfinished().isEmpty)
        #expect(try host.queued() == Self.letters(in: file))
    }

    private static func settings(in file: Path) throws -> String {
        try lines(of: file).filter { $0.hasPrefix("# main.cf: ") }.map { $0.dropFirst(11) + "\n" }
            .joined()
    }

    private static func letters(in file: Path) throws -> Int {
        try lines(of: file).count { $0.contains("queued as {word}") }
    }

    private static func lines(of file: Path) throws -> [Substring] {
        String(decoding: try FileDescriptor.open(file).readAll(limit: 1 << 20), as: UTF8.self)
            .split(separator: "\n")
    }
}

/// The settings of the mail host of all dialogues: alice, bob and tech, whom every program believes.
private let hostSettings = """
    compatibility_level = 3.6
    myhostname = mail.formatux.lan
    mydestination = $myhostname, localhost.$mydomain, localhost, formatux.lan
    mynetworks = 127.0.0.0/8
    inet_protocols = ipv4
    alias_maps =
    local_recipient_maps = inline:{ {alice=x}, {bob=x}, {tech=x} }
    smtpd_peername_lookup = no
    smtpd_error_sleep_time = 0
    smtpd_hard_error_limit = 1000

    """

/// Conversations in this process; letters go nowhere.
private final class ConversationHost: MessageSinks, Sendable {
    private let configuration: MainConfiguration

    init(_ settings: String) throws {
        Signal.ignoreWriteSignals()
        configuration = try MainConfiguration(text: Array((hostSettings + settings).utf8))
    }

    func connect() throws -> FileDescriptor {
        let pair = try SocketPair()
        let server = try pair.second.duplicate().release()
        inBackground { [self] in
            do {
                let environment = try SMTPEnvironment(
                    configuration, Log(name: "smtpd", to: []), sinks: self)
                let transport = try DescriptorTransport(FileDescriptor(adopting: server))
                environment.converse(
                    ByteStream(transport),
                    with: Client(name: "unknown", address: IPAddress("127.0.0.1")))
            } catch { Issue.record(error) }
        }
        return pair.keepFirst()
    }

    func open(
        _ session: Session, _ transaction: Session.Transaction, _ environment: SMTPEnvironment
    ) -> (any MessageSink)? { CountingSink(limit: session.rules.sizeLimit) }
}

/// Takes a letter, forgets it, and says whether it was too big.
private final class CountingSink: MessageSink {
    private let limit: Int
    private var size = 0
    let queueID = "0123456789"

    init(limit: Int) { self.limit = limit }

    func add(_ recipient: [UInt8]) {}
    func content(_ piece: [UInt8]) { size += piece.count }
    func finish() -> Reply {
        size > limit
            ? Reply(552, "5.3.4", "Error: message file too big")
            : Reply(250, "2.0.0", "Ok: queued as \(queueID)")
    }
}

/// The built master with smtpd and cleanup, in a directory of its own, as the one who runs the tests.
private struct MasterHost {
    private let directory: TemporaryDirectory
    private let port: UInt16

    init(_ settings: String) throws {
        directory = try TemporaryDirectory()
        port = try Self.freePort()
        let queue = directory.path / "queue"
        for name in [
            "incoming/tmp", "active", "deferred", "hold", "corrupt", "maildrop", "private",
            "public", "pid",
        ] { try (queue / name).makeDirectories() }
        let user = try #require(try User.withID(Rights.effectiveUser)).name
        try directory.file(
            "main.cf",
            hostSettings + """
                queue_directory = \(queue)
                mail_owner = \(user)
                default_privs = \(user)
                maillog_file = \(directory.path / "log")

                """ + settings)
        try directory.file(
            "master.cf",
            """
            127.0.0.1:\(port) inet n - n - - \(try wrapper("smtpd"))
            cleanup unix n - n - 0 \(try wrapper("cleanup"))

            """)
        let result = try Program.built("master").run(["-c", directory.path.description, "-w"])
        try #require(result.ending == .exited(0), "\(result.errorText)")
    }

    /// A program that is `minimta` by another name.
    private func wrapper(_ name: String) throws -> Path {
        let program = try Program.built("minimta").path
        let file = try directory.file(name, "#!/bin/sh\nexec \(program) \(name) \"$@\"\n")
        try file.setMode(0o755)
        return file
    }

    private static func freePort() throws -> UInt16 {
        let listener = try Socket.listen(
            on: SocketAddress(IPAddress(bytes: [127, 0, 0, 1]), port: 0))
        return try #require(Socket.local(of: listener.number)?.port)
    }

    func connect() throws -> FileDescriptor {
        try Socket.connect(
            to: SocketAddress(IPAddress(bytes: [127, 0, 0, 1]), port: port),
            deadline: .after(seconds: 10))
    }

    func queued() throws -> Int {
        try (directory.path / "queue/incoming").list().count { $0.description != "tmp" }
    }

    func unfinished() throws -> [Path] { try (directory.path / "queue/incoming/tmp").list() }

    func stop() {
        do {
            let text = try directory.content("queue/pid/master.pid")
            let number = try #require(Int32(decimal: text.trimmed))
            try Process.signal(number, Signal.terminate)
            for _ in 0..<1000 where Process.exists(number) { Process.sleep(milliseconds: 10) }
        } catch { Issue.record(error) }
    }
}
