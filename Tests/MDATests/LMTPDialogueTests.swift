import Posix
import TestSupport
import Testing

/// The files of Tests/Dialogues/lmtp, each against the built program as inetd starts it, with users of
/// a passwd-file who have Maildirs or mbox files.
@Suite struct LMTPDialogueTests {
    /// Started by root the program serves other users; else only the one who runs the tests.
    private static let user: UInt32 = Rights.effectiveUser == 0 ? 65534 : Rights.effectiveUser
    private static let files = Dialogue.files(in: "lmtp")

    @Test func thereAreDialogues() { #expect(Self.files.count >= 12) }

    @Test(arguments: files, ["maildir", "mbox"])
    func holds(file: Path, format: String) throws {
        let folder = try TemporaryDirectory()
        try prepare(folder, format)
        let server = InetdProgram(
            try Program.built("mda"),
            ["--lmtp", "-c", "\(folder.path / "dovecot.conf")", "--size-limit", "2000"])
        var actions: [String: () throws -> Void] = [:]
        for name in ["alice", "bob"] {
            for count in 0...12 {
                actions["\(name) has \(count)"] = {
                    let letters = try Self.letters(folder, name)
                    #expect(letters.count == count)
                }
            }
        }
        actions["alice reads"] = {
            let letter = try #require(try Self.letters(folder, "alice").first)
            #expect(
                letter.hasSuffix(
                    "Return-Path: <a@b.example>\nDelivered-To: alice@one.example\n"
                        + "Subject: x\n\n.dot\n"))
        }
        try Dialogue(file).play(actions: actions) { try server.connect() }
    }

    /// The letters of a user, in either format.
    private static func letters(
        _ folder: TemporaryDirectory, _ name: String
    ) throws -> [String] {
        let mail = folder.path / "mail"
        if let box = try? FileDescriptor.open(mail / "\(name).box").readAll(limit: 1 << 20) {
            let text = String(decoding: box, as: UTF8.self)
            return text.split(separator: "From ", omittingEmptySubsequences: true)
                .filter { $0.contains("Return-Path:") }.map { String($0.dropLast()) }
        }
        guard let names = try? (mail / name / "new").list() else { return [] }
        return try names.map {
            String(
                decoding: try FileDescriptor.open(mail / name / "new" / $0)
                    .readAll(limit: 1 << 20), as: UTF8.self)
        }
    }

    private func prepare(_ folder: TemporaryDirectory, _ format: String) throws {
        let mail = folder.path / "mail"
        try mail.makeDirectories()
        let closed = "mbox:/proc/self/mail:INBOX=/proc/self/stat"
        let (id, location) = (
            Self.user,
            format == "maildir" ? "maildir:\(mail)/%n" : "mbox:\(mail)/%n:INBOX=\(mail)/%n.box"
        )
        try folder.file(
            "users",
            """
            alice@one.example::\(id):\(id)::\(mail)
            bob@one.example::\(id):\(id)::\(mail)
            closed@one.example::\(id):\(id)::\(mail)::userdb_mail=\(closed)

            """)
        try folder.file(
            "dovecot.conf",
            """
            userdb {
              driver = passwd-file
              args = \(folder.path / "users")
            }
            mail_location = \(location)
            first_valid_uid = 0
            log_path = \(folder.path / "log")
            """)
        try folder.path.setMode(0o755)
        if Rights.effectiveUser == 0 { try mail.setOwner(Self.user, group: Self.user) }
    }
}
