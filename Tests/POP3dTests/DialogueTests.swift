import Posix
import TestSupport
import Testing

/// The files of Tests/Dialogues/pop3, each against the built program as inetd starts it, with two
/// letters in a Maildir and in an mbox.
@Suite struct DialogueTests {
    /// Started by root the program serves other users; else only the one who runs the tests.
    private static let user: UInt32 = Rights.effectiveUser == 0 ? 65534 : Rights.effectiveUser
    private static let letters = [
        "Subject: one\n\nfirst\n.dot\n.\nFrom me\n", "Subject: two\n\nsecond\nthird line\n",
    ]

    @Test(arguments: Dialogue.files(in: "pop3"), ["maildir", "mbox"])
    func holds(file: Path, format: String) throws {
        let folder = try TemporaryDirectory()
        try prepare(folder, format)
        let server = InetdProgram(
            try Program.built("ipop3d"), ["-c", "\(folder.path / "dovecot.conf")"])
        try Dialogue(file).play(actions: ["wait": { Process.sleep(milliseconds: 300) }]) {
            try server.connect()
        }
    }

    private func prepare(_ folder: TemporaryDirectory, _ format: String) throws {
        let home = folder.path / "alice"
        try home.makeDirectories()
        let location: String
        if format == "maildir" {
            for name in ["cur", "new", "tmp"] { try (home / "Maildir" / name).makeDirectories() }
            for (number, letter) in Self.letters.enumerated() {
                try folder.file("alice/Maildir/new/100\(number).M1P1.host", letter)
            }
            location = "maildir:~/Maildir"
        } else {
            let quoted = Self.letters.map { $0.replacing("\nFrom ", with: "\n>From ") }
            try folder.file(
                "alice/box",
                quoted.map { "From mboxrd@localhost  Sat Nov 21 09:00:00 2026\n\($0)\n" }.joined())
            location = "mbox:~/mail:INBOX=~/box"
        }
        try folder.file("users", "alice:{PLAIN}secret:\(Self.user):\(Self.user)::\(home)\n")
        try folder.file(
            "dovecot.conf",
            """
            passdb {
              driver = passwd-file
              args = \(folder.path / "users")
            }
            userdb {
              driver = passwd-file
              args = \(folder.path / "users")
            }
            mail_location = \(location)
            auth_failure_delay = 1s
            log_path = \(folder.path / "log")
            """)
        try folder.path.setMode(0o755)
        if Rights.effectiveUser == 0 { try give(home) }
    }

    private func give(_ path: Path) throws {
        try path.setOwner(Self.user, group: Self.user)
        guard try path.linkStatus().kind == .directory else { return }
        for name in try path.list() { try give(path / name) }
    }
}
