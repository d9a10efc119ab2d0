import Accounts
import Bytes
import Posix
import Settings
import TestSupport
import Testing

@Suite struct PasswdFileTests {
    private static let seed = """
        bob@mondomaine.com:{PLAIN}password:5000:5000::/var/mail/vmail/mondomaine.com/bob/
        alice@mondomaine.com:{PLAIN}secret:5000:5000::/var/mail/vmail/mondomaine.com/alice/
        """

    private func entry(_ text: String, _ name: String) throws(AccountError) -> PasswdEntry {
        try PasswdFile(text: Array(text.utf8)).entry(Array(name.utf8))
    }

    @Test func readsTheLinesOfTheCourse() throws {
        let bob = try entry(Self.seed, "bob@mondomaine.com")
        #expect(bob.password == Array("{PLAIN}password".utf8))
        #expect(bob.user == Array("5000".utf8) && bob.group == Array("5000".utf8))
        #expect(bob.home == Array("/var/mail/vmail/mondomaine.com/bob/".utf8))
        #expect(bob.hasUserFields)
    }

    @Test(arguments: [
        "", "Bob@mondomaine.com", "bob", "bob@mondomaine.com ", "bob@mondomaine.com:",
    ])
    func comparesNamesOctetByOctet(name: String) {
        #expect(throws: AccountError.unknown) { try entry(Self.seed, name) }
    }

    @Test(arguments: [
        ("u", "", false), ("u:p", "p", false), ("u:p:1", "p", false), ("u:p:1:2", "p", true),
        ("u:p:1:2::/h\r", "p", true), ("# u:x\n\n:y\nu:p:::", "p", true),
    ])
    func readsLinesOfEveryLength(text: String, password: String, hasUser: Bool) throws {
        let entry = try entry(text, "u")
        #expect(entry.password == Array(password.utf8))
        #expect(entry.hasUserFields == hasUser)
        #expect(entry.home == (text.contains("/h") ? Array("/h".utf8) : []))
    }

    @Test func splitsExtraFieldsAtBlanksOnly() throws {
        let entry = try entry("u:p:1:2::/h::userdb_mail=mbox:~/m:INBOX=/x nopassword", "u")
        #expect(entry.extra("userdb_mail") == Array("mbox:~/m:INBOX=/x".utf8))
        #expect(entry.extra("nopassword") == [])
        #expect(entry.extra("mail") == nil)
        let old = try self.entry("u:p:1:2::/h:::maildir:~/M", "u")
        #expect(old.extra("userdb_mail") == Array("maildir:~/M".utf8))
    }

    @Test func reportsBadLinesAndGoesOn() throws {
        let file = PasswdFile(text: Array("r:x:0:5\nu:one:1:2\nu:two:1:2\nz:x:5:root\n".utf8))
        #expect(try file.entry(Array("u".utf8)).password == Array("one".utf8))
        #expect(throws: AccountError.unknown) { try file.entry(Array("r".utf8)) }
        #expect(
            file.takeWarnings() == [
                "passwd-file, line 1: user 0 is refused",
                "passwd-file, line 3: a second entry for the same user; the first one counts",
                "passwd-file, line 4: group 0 is refused",
            ])
        #expect(file.takeWarnings().isEmpty)
    }

    @Test func readsTheFileAgainWhenItHasChanged() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("users", "u:one\n")
        let file = PasswdFile(path)
        #expect(try file.entry([UInt8(ascii: "u")]).password == Array("one".utf8))
        try directory.file("users", "u:three\n")
        #expect(try file.entry([UInt8(ascii: "u")]).password == Array("three".utf8))
        try path.unlink()
        #expect(throws: AccountError.unknown) { try file.entry([UInt8(ascii: "u")]) }
    }

    @Test func aDirectoryIsNoAnswer() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: AccountError.self) {
            try PasswdFile(directory.path).entry([UInt8(ascii: "u")])
        }
        #expect(throws: AccountError.unknown) {
            try PasswdFile(directory.path / "none").entry([UInt8(ascii: "u")])
        }
    }
}
