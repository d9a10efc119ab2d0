import Accounts
import Posix
import Testing

@Suite struct NameExpansionTests {
    private func expand(
        _ template: String, _ user: String, home: Path? = "/home/x",
        for use: NameExpansion.Use = .path
    ) throws(ExpansionError) -> String {
        let expansion = NameExpansion(user: Array(user.utf8), home: home, service: "imap", for: use)
        return String(decoding: try expansion.expand(Array(template.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        (
            "maildir:/var/mail/vmail/%d/%n", "bob@mondomaine.lan",
            "maildir:/var/mail/vmail/mondomaine.lan/bob"
        ),
        ("mbox:~/mail:INBOX=/var/mail/%u", "alice", "mbox:~/mail:INBOX=/var/mail/alice"),
        ("%Lu", "Alice@Example", "alice@example"), ("%Un", "alice@x", "ALICE"),
        ("%h/Maildir", "alice", "/home/x/Maildir"), ("%s/%u", "alice", "imap/alice"),
        ("100%%", "alice", "100%"), ("%{user | username | lower}", "Al@X", "al"),
        ("%{user}-%{domain}", "a@b", "a@b-b"), ("%{user|domain|upper}", "a@b", "B"),
        ("%{home}/x", "a", "/home/x/x"), ("/x/%n", "a@b@c", "/x/a"), ("/x/%d", "a@b@c", "/x/b@c"),
    ])
    func expands(template: String, user: String, text: String) throws {
        #expect(try expand(template, user) == text)
    }

    @Test func doesNotExpandWhatTheNameHolds() throws {
        #expect(try expand("/m/%u", "%d%h%{home}") == "/m/%d%h%{home}")
    }

    @Test(arguments: [
        "..", ".", "../x", "a/b", "x@..", "x@../../tmp", "a\0b", "a\nb", "", "a:INBOX=", "@",
        String(repeating: "a", count: 256),
    ])
    func refusesNamesThatLeadElsewhere(user: String) {
        #expect(throws: ExpansionError.unsafeName) { try expand("/var/vmail/%d/%n", user) }
        if user != "x@..", user != "@" {
            #expect(throws: ExpansionError.unsafeName) { try expand("/var/mail/%u", user) }
        }
    }

    @Test func refusesAWayUpThatTwoPartsMake() {
        #expect(throws: ExpansionError.unsafeName) { try expand("/m/%n.", ".@b") }
    }

    @Test(arguments: ["%x", "%", "%{user", "%{nobody}", "%{user | reverse}", "%5u"])
    func saysWhatItDoesNotKnow(template: String) {
        #expect(throws: ExpansionError.self) { try expand(template, "alice") }
    }

    @Test func asksForAHome() {
        #expect(throws: ExpansionError.noHome) { try expand("%h", "alice", home: nil) }
    }

    @Test func takesAnyNameWhereNoPathIsMade() throws {
        #expect(try expand("%Lu", "../A:b", for: .name) == "../a:b")
        #expect(try expand("%d", "alice", for: .name) == "")
    }
}
