import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

@Suite struct FolderNameTests {
    @Test(arguments: [
        "../x", "a/../../x", "..", ".", "/etc/passwd", "~root/x", "~", "a//b", "a/./b", "a/",
        "&AC8-", "&AAA-", "&AC4ALg-", "&", "a&b", "\u{E9}", "&Jjo", "&AGE-", "&2D0-", "&3wA-",
        "&Jjo=-", "&Jjp-", "a\u{1}b", "a\nb", "a\u{7F}", "", "INBOX/..", ".lock", "a/.hidden",
        "mail.lock", "x/y.LOCK", "&AOk-&AOk-", "&AAo-", "cur\u{0}",
    ])
    func refusesNamesInATreeOfMboxFiles(_ name: String) throws {
        #expect(throws: StoreError.self) {
            _ = try FolderNameRules(format: .mbox).levels(of: FolderName(name))
        }
    }

    @Test(arguments: [
        "../x", "..", ".", ".a", "a.", "a..b", "/etc/passwd", "a/b", "~", "&AC8-", "&AC4-", "",
        "&", "a\nb", "INBOX...", "\u{E9}",
    ])
    func refusesNamesInAMaildir(_ name: String) {
        #expect(throws: StoreError.self) {
            _ = try FolderNameRules(format: .maildir).levels(of: FolderName(name))
        }
    }

    @Test(arguments: [
        "a", "Sent Items", "a b%*", "&AOk-t&AOk-", "&-", "a&-b", "&Jjo-!", "cur", "new", "tmp",
        "dovecot-uidlist", "#shared", "a~", "&2D3eAA-", "inbox2", "(\"\\)",
    ])
    func takesNamesOfBothLayouts(_ name: String) throws {
        for format in [MailLocation.Format.maildir, .mbox] {
            #expect(try FolderNameRules(format: format).levels(of: FolderName(name)).count == 1)
        }
    }

    @Test func refusesNamesThatAreTooLong() {
        let long = FolderName([UInt8](repeating: 97, count: 255))
        let deep = FolderName(Array(repeating: "a", count: 33).joined(separator: "/"))
        #expect(throws: StoreError.self) {
            _ = try FolderNameRules(format: .maildir).levels(of: long)
        }
        #expect(throws: StoreError.self) {
            _ = try FolderNameRules(format: .mbox).levels(of: long)
        }
        #expect(throws: StoreError.self) {
            _ = try FolderNameRules(format: .mbox).levels(of: deep)
        }
    }

    @Test func inboxHasOneNameInAnyCase() {
        #expect(FolderName("iNbOx") == .inbox)
        #expect(FolderName("inbox.a") != FolderName("INBOX.a"))
    }

    struct Location: Sendable {
        let text: String
        let format: MailLocation.Format
        let root: String
        let inbox: String
    }

    @Test(arguments: [
        Location(
            text: "maildir:~/Maildir", format: .maildir, root: "/h/Maildir", inbox: "/h/Maildir"),
        Location(
            text: "mbox:~/mail:INBOX=/var/mail/%u", format: .mbox, root: "/h/mail",
            inbox: "/var/mail/al@ex.org"),
        Location(text: "mbox:%h/mail", format: .mbox, root: "/h/mail", inbox: "/h/mail/inbox"),
        Location(text: "mbox:", format: .mbox, root: "/h/mail", inbox: "/h/mail/inbox"),
        Location(text: "maildir", format: .maildir, root: "/h/Maildir", inbox: "/h/Maildir"),
        Location(
            text: " maildir:/m/%d/%n::x:LAYOUT=Maildir++:INBOX=~/in ", format: .maildir,
            root: "/m/ex.org/al:x", inbox: "/h/in"),
        Location(text: "maildir:/a%%b", format: .maildir, root: "/a%b", inbox: "/a%b"),
    ])
    func readsMailLocations(_ want: Location) throws {
        let location = try MailLocation.parse(want.text, user: "al@ex.org", home: "/h")
        #expect(location.format == want.format)
        #expect(location.root.description == want.root)
        #expect(location.inbox.description == want.inbox)
        #expect(location.warnings.isEmpty)
    }

    @Test(arguments: [
        "sdbox:~/x", "maildir:~/x:LAYOUT=fs", "mbox:~/x:LAYOUT=maildir++", "maildir:~/x:CONTROL=/y",
        "maildir:/%z", "maildir:/a%", "maildir:~/x:SUBSCRIPTIONS=../y", "~/Maildir",
        "maildir:~/x:UTF-8",
    ])
    func namesWhatItDoesNotSupportInALocation(_ text: String) {
        #expect(throws: StoreError.self) {
            _ = try MailLocation.parse(text, user: "al", home: "/h")
        }
    }

    @Test func warnsOfSettingsWithoutEffect() throws {
        let location = try MailLocation.parse(
            "maildir:~/m:INDEX=MEMORY:SUBSCRIPTIONS=subs", user: "al", home: "/h")
        #expect(location.warnings == ["mail_location: INDEX has no effect"])
        #expect(location.subscriptions == "subs")
    }

    @Test(arguments: ["../x", "a/b", "..", "."])
    func aUserNameDoesNotLeadElsewhere(_ user: String) {
        #expect(throws: StoreError.self) {
            _ = try MailLocation.parse("mbox:~/m:INBOX=/var/mail/%u", user: user, home: "/h")
        }
    }

    @Test func findsWhereMailIsWithoutASetting() throws {
        let home = try TemporaryDirectory()
        let before = try MailLocation.parse("", user: "al", home: home.path)
        #expect(before.inbox == "/var/mail/al" && before.format == .mbox)
        #expect(before.root == home.path / "mail")
        try (home.path / "Maildir" / "cur").makeDirectories()
        let after = try MailLocation.parse("auto", user: "al", home: home.path)
        #expect(after.root == home.path / "Maildir" && after.format == .maildir)
    }

    @Test func keepsTheFormOfSubscriptions() {
        let dovecot = "V\t2\n\nA\tB\nx y\nINBOX\n"
        var new = Subscriptions(parsing: Array(dovecot.utf8), separator: .dot)
        #expect(new.names == [FolderName("A.B"), FolderName("x y"), .inbox])
        let added = [new.add(FolderName("C.D")), new.add(FolderName("inbox"))]
        let removed = [new.remove(FolderName("x y")), new.remove(FolderName("x y"))]
        #expect(added == [true, false] && removed == [true, false])
        #expect(String(latin1: new.text) == "V\t2\n\nA\tB\nINBOX\nC\tD\n")
        var old = Subscriptions(parsing: Array("A.B\nINBOX\n".utf8), separator: .dot)
        _ = old.add(FolderName("C"))
        #expect(String(latin1: old.text) == "A.B\nINBOX\nC\n")
        #expect(Subscriptions(parsing: nil, separator: .dot).text == Array("V\t2\n\n".utf8))
    }
}
