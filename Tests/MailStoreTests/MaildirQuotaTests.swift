import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

/// What sessions do to a `maildirsize` file, and what it forbids them.
@Suite struct MaildirQuotaTests {
    private let fixture: MaildirFixture

    init() throws {
        fixture = try MaildirFixture()
        try fixture.put("cur/1.a,S=17,W=20:2,S")
        try fixture.put("cur/2.a:2,T", "Subject: b\n\n")
    }

    private func quota(_ text: String) throws { try fixture.put("maildirsize", text) }
    private var text: String { get throws { try fixture.text("maildirsize") } }

    @Test func aMessageThatIsAddedIsWrittenDown() throws {
        try quota("1000S,9C\n29 2\n")
        try fixture.append()
        #expect(try text == "1000S,9C\n29 2\n17 1\n")
    }

    @Test(arguments: ["45S\n29 2\n", "2C\n29 2\n"])
    func whatIsTooMuchIsRefusedAndLeavesNothing(limits: String) throws {
        try quota(limits)
        do throws(StoreError) {
            let appender = try fixture.store.append(to: .inbox)
            try appender.beginMessage()
            try appender.write(Array("Subject: a\r\n\r\nbody\r\n".utf8))
            try appender.endMessage()
            _ = try appender.commit()
            Issue.record("added")
        } catch {
            guard case .overQuota = error else { throw error }
        }
        #expect(try text == limits)
        #expect(try fixture.names("new").isEmpty)
        #expect(try fixture.names("tmp").isEmpty)
    }

    @Test func copiesCountAndAreAllOrNone() throws {
        try fixture.store.create(FolderName("Sub"))
        try quota("1000S,4C\n29 2\n")
        let inbox = try fixture.store.open(.inbox, .readWrite)
        _ = try inbox.copy(inbox.uids, to: FolderName("Sub"))
        #expect(try text == "1000S,4C\n29 2\n29 2\n")
        #expect(throws: StoreError.self) { try inbox.copy(inbox.uids, to: FolderName("Sub")) }
        // More than one line that says "no room": it was counted.
        #expect(try text == "1000S,4C\n58 4\n")
        let names = try fixture.names(".Sub/cur") + fixture.names(".Sub/new")
        #expect(names.count { !$0.isEmpty } == 2)
    }

    @Test func whatIsExpungedIsSubtractedOnce() throws {
        try quota("1000S,9C\n29 2\n")
        let inbox = try fixture.store.open(.inbox, .readWrite)
        let uids = inbox.uids
        try inbox.expunge(uids)
        #expect(try text == "1000S,9C\n29 2\n-29 -2\n")
        try inbox.expunge(uids)
        #expect(try text == "1000S,9C\n29 2\n-29 -2\n")
    }

    @Test func aMaildropSubtractsToo() throws {
        try quota("1000S,9C\n29 2\n")
        let drop = try fixture.store.openMaildrop()
        try drop.expunge([drop.uids[0]])
        #expect(try text == "1000S,9C\n29 2\n-17 -1\n")
    }

    @Test func aFolderThatGoesGivesItsRoomBack() throws {
        try fixture.store.create(FolderName("Sub"))
        try fixture.append(to: FolderName("Sub"))
        try quota("1000S,9C\n46 3\n")
        try fixture.store.delete(FolderName("Sub"))
        #expect(try text == "1000S,9C\n29 2\n")
    }

    @Test func withoutAFileNoneIsMade() throws {
        try fixture.append()
        let inbox = try fixture.store.open(.inbox, .readWrite)
        try inbox.expunge(inbox.uids)
        #expect(try (fixture.root / "maildirsize").statusIfPresent() == nil)
    }
}
