import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

/// Appending and copying, and several sessions on one Maildir.
@Suite struct MaildirSessionsTests {
    let mail: MaildirFixture

    init() throws { mail = try MaildirFixture() }

    @Test func appendsWithUIDFlagsAndDate() throws {
        let keyword = Keyword(Array("$A".utf8))
        let text = "Subject: a\r\n\r\nb\u{0}\r\r\n"
        let result = try mail.append(
            text, flags: Flags(.seen, keywords: [keyword]), date: 1_000_000_000)
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(result == AppendResult(uidValidity: box.uidValidity, uids: [1]))
        #expect(box.uids == [1])
        #expect(box.messages[0].flags == Flags(.seen, keywords: [keyword]))
        #expect(try box.internalDate(of: 1) == 1_000_000_000)
        let sent = Array(text.utf8).map { $0 == 0 ? 0x80 : $0 }
        #expect(try box.content(of: 1).whole(limit: 100) == sent)
        #expect(try box.size(of: 1) == sent.count)
        let name = try #require(try mail.names("cur").first)
        #expect(name.hasSuffix(",S=17,W=19:2,Sa"))
        #expect(try mail.names("tmp").isEmpty)
    }

    @Test func appendsWithoutFlagsAsADelivery() throws {
        let examined = try mail.store.open(.inbox, .readOnly)
        let result = try mail.append()
        #expect(try mail.names("new").count == 1)
        #expect(try examined.synchronise(mayExpunge: true) == [.appeared(total: 1)])
        #expect(examined.uids == result.uids)
        #expect(examined.messages[0].isRecent)
    }

    @Test func severalMessagesAppearTogetherOrNotAtAll() throws {
        let appender = try mail.store.append(to: .inbox)
        for text in ["a\r\n", "b\r\n"] {
            try appender.beginMessage(flags: Flags(.seen))
            for byte in text.utf8 { try appender.write([byte]) }
            try appender.endMessage()
        }
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uids.isEmpty)
        try appender.beginMessage()
        #expect(throws: StoreError.limit("a message of no octets")) { try appender.endMessage() }
        appender.abandon()
        #expect(try mail.names("tmp").isEmpty)
        #expect(try box.synchronise(mayExpunge: true).isEmpty)
        let again = try mail.store.append(to: .inbox)
        for text in ["a\r\n", "b\r\n"] {
            try again.beginMessage()
            try again.write(Array(text.utf8))
            try again.endMessage()
        }
        #expect(try again.commit().uids == [1, 2])
        #expect(try box.synchronise(mayExpunge: true) == [.appeared(total: 2)])
        #expect(try box.text(2) == "b\r\n")
    }

    @Test func anAppenderThatGoesLeavesNothing() throws {
        do {
            let appender = try mail.store.append(to: .inbox)
            try appender.beginMessage()
            try appender.write(Array("a\r\n".utf8))
            try appender.endMessage()
            try appender.beginMessage()
            try appender.write(Array("b\r\n".utf8))
            #expect(try mail.names("tmp").count == 2)
        }
        #expect(try mail.names("tmp").isEmpty)
    }

    @Test func appendNamesTheMessageWhateverElseArrives() throws {
        let appender = try mail.store.append(to: .inbox)
        try appender.beginMessage()
        try appender.write(Array("mine\r\n".utf8))
        try appender.endMessage()
        try mail.put("new/1.other", "other\n")
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.put("new/2.other", "other\n")
        let uid = try #require(try appender.commit().uids.first)
        _ = try box.synchronise(mayExpunge: true)
        #expect(box.uids == [1, 2, 3])
        #expect(try box.text(uid) == "mine\r\n")
        #expect(uid == 2)
    }

    @Test func copiesAsFurtherNamesOfTheSameFiles() throws {
        try mail.store.create(FolderName("A.B"))
        try mail.put("cur/1.a,S=4,W=5:2,Sb", "one\n")
        try mail.put("new/2.b", "two\n")
        try mail.put("dovecot-keywords", "0 $A\n1 $B\n")
        let box = try mail.store.open(.inbox, .readWrite)
        try box.store(.add(Flags(.flagged)), to: [2])
        let copied = try box.copy([2, 1], to: FolderName("A.B"))
        let target = try mail.store.open(FolderName("A.B"), .readWrite)
        #expect(
            copied
                == CopyResult(
                    uidValidity: target.uidValidity, sources: [2, 1], copies: [1, 2]))
        #expect(
            target.messages.map(\.flags) == [
                Flags(.flagged), Flags(.seen, keywords: [Keyword(Array("$B".utf8))]),
            ])
        #expect(try target.text(1) == "two\r\n")
        #expect(try target.size(of: 2) == 5)
        #expect(try mail.text(".A.B/dovecot-keywords") == "0 $B\n")
        #expect(try target.internalDate(of: 1) == box.internalDate(of: 2))
        let file = try (mail.root / "cur" / "2.b:2,F").status()
        #expect(file.links == 2)
        #expect(box.uidValidity != target.uidValidity)
    }

    @Test func copiesAllOrNothing() throws {
        try mail.store.create(FolderName("A"))
        for name in ["1.a", "2.b", "3.c"] { try mail.put("cur/\(name):2,") }
        let box = try mail.store.open(.inbox, .readWrite)
        try mail.remove("cur/3.c:2,")
        #expect(throws: StoreError.expunged(3)) { try box.copy([1, 2, 3], to: FolderName("A")) }
        #expect(throws: StoreError.missing) { try box.copy([1], to: FolderName("B")) }
        #expect(try mail.store.open(FolderName("A"), .readWrite).uids.isEmpty)
        #expect(try (mail.root / ".A" / "tmp").list().isEmpty)
    }

    @Test func twoSessionsLoseNoFlag() throws {
        try mail.put("cur/1.a:2,")
        let first = try mail.store.open(.inbox, .readWrite)
        let second = try mail.store.open(.inbox, .readWrite)
        try first.store(.add(Flags(.seen, keywords: [Keyword(Array("one".utf8))])), to: [1])
        try second.store(.add(Flags(.flagged, keywords: [Keyword(Array("two".utf8))])), to: [1])
        let both = Flags(
            [.seen, .flagged], keywords: [Keyword(Array("one".utf8)), Keyword(Array("two".utf8))])
        #expect(second.messages[0].flags == both)
        #expect(try first.synchronise(mayExpunge: false).contains(.flagsChanged(sequence: 1)))
        #expect(first.messages[0].flags == both)
        #expect(try second.synchronise(mayExpunge: false) == [.keywordsChanged])
    }

    @Test func anExpungeReachesTheOtherSessionWhenItMayBeTold() throws {
        for name in ["1.a", "2.b", "3.c"] { try mail.put("cur/\(name):2,") }
        let first = try mail.store.open(.inbox, .readWrite)
        let second = try mail.store.open(.inbox, .readWrite)
        try first.expunge([1, 3])
        #expect(try second.synchronise(mayExpunge: false).isEmpty)
        #expect(second.sequence(of: 2) == 2)
        #expect(try second.store(.add(Flags(.seen)), to: [1, 2, 3]) == [2])
        #expect(
            try second.synchronise(mayExpunge: true) == [
                .expunged(sequence: 3, uid: 3), .expunged(sequence: 1, uid: 1),
            ])
        #expect(second.sequence(of: 2) == 1)
        #expect(try first.synchronise(mayExpunge: true).contains(.flagsChanged(sequence: 1)))
    }

    @Test func onlyOneSessionHoldsTheMaildrop() throws {
        try mail.put("new/1.a")
        try mail.put("cur/2.b:2,")
        let drop = try mail.store.openMaildrop()
        #expect(drop.uids == [1, 2])
        #expect(throws: StoreError.inUse) { try mail.store.openMaildrop() }
        try drop.expunge([1])
        #expect(try mail.names("new").isEmpty && mail.names("cur") == ["2.b:2,"])
        try drop.close()
        let again = try mail.store.openMaildrop()
        #expect(again.uids == [2])
        #expect(try mail.store.open(.inbox, .readWrite).uids == [2])
    }

    @Test func theMaildropLeavesRecentToIMAP() throws {
        try mail.put("new/1.a")
        let drop = try mail.store.openMaildrop()
        #expect(try drop.text(1).hasSuffix("body\r\n"))
        try drop.close()
        #expect(try mail.names("new") == ["1.a"])
        #expect(try mail.store.open(.inbox, .readWrite).messages.map(\.isRecent) == [true])
    }

    @Test func identifiersStayWhileFlagsAndSessionsCome() throws {
        for name in ["1.a", "2.b"] { try mail.put("new/\(name)") }
        let drop = try mail.store.openMaildrop()
        let before = try drop.uids.map { uid throws in try drop.uniqueIdentifier(of: uid) }
        try drop.close()
        let box = try mail.store.open(.inbox, .readWrite)
        try box.store(.add(Flags(.seen)), to: [2])
        try box.expunge([1])
        let after = try mail.store.openMaildrop()
        #expect(try after.uniqueIdentifier(of: 2) == before[1])
        #expect(Set(before).count == 2)
    }

    @Test func renamesOfOthersNeverLookLikeExpunges() throws {
        // Enough names that a reading takes long, and a program that renames meanwhile.
        for number in 0..<400 { try mail.put("cur/\(number).x:2,", "a\n") }
        let box = try mail.store.open(.inbox, .readWrite)
        #expect(box.uids.count == 400)
        guard let child = try Process.fork() else {
            for round in 0..<20 {
                let (old, new) = round % 2 == 0 ? (":2,", ":2,S") : (":2,S", ":2,")
                for number in 0..<400 {
                    do throws(SystemError) {
                        try (mail.root / "cur" / "\(number).x\(old)").rename(
                            to: mail.root / "cur" / "\(number).x\(new)")
                    } catch { Process.leave(1) }
                }
            }
            Process.leave(0)
        }
        var ended: Process.Ending?
        while ended == nil {
            for change in try box.synchronise(mayExpunge: true) {
                guard case .flagsChanged = change else {
                    Issue.record("\(change)")
                    continue
                }
            }
            ended = try Process.poll(child)
        }
        #expect(ended == .exited(0))
        #expect(box.uids == Array(1...400))
    }
}
