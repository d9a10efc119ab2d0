import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

/// One session on a Maildir, beside programs that know nothing of it.
@Suite struct MaildirMailboxTests {
    let mail: MaildirFixture

    init() throws { mail = try MaildirFixture() }

    @Test func givesUIDsInTheOrderOfArrival() throws {
        try mail.put("new/20.b")
        try mail.put("new/3.c")
        try mail.put("cur/100.a:2,S")
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uids == [1, 2, 3])
        #expect(box.uidNext == 4)
        #expect(box.messages.map(\.isRecent) == [true, true, false])
        #expect(box.messages.map(\.flags.system) == [[], [], .seen])
        #expect(try mail.names("new").isEmpty)
        #expect(try mail.names("cur") == ["100.a:2,S", "20.b:2,", "3.c:2,"])
        #expect(try mail.text("dovecot-uidlist").hasSuffix(" N4\n1 :3.c\n2 :20.b\n3 :100.a\n"))
    }

    @Test func uidsPersistAndOneSessionIsGivenRecent() throws {
        try mail.put("new/1.a")
        let examined = try mail.store.open(.inbox, .readOnly)
        #expect(examined.messages.map(\.isRecent) == [true])
        #expect(try mail.names("new") == ["1.a"])
        let first = try mail.store.open(.inbox, .readWrite)
        let second = try mail.store.open(.inbox, .readWrite)
        #expect(first.messages.map(\.isRecent) == [true])
        #expect(second.messages.map(\.isRecent) == [false])
        #expect(first.uidValidity == second.uidValidity)
        #expect(second.uids == [1])
    }

    @Test func readsAListThatDovecotHasWritten() throws {
        try mail.put("cur/1.a:2,FSb")
        try mail.put("cur/2.b,S=5,W=6:2,")
        try mail.put("dovecot-uidlist", "3 V77 N9 Gabc\n4 :1.a\n8 Pold-id :2.b,S=5,W=6\n")
        try mail.put("dovecot-keywords", "0 $A\n1 $B\n")
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uidValidity == 77)
        #expect(box.uidNext == 9)
        #expect(box.uids == [4, 8])
        #expect(
            box.messages[0].flags
                == Flags([.flagged, .seen], keywords: [Keyword(Array("$b".utf8))]))
        #expect(try box.size(of: 8) == 6)
        #expect(String(latin1: try box.uniqueIdentifier(of: 4)) == "000000040000004d")
        #expect(String(latin1: try box.uniqueIdentifier(of: 8)) == "old-id")
        try mail.put("new/3.c")
        #expect(try box.synchronise(mayExpunge: false) == [.appeared(total: 3)])
        #expect(try mail.text("dovecot-uidlist").hasSuffix("8 Pold-id :2.b,S=5,W=6\n9 :3.c\n"))
    }

    @Test func sequenceNumbersHoldUntilExpungesMayBeTold() throws {
        for name in ["1.a", "2.b", "3.c"] { try mail.put("cur/\(name):2,") }
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.remove("cur/2.b:2,")
        try mail.put("new/4.d")
        try mail.rename("cur/3.c:2,", to: "cur/3.c:2,S")
        #expect(
            try box.synchronise(mayExpunge: false) == [
                .appeared(total: 4), .flagsChanged(sequence: 3),
            ])
        #expect(box.uids == [1, 2, 3, 4])
        #expect(throws: StoreError.expunged(2)) { try box.content(of: 2) }
        #expect(throws: StoreError.expunged(2)) { try box.size(of: 2) }
        #expect(try box.synchronise(mayExpunge: true) == [.expunged(sequence: 2, uid: 2)])
        #expect(box.uids == [1, 3, 4])
        #expect(try box.synchronise(mayExpunge: true).isEmpty)
    }

    @Test func aRenameIsAChangeOfFlagsAndNothingElse() throws {
        try mail.put("cur/1.a:2,")
        let box = try mail.store.open(.inbox, .readWrite)
        for round in 0..<20 {
            let names = round % 2 == 0 ? ("1.a:2,", "1.a:2,F") : ("1.a:2,F", "1.a:2,")
            try mail.rename("cur/\(names.0)", to: "cur/\(names.1)")
            #expect(try box.synchronise(mayExpunge: true) == [.flagsChanged(sequence: 1)])
        }
    }

    @Test func aMessageThatComesBackGetsANewUID() throws {
        try mail.put("cur/1.a:2,")
        try mail.put("cur/2.b:2,")
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.remove("cur/1.a:2,")
        #expect(try box.synchronise(mayExpunge: true) == [.expunged(sequence: 1, uid: 1)])
        try mail.put("cur/1.a:2,", "other\n")
        #expect(try box.synchronise(mayExpunge: true) == [.appeared(total: 2)])
        #expect(box.uids == [2, 3])
        #expect(try box.text(3) == "other\r\n")
        #expect(try mail.store.open(.inbox, .readWrite).uids == [2, 3])
    }

    @Test func twoMessagesWithOneBaseNameGetTwoUIDs() throws {
        try mail.put("cur/1.a:2,", "one\n")
        try mail.put("cur/1.a:2,S", "two\n")
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uids == [1, 2])
        #expect(Set([try box.text(1), try box.text(2)]) == ["one\r\n", "two\r\n"])
        try mail.put("new/1.a", "three\n")
        #expect(try box.synchronise(mayExpunge: true) == [.appeared(total: 3)])
        #expect(try box.text(3) == "three\r\n")
    }

    @Test func oneFileUnderTwoNamesIsOneMessage() throws {
        try mail.put("cur/1.a:2,", "one\n")
        try (mail.root / "cur" / "1.a:2,").link(to: mail.root / "cur" / "1.a:2,S")
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uids == [1])
        #expect(try mail.names("cur").count == 1)
        #expect(try box.store(.add(Flags(.flagged)), to: [1]) == [1])
    }

    @Test func contentIsReadOnAfterTheMessageIsGone() throws {
        try mail.put("cur/1.a:2,", "one\n")
        let box = try mail.store.open(.inbox, .readWrite)
        let content = try box.content(of: 1)
        try mail.remove("cur/1.a:2,")
        #expect(String(latin1: try content.whole(limit: 100)) == "one\r\n")
        #expect(throws: StoreError.expunged(1)) { try box.content(of: 1) }
    }

    @Test func findsAFileThatWasRenamedMeanwhile() throws {
        try mail.put("cur/1.a:2,", "one\n")
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.rename("cur/1.a:2,", to: "cur/1.a:2,FS")
        #expect(try box.text(1) == "one\r\n")
        #expect(try box.store(.add(Flags(.answered)), to: [1]) == [1])
        #expect(try mail.names("cur") == ["1.a:2,FRS"])
        #expect(box.messages[0].flags == Flags([.flagged, .seen, .answered]))
    }

    @Test func storesFlagsAndKeepsWhatItDoesNotKnow() throws {
        try mail.put("cur/1.a:2,PSXz,more")
        let box = try mail.store.open(.inbox, .readWrite)
        let keyword = Keyword(Array("$Junk".utf8))
        #expect(try box.store(.replace(Flags(.deleted, keywords: [keyword])), to: [1, 9]) == [1])
        #expect(try mail.names("cur") == ["1.a:2,PTXaz,more"])
        #expect(try mail.text("dovecot-keywords") == "0 $Junk\n")
        #expect(box.messages[0].flags == Flags(.deleted, keywords: [keyword]))
        #expect(try box.store(.add(Flags(.deleted)), to: [1]) == [])
        #expect(try box.store(.remove(Flags(.deleted, keywords: [keyword])), to: [1]) == [1])
        #expect(try mail.names("cur") == ["1.a:2,PXz,more"])
        #expect(try box.synchronise(mayExpunge: true) == [.keywordsChanged])
    }

    @Test func theTwentySeventhKeywordIsOneTooMany() throws {
        try mail.put("cur/1.a:2,")
        let box = try mail.store.open(.inbox, .readWrite)
        let keywords = Set((0..<27).map { Keyword(Array("k\($0)".utf8)) })
        #expect(throws: StoreError.self) {
            try box.store(.add(Flags(keywords: keywords)), to: [1])
        }
        #expect(try mail.names("cur") == ["1.a:2,"])
        #expect(
            try box.store(.add(Flags(keywords: Set(keywords.sorted().prefix(26)))), to: [1]) == [1])
        _ = try box.synchronise(mayExpunge: true)
        #expect(!box.acceptsNewKeywords)
    }

    @Test func ownChangesAreNotReportedAgain() throws {
        try mail.put("cur/1.a:2,")
        let box = try mail.store.open(.inbox, .readWrite)
        try box.store(.add(Flags(.seen)), to: [1])
        #expect(try box.synchronise(mayExpunge: true).isEmpty)
        try box.expunge([1])
        #expect(try box.synchronise(mayExpunge: false).isEmpty)
        #expect(box.uids == [1])
        #expect(try box.synchronise(mayExpunge: true) == [.expunged(sequence: 1, uid: 1)])
        #expect(box.uidNext == 2)
    }

    @Test func uidNextNeverFallsWhenTheMailboxIsEmptied() throws {
        for name in ["1.a", "2.b"] { try mail.put("cur/\(name):2,") }
        let box = try mail.store.open(.inbox, .readWrite)
        try box.expunge([1, 2])
        let again = try mail.store.open(.inbox, .readWrite)
        #expect(again.uids.isEmpty)
        #expect(again.uidNext == 3)
        try mail.put("new/3.c")
        _ = try again.synchronise(mayExpunge: true)
        #expect(again.uids == [3])
        // Three lines of four are of no use: the list is written anew.
        #expect(try mail.text("dovecot-uidlist").hasSuffix(" N4\n3 :3.c\n"))
    }

    @Test(arguments: ["", "3 V7 N3\n2 :1.a\n1 :2.b\n", "3 V8 N9\n1 :1.a\n2 :2.b\n"])
    func endsTheSessionWhenUIDsNoLongerHold(_ list: String) throws {
        for name in ["1.a", "2.b"] { try mail.put("cur/\(name):2,") }
        try mail.put("dovecot-uidlist", "3 V7 N3\n1 :1.a\n2 :2.b\n")
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.put("dovecot-uidlist", list)
        try mail.put("new/3.c")
        #expect(throws: StoreError.replaced) { try box.synchronise(mayExpunge: true) }
        // A damaged list is given up for one with a greater UIDVALIDITY.
        #expect(try mail.store.open(.inbox, .readWrite).uidValidity > 7)
    }

    @Test func aListWithSwappedUIDsEndsTheSession() throws {
        for name in ["1.a", "2.b"] { try mail.put("cur/\(name):2,") }
        try mail.put("dovecot-uidlist", "3 V7 N3\n1 :1.a\n2 :2.b\n")
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.put("dovecot-uidlist", "3 V7 N4\n1 :2.b\n2 :1.a\n")
        #expect(throws: StoreError.replaced) { try box.synchronise(mayExpunge: true) }
    }

    @Test func doesNotFollowLinksToMessages() throws {
        try mail.directory.file("secret", "secret\n")
        try (mail.root / "cur" / "1.a:2,").makeSymbolicLink(to: "../../secret")
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(throws: StoreError.self) { try box.content(of: 1) }
    }

    @Test func noticesWhatOthersDo() throws {
        let box = try mail.store.open(.inbox, .readWrite)
        let descriptor = try #require(box.changeDescriptor)
        box.acknowledgeChanges()
        #expect(try poll([(descriptor, .readable)], until: .after(milliseconds: 0)) == [[]])
        try mail.put("new/1.a")
        #expect(try poll([(descriptor, .readable)], until: .after(seconds: 5)) == [.readable])
        box.acknowledgeChanges()
        #expect(try box.synchronise(mayExpunge: true) == [.appeared(total: 1)])
    }

    @Test func statusUsesUpNoRecent() throws {
        try mail.put("new/1.a")
        try mail.put("cur/2.b:2,S")
        let status = try mail.store.status(of: .inbox)
        #expect(status.messages == 2 && status.recent == 1 && status.unseen == 1)
        #expect(status.uidNext == 3)
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uidValidity == status.uidValidity)
        #expect(box.messages.map(\.isRecent) == [true, false])
    }

    @Test func anExaminedMailboxCannotBeChanged() throws {
        try mail.put("cur/1.a:2,")
        let box = try mail.store.open(.inbox, .readOnly)
        #expect(box.isReadOnly && !box.acceptsNewKeywords)
        #expect(throws: StoreError.readOnly) { try box.store(.add(Flags(.seen)), to: [1]) }
        #expect(throws: StoreError.readOnly) { try box.expunge([1]) }
        #expect(try mail.names("cur") == ["1.a:2,"])
    }
}
