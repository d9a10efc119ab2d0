import Accounts
import Bytes
import Posix
import Settings
import TestSupport
import Testing

@Suite struct AccountDirectoryTests {
    private static let users = """
        alice:{PLAIN}a:1234:1235::/home/alice
        bob@x.org:{PLAIN}b:1234:1235::/srv/bob::userdb_mail=mbox:/srv/bob/mail
        low:{PLAIN}c:99:1235::/home/low
        lowgroup:{PLAIN}c:1234:0::/home/low
        rel:{PLAIN}c:1234:1235::home
        bare:{PLAIN}c
        """

    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func directory(
        _ configuration: String, onlyUser: UInt32? = nil
    ) throws -> AccountDirectory {
        try folder.file("users", Self.users)
        let text = configuration.replacing("USERS", with: "\(folder.path / "users")")
        let file = try folder.file("dovecot.conf", text)
        let settings = try AccessSettings.load(file, service: "imap")
        return try AccountDirectory(settings, service: "imap", onlyUser: onlyUser)
    }

    private static let fromFile = """
        userdb {
          driver = passwd-file
          args = username_format=%u USERS
        }
        mail_location = maildir:~/Maildir:INBOX=/var/mail/%n

        """

    @Test func findsTheAccountOfAPasswdFile() throws {
        let accounts = try directory(Self.fromFile)
        let alice = try accounts.account(Array("alice".utf8))
        #expect(alice.user == 1234 && alice.group == 1235 && alice.groups == [1235])
        #expect(alice.home == "/home/alice")
        #expect(alice.mailLocation == Array("maildir:~/Maildir:INBOX=/var/mail/alice".utf8))
        let bob = try accounts.account(Array("bob@x.org".utf8))
        #expect(bob.mailLocation == Array("mbox:/srv/bob/mail".utf8))
    }

    @Test(arguments: ["nobody", "Alice", "lowgroup", "bare", ""])
    func knowsNobodyElse(name: String) throws {
        let accounts = try directory(Self.fromFile)
        #expect(throws: AccountError.unknown) { try accounts.account(Array(name.utf8)) }
    }

    @Test func refusesUsersOutOfRange() throws {
        let accounts = try directory(Self.fromFile)
        #expect(
            throws: AccountError.refused(
                "user 99 is outside of first_valid_uid and last_valid_uid")
        ) { try accounts.account(Array("low".utf8)) }
        let lower = try directory(Self.fromFile + "first_valid_uid = 50\n")
        #expect(try lower.account(Array("low".utf8)).user == 99)
    }

    @Test func servesOnlyItsOwnUserWithoutRoot() throws {
        let accounts = try directory(Self.fromFile, onlyUser: 77)
        #expect(
            throws: AccountError.refused("user 1234 is not served by a program that runs as 77")
        ) { try accounts.account(Array("alice".utf8)) }
        let own = try directory(Self.fromFile, onlyUser: 1234)
        #expect(try own.account(Array("alice".utf8)).user == 1234)
    }

    @Test func fillsInTheTemplatesOfStaticUsers() throws {
        let accounts = try directory(
            """
            userdb {
              driver = static
              args = uid=1234 gid=1234 home=/srv/mail/%d/%n
            }
            mail_location = maildir:%h
            """)
        let bob = try accounts.account(Array("bob@x.org".utf8))
        #expect(bob.home == "/srv/mail/x.org/bob")
        #expect(bob.mailLocation == Array("maildir:/srv/mail/x.org/bob".utf8))
        for name in ["bob", "bob@..", "../x@y", ".."] {
            #expect(throws: AccountError.refused("the name cannot be part of a path"), "\(name)") {
                try accounts.account(Array(name.utf8))
            }
        }
    }

    @Test func neverServesRoot() throws {
        let accounts = try directory("first_valid_uid = 0\nfirst_valid_gid = 0\n")
        #expect(throws: AccountError.refused("user or group 0 may not log in")) {
            try accounts.account(Array("root".utf8))
        }
    }

    @Test(arguments: [
        ("userdb {\n driver = sql\n}\n", "not supported yet: userdb sql"),
        ("userdb {\n driver = passwd-file\n}\n", "a passwd-file without a file in args"),
        (
            "userdb {\n driver = static\n args = quota=1\n}\n",
            "not supported yet: static argument quota=1"
        ),
    ])
    func saysWhatItDoesNotSupport(configuration: String, text: String) throws {
        do {
            _ = try directory(configuration)
            Issue.record("accepted")
        } catch let error as DovecotError {
            #expect(error.text == text)
            #expect(error.place.line == 1)
        }
    }

    @Test(arguments: [
        ("Alice", "alice"), ("BOB@X.ORG", "bob@x.org"),
    ])
    func foldsLoginNames(given: String, name: String) throws {
        let settings = AccessSettings()
        #expect(
            try LoginName.normalised(Array(given.utf8), settings, service: "imap")
                == Array(name.utf8))
    }

    @Test(arguments: ["", "a b", "a\0", "a\n", "a/b", "%d", "é", "a:b", "a*", "$(id)"])
    func refusesCharactersThatAreNotAllowed(given: String) {
        #expect(throws: AccountError.self) {
            try LoginName.normalised(Array(given.utf8), AccessSettings(), service: "imap")
        }
    }

    @Test(arguments: [
        ("\0alice\0secret", true), ("alice\0alice\0secret", true), ("bob\0alice\0secret", false),
        ("alice\0secret", false), ("\0alice\0secret\0", false), ("\0\0secret", false),
        ("\0alice\0", false), ("", false), ("\0\0\0", false),
    ])
    func readsTheMessageOfPlain(message: String, isGood: Bool) {
        let credentials = Credentials(plain: Array(message.utf8))
        #expect((credentials != nil) == isGood)
        if isGood { #expect(credentials?.password == Array("secret".utf8)) }
    }
}
