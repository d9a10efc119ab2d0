import Bytes
import Maildir
import Testing

@Suite struct MaildirNameTests {
    struct NameCase: Sendable {
        let name: String
        let base: String
        let stored: Int?
        let network: Int?
    }

    @Test(arguments: [
        NameCase(name: "1.M1P1.h", base: "1.M1P1.h", stored: nil, network: nil),
        NameCase(name: "1.h,S=5,W=6:2,S", base: "1.h,S=5,W=6", stored: 5, network: 6),
        NameCase(name: "1.h,W=6,S=5", base: "1.h,W=6,S=5", stored: 5, network: 6),
        NameCase(name: "1.h,S=5x:2,S", base: "1.h,S=5x", stored: nil, network: nil),
        NameCase(name: "1.h,S=:2,S", base: "1.h,S=", stored: nil, network: nil),
        NameCase(name: "1.h,S=-5:2,S", base: "1.h,S=-5", stored: nil, network: nil),
        NameCase(name: "1.h:2,S,S=5", base: "1.h", stored: nil, network: nil),
        NameCase(name: "S=5,S=6", base: "S=5,S=6", stored: 6, network: nil),
        NameCase(
            name: "1.h,S=99999999999999999999:2,", base: "1.h,S=99999999999999999999",
            stored: nil, network: nil),
        NameCase(name: "", base: "", stored: nil, network: nil),
        NameCase(name: ":2,", base: "", stored: nil, network: nil),
    ])
    func readsTheBaseAndTheSizes(_ want: NameCase) {
        let name = MaildirName(Array(want.name))
        #expect(String(latin1: name.base) == want.base)
        #expect(name.storedSize == want.stored)
        #expect(name.networkSize == want.network)
    }

    struct InfoCase: Sendable {
        let text: String
        let flags: MaildirFlags
        let keywords: UInt32
        /// What is written back without a change.
        let suffix: String
    }

    @Test(arguments: [
        InfoCase(text: "2,", flags: [], keywords: 0, suffix: ":2,"),
        InfoCase(
            text: "2,DFPRST", flags: [.draft, .flagged, .passed, .replied, .seen, .trashed],
            keywords: 0, suffix: ":2,DFPRST"),
        InfoCase(text: "2,SF", flags: [.flagged, .seen], keywords: 0, suffix: ":2,FS"),
        InfoCase(text: "2,SSS", flags: .seen, keywords: 0, suffix: ":2,S"),
        InfoCase(text: "2,Sazb", flags: .seen, keywords: 1 << 25 | 3, suffix: ":2,Sabz"),
        InfoCase(text: "2,SXA1", flags: .seen, keywords: 0, suffix: ":2,1ASX"),
        InfoCase(text: "2,S,T=4,a", flags: .seen, keywords: 0, suffix: ":2,S,T=4,a"),
        InfoCase(text: "2,,S", flags: [], keywords: 0, suffix: ":2,,S"),
        InfoCase(text: "1,S", flags: [], keywords: 0, suffix: ":2,"),
        InfoCase(text: "2S", flags: [], keywords: 0, suffix: ":2,"),
        InfoCase(text: "", flags: [], keywords: 0, suffix: ":2,"),
    ])
    func readsFlagsAndKeepsWhatItDoesNotKnow(_ want: InfoCase) {
        let info = MaildirInfo(parsing: Array(want.text))
        #expect(info.flags == want.flags)
        #expect(info.keywords == want.keywords)
        #expect(String(latin1: info.suffix) == want.suffix)
    }

    @Test func changesFlagsInANameAndKeepsTheRest() {
        let name = MaildirName(Array("1.M1P1.h,S=5:2,FXb,extra"))
        var info = name.info
        info.flags.insert(.seen)
        info.keywords |= 1
        let changed = MaildirName(base: name.base, info: info)
        #expect(String(latin1: changed.bytes) == "1.M1P1.h,S=5:2,FSXab,extra")
        #expect(changed.base == name.base)
    }

    @Test func makesNamesThatDifferAndHoldNoSeparator() throws {
        var names = UniqueNames(host: "a/b:c,d e")
        var seen: Set<[UInt8]> = []
        for _ in 0..<1000 { seen.insert(try names.next()) }
        #expect(seen.count == 1000)
        let name = try names.next()
        #expect(String(latin1: name).hasSuffix(".a\\057b\\072c\\054d_e"))
        #expect(!name.contains(UInt8(ascii: "/")) && !name.contains(.colon))
    }

    @Test func namesOfTwoSourcesDifferAtTheSameMoment() throws {
        // As two processes with one number in two containers with one host name.
        var (first, second) = (UniqueNames(host: "h"), UniqueNames(host: "h"))
        var seen: Set<[UInt8]> = []
        for _ in 0..<1000 {
            seen.insert(try first.next())
            seen.insert(try second.next())
        }
        #expect(seen.count == 2000)
    }

    @Test(arguments: [
        ("", 0, 0), ("a", 1, 1), ("\n", 1, 2), ("\r\n", 2, 2), ("a\nb\r\nc\rd\n", 9, 11),
        ("\n\n\r\n", 4, 6),
    ])
    func countsBothSizesHoweverTheOctetsAreCut(_ text: String, _ stored: Int, _ network: Int) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var sizes = MessageSizes()
            sizes.count(bytes[..<cut])
            sizes.count(bytes[cut...])
            #expect(sizes.stored == stored)
            #expect(sizes.network == network)
        }
    }
}
