import Accounts
import Bytes
import Posix
import Settings
import TestSupport
import Testing

@testable import DeliveryMonitor

/// Whom an address means, with users of a passwd-file.
@Suite struct RecipientDirectoryTests {
    private let folder: TemporaryDirectory
    private let directory: RecipientDirectory

    init() throws {
        folder = try TemporaryDirectory()
        let users = """
            alice@one.example::5000:5000::/srv/one/alice::userdb_mail=mbox:~/mail
            bob::5000:5000::/srv/bob
            low::3:3::/tmp
            odd::x:y::/tmp

            """
        try folder.file("users", users)
        try folder.file(
            "dovecot.conf",
            """
            userdb {
              driver = passwd-file
              args = \(folder.path / "users")
            }
            mail_location = maildir:/srv/%d/%n
            recipient_delimiter = +-
            """)
        let settings = try AccessSettings.load(folder.path / "dovecot.conf", service: "lmtp")
        #expect(settings.warnings == [])
        directory = try RecipientDirectory(settings, onlyUser: nil)
    }

    private func address(_ local: String, _ domain: String) -> RecipientAddress {
        RecipientAddress(
            written: Array("\(local)@\(domain)"), localPart: Array(local), domain: Array(domain))
    }

    @Test(arguments: [
        ("alice", "one.example", "alice@one.example", ""),
        ("ALICE", "One.Example", "alice@one.example", ""),
        ("alice+lists", "one.example", "alice@one.example", "lists"),
        ("alice-a+b", "one.example", "alice@one.example", "a+b"),
        ("alice+", "one.example", "alice@one.example", ""),
    ])
    func findsTheWholeAddress(local: String, domain: String, name: String, ext: String) throws {
        let recipient = try directory.account(of: address(local, domain))
        #expect(String(decoding: recipient.account.name, as: UTF8.self) == name)
        #expect(String(decoding: recipient.extensionPart, as: UTF8.self) == ext)
        #expect(recipient.account.mailLocation == Array("mbox:~/mail"))
    }

    @Test(arguments: [
        ("carol", "one.example"), ("alice", "two.example"), ("alice", ""),
    ])
    func othersAreUnknown(local: String, domain: String) {
        #expect(throws: AccountError.unknown) {
            try directory.account(of: address(local, domain))
        }
    }

    @Test(arguments: [
        ("low", "one.example"), ("+alice", "one.example"), ("..", ""), ("a/b", "one.example"),
        ("../x", "d"), ("$(id)", "d"),
        ("a\u{7f}", "d"), (String(repeating: "a", count: 256), ""),
    ])
    func namesThatMayNotBeAreRefused(local: String, domain: String) {
        do throws(AccountError) {
            let recipient = try directory.account(of: address(local, domain))
            Issue.record("\(recipient)")
        } catch {
            // A name that is only dots is no path component, and nobody's name.
            let isUnknown = error == .unknown && local == ".."
            guard case .refused = error else { return #expect(isUnknown, "\(error)") }
        }
    }

    @Test func aDomainThatCannotBePartOfThePathIsRefused() {
        // The location of bob has %d, which an address without domain leaves empty.
        #expect(throws: AccountError.self) { try directory.account(of: address("bob", "")) }
    }

    @Test func aBrokenEntryIsTemporary() {
        do throws(AccountError) {
            _ = try directory.account(of: address("odd", ""))
            Issue.record("found")
        } catch {
            guard case .unavailable = error else { return #expect(error == .unknown) }
        }
    }
}
