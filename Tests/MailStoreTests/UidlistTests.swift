import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

@Suite struct UidlistTests {
    /// As Dovecot 2.3 has written it.
    private let dovecot = """
        3 V1795166254 N2496 Gbb7f0a1b2c3d4e5f60718293a4b5c6d7
        1 :1795166254.M785971P4286.vm
        7 S123 Pabc-7 W130 :1795167412.M785971P4286.vm,S=5646,W=5761
        2374 :1795167412.M785972P4286.vm,S=5646,W=5761:2,S

        """

    @Test func readsAndWritesDovecotsList() throws {
        let list = try #require(Uidlist(parsing: Array(dovecot.utf8)))
        #expect(list.uidValidity == 1_795_166_254)
        #expect(list.uidNext == 2496)
        #expect(list.entries.map(\.uid) == [1, 7, 2374])
        #expect(String(latin1: list.entries[1].fields) == "S123 Pabc-7 W130")
        #expect(list.entries[1].field(UInt8(ascii: "P")) == Array("abc-7".utf8))
        #expect(list.entries[0].field(UInt8(ascii: "P")) == nil)
        #expect(String(latin1: list.entries[2].base.bytes).hasSuffix(",W=5761"))
        #expect(list.isAppendable)
        let again = dovecot.replacing(":2,S\n", with: "\n")
        #expect(String(latin1: list.text) == again)
    }

    @Test func theNextUIDIsAboveEveryLineWhateverTheFirstLineSays() throws {
        // Dovecot appends lines and leaves the first one as it is.
        let list = try #require(Uidlist(parsing: Array("3 V1 N1 Gx\n1 :a\n2 :b\n".utf8)))
        #expect(list.uidNext == 3)
    }

    @Test func readsVersion1() throws {
        let list = try #require(Uidlist(parsing: Array("1 1234 9\n3 a.b\n5 c d\n".utf8)))
        #expect(list.uidValidity == 1234)
        #expect(list.uidNext == 9)
        #expect(
            list.entries == [
                .init(uid: 3, base: [97, 46, 98]), .init(uid: 5, base: [99, 32, 100]),
            ])
        #expect(!list.isAppendable)
        #expect(String(latin1: list.text) == "3 V1234 N9\n3 :a.b\n5 :c d\n")
    }

    @Test(arguments: [
        "", "x\n", "2 V1 N1\n", "3\n", "3 V1\n", "3 N1\n", "3 V0 N1\n", "3 V1 N0\n",
        "3 V1 N99999999999\n", "3 V1 N5\n2 :a\n1 :b\n", "3 V1 N5\n2 :a\n2 :b\n",
        "3 V1 N5\nx :a\n", "3 V1 N5\n1 a\n", "3 V1 N5\n1 :\n", "3 V1 N5\n1\n", "3 V1 N5\n\n",
        "3 V1 N5\n0 :a\n", "3 V1 N5\n4294967295 :a\n", "3 V1 N5\n-1 :a\n", "1 5\n", "1 0 5\n",
        "3 V1 N5",
    ])
    func refusesAListThatCannotBeTrusted(_ text: String) {
        #expect(Uidlist(parsing: Array(text.utf8)) == nil)
    }

    @Test func aTornLastLineDoesNotCount() throws {
        let text = Array("3 V1 N1\n1 :a\n2 :bcd\n".utf8)
        for end in 14..<text.count {
            let list = try #require(Uidlist(parsing: Array(text[..<end])))
            #expect(list.entries.map(\.uid) == [1])
            #expect(!list.isAppendable || end == 13)
        }
    }

    @Test func neverGivesAUIDTwice() throws {
        var list = Uidlist(uidValidity: 5)
        let first = list.add(base: [97])
        list.remove { _ in true }
        let second = list.add(base: [97])
        #expect(first?.uid == 1 && second?.uid == 2)
        let again = try #require(Uidlist(parsing: list.text))
        #expect(again.uidNext == 3)
    }

    @Test func givesNoUIDBeyondTheLast() {
        var list = Uidlist(uidValidity: 5)
        list.raiseNext(to: .max - 1)
        let last = list.add(base: [97])
        let none = list.add(base: [98])
        #expect(last?.uid == UInt32.max - 1)
        #expect(none == nil)
    }

    @Test func keywordsHaveLetters() {
        var table = KeywordTable(parsing: Array("0 $Foo\n2 bar\nx\n3\n40 later\n".utf8))
        #expect(table.keywords == [Keyword(Array("$Foo".utf8)), Keyword(Array("bar".utf8))])
        #expect(table.known == 0b101)
        #expect(table.keywords(of: 0b111) == Set(table.keywords))
        #expect(table.bits(of: [Keyword(Array("BAR".utf8))]) == 0b100)
        let added = table.add([Keyword(Array("New".utf8))])
        #expect(added)
        #expect(String(latin1: table.text) == "0 $Foo\n2 bar\n3 New\n40 later\n")
        let tooMany = table.add(Set((0..<30).map { Keyword(Array("k\($0)".utf8)) }))
        #expect(!tooMany)
    }

    @Test func uidValiditiesGrowWithinASecond() throws {
        let directory = try TemporaryDirectory()
        let root = try FileDescriptor.open(directory.path, .readOnly, .directory)
        let values = (0..<5).map { _ in UidValidity.next(in: root) }
        #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 })
        #expect(UidValidity.next(in: root, after: values[4] + 100) == values[4] + 101)
        let names = try directory.path.list().map(\.description).sorted()
        let last = (values[4] + 101).padded(to: 8, radix: 16)
        #expect(
            names == [
                "dovecot-uidvalidity",
                "dovecot-uidvalidity.\(String(latin1: Array(last.utf8).lowercased))",
            ])
        #expect(try directory.content("dovecot-uidvalidity") == Array(last.utf8).lowercased)
    }

    @Test(arguments: [
        (["2.a", "1.b", "10.c"], ["1.b", "2.a", "10.c"]),
        (["1.M20P1.h", "1.M3P1.h"], ["1.M3P1.h", "1.M20P1.h"]),
        (["b", "a", "1.c"], ["a", "b", "1.c"]),
    ])
    func ordersMessagesByArrival(_ names: [String], _ want: [String]) {
        let sorted = MaildirArrival.sorted(names.map { BaseName(Array($0.utf8)) })
        #expect(sorted.map { String(latin1: $0.bytes) } == want)
    }
}
