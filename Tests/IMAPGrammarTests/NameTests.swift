import Bytes
import TestSupport
import Testing

@testable import IMAPGrammar

@Suite struct NameTests {
    @Test(arguments: [
        ("INBOX", "INBOX"), ("a&-b", "a&b"), ("&AOk-t&AOk-", "\u{E9}t\u{E9}"),
        ("&ZeVnLIqe-", "\u{65E5}\u{672C}\u{8A9E}"),
        ("&2D3eAA-", "\u{1F600}"), ("~peter/mail/&U,BTFw-/x", "~peter/mail/\u{53F0}\u{5317}/x"),
    ])
    func decodesAndEncodesNames(name: String, text: String) {
        #expect(
            ModifiedUTF7.decode(octets(name)).map { String(decoding: $0, as: UTF8.self) } == text)
        #expect(ModifiedUTF7.encode(octets(text)).map { String(latin1: $0) } == name)
    }

    @Test(arguments: [
        "&", "a&", "&AOk", "&AC8-", "&AC4ALg-", "&AGE-", "&AO-", "&AOkA-", "&2D0-", "&3gA-",
        "\u{E9}",
        "a\tb", "&AOk-&AOk-", "&AOl-", "&AOk=-", "&U/BTFw-", "&A-", "&#-",
    ])
    func refusesEveryOtherSpelling(name: String) {
        #expect(ModifiedUTF7.decode(Array(name.utf8)) == nil)
    }

    @Test(arguments: [
        ("*", "a/b", true), ("%", "a/b", false), ("%", "a", true), ("a/%", "a/b", true),
        ("a/%", "a/b/c", false),
        ("a*", "a", true), ("*b*", "abc", true), ("a", "A", false), ("inb*", "INBOX", true),
        ("INBOX", "INBOX", true), ("iNbOx", "INBOX", true), ("inbox/%", "INBOX/x", false),
        ("", "", true), ("", "a", false),
        ("%/%", "a/b", true), ("%*", "a/b", true), ("*%", "a/b", true), ("a%c/d", "abc/d", true),
        ("a%c", "ab/c", false), ("a*c", "ab/c", true),
    ])
    func matchesPatterns(pattern: String, name: String, want: Bool) {
        let pattern = ListPattern(octets(pattern), separator: UInt8(ascii: "/"))
        #expect(pattern.matches(octets(name)) == want)
    }

    @Test func matchingIsNotExponential() {
        let bomb = ListPattern(octets(String(repeating: "%*a", count: 1000)), separator: 0x2F)
        let name = octets(String(repeating: "a", count: 900))
        var isMatched = true
        let time = processorTime { isMatched = bomb.matches(name) }
        #expect(!isMatched)
        #expect(time < 5_000_000_000)
    }

    @Test(
        arguments: [
            ("1", 5, [1...1]), ("4:2", 5, [2...4]), ("*", 5, [5...5]), ("7:*", 5, [5...7]),
            ("1,2,3", 9, [1...3]),
            ("3:5,1:2,9", 9, [1...5, 9...9]), ("*:2", 4, [2...4]),
            ("1:4294967295,4294967295", 9, [1...4294967295]),
            ("*", 0, []), ("1:*", 0, []),
        ] as [(String, UInt32, [ClosedRange<UInt32>])])
    func resolvesSets(text: String, last: UInt32, want: [ClosedRange<UInt32>]) throws {
        var cursor = CommandCursor(CommandFrame(line: octets(text)))
        #expect(try SequenceSet.parse(&cursor).resolved(last: last) == want)
        #expect(cursor.isAtEnd)
    }

    @Test(
        arguments: [
            ([], ""), ([3], "3"), ([1, 2, 3, 5], "1:3,5"), ([5, 4, 3], "5,4,3"),
            ([4294967294, 4294967295], "4294967294:4294967295"),
        ] as [([UInt32], String)])
    func writesSets(numbers: [UInt32], want: String) {
        #expect(SequenceSet.text(of: numbers) == want)
    }
}
