import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

@Suite struct MessageContentTests {
    /// A message with this stored text, cut into parts of the file at `cuts`.
    private func content(
        _ text: [UInt8], unquoting: Bool = false, cuts: [Int] = []
    ) throws -> MessageContent {
        let file = try FileDescriptor.inMemory()
        try file.write(text)
        let edges = [0] + cuts + [text.count]
        let parts = zip(edges, edges.dropFirst()).map { $0..<$1 }
        return MessageContent(
            StoredMessage(descriptor: file, parts: parts, hasQuotedFromLines: unquoting))
    }

    @Test(arguments: [
        ("", ""), ("a", "a"), ("\n", "\r\n"), ("a\nb\n", "a\r\nb\r\n"), ("a\r\nb\n", "a\r\nb\r\n"),
        ("a\rb\n", "a\rb\r\n"), ("a\r\r\nb", "a\r\r\nb"), ("\r", "\r"),
        ("\n\r\n\n", "\r\n\r\n\r\n"),
        ("a\u{0}b", "a\u{80}b"), ("\u{0}\n", "\u{80}\r\n"),
    ])
    func sendsCRLFAndNoNULHoweverItIsRead(_ stored: String, _ sent: String) throws {
        let text = stored.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        let want = sent.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        for cut in 0...text.count {
            let content = try content(text, cuts: [cut])
            #expect(try content.whole(limit: 100) == want)
            #expect(try content.size() == want.count)
        }
        for start in 0...want.count {
            for count in 0...want.count {
                let content = try content(text)
                let part = try content.read(at: start, count: count)
                #expect(part == Array(want[start...].prefix(count)))
            }
        }
    }

    @Test(arguments: [
        ("A: b\n\n>From x\n", "A: b\r\n\r\nFrom x\r\n"),
        ("A: b\n\n>>From x\n>From", "A: b\r\n\r\n>From x\r\n>From"),
        ("A: b\n>From x\n\nFrom y\n", "A: b\r\n>From x\r\n\r\nFrom y\r\n"),
        (
            "A: b\n\n>Frog\n>F\n>\n>>\nx>From \n",
            "A: b\r\n\r\n>Frog\r\n>F\r\n>\r\n>>\r\nx>From \r\n"
        ),
        ("\n>From ", "\r\nFrom "), ("\n>>>>", "\r\n>>>>"), ("\n> From x", "\r\n> From x"),
        ("\n>>F>From \n", "\r\n>>F>From \r\n"), ("\n\n\n>From \n", "\r\n\r\n\r\nFrom \r\n"),
    ])
    func undoesTheQuotingOfFromLinesBehindTheHeader(_ stored: String, _ sent: String) throws {
        let text = Array(stored.utf8)
        for cut in 0...text.count {
            let content = try content(text, unquoting: true, cuts: [cut])
            #expect(String(latin1: try content.whole(limit: 100)) == sent)
            var form = NetworkForm(unquotesFromLines: true)
            var out: [UInt8] = []
            form.convert(Array(text[..<cut]), into: &out)
            form.convert(Array(text[cut...]), into: &out)
            form.finish(into: &out)
            #expect(String(latin1: out) == sent)
        }
    }

    @Test func windowsOfALargeMessageJoinToTheWhole() throws {
        var text: [UInt8] = []
        for line in 0..<40_000 { text += "line \(line)\(line % 3 == 0 ? "\r" : "")\n" }
        let whole = try content(text).whole(limit: 1 << 24)
        for window in [1000, 65_536, 65_537, 300_000] {
            let content = try content(text)
            var joined: [UInt8] = []
            while true {
                let part = try content.read(at: joined.count, count: window)
                if part.isEmpty { break }
                joined += part
            }
            #expect(joined == whole)
            // Backwards, as no client does.
            let near = try content.read(at: 70_000, count: 10)
            #expect(near == Array(whole[70_000..<70_010]))
            #expect(try content.read(at: 5, count: 3) == Array(whole[5..<8]))
            #expect(try content.size() == whole.count)
            #expect(try content.read(at: whole.count, count: 1).isEmpty)
        }
    }

    @Test(arguments: [
        ("A: b\n\nbody\n", "A: b\r\n\r\n"), ("A: b\n", "A: b\r\n"), ("\nbody", "\r\n"),
        ("", ""), ("A: b\r\n\r\nbody", "A: b\r\n\r\n"), ("A: b", "A: b"),
    ])
    func theHeaderEndsWithTheEmptyLine(_ stored: String, _ header: String) throws {
        let text = Array(stored.utf8)
        #expect(String(latin1: try content(text).header()) == header)
    }

    @Test func aLongHeaderIsFoundAndAnEndlessOneCut() throws {
        let line = Array("X: y\n".utf8)
        let long = [[UInt8]](repeating: line, count: 30_000).flatMap { $0 } + Array("\nbody".utf8)
        #expect(try content(long).header().count == 180_002)
        #expect(try content(long).header(limit: 1000).count == 1000)
    }

    @Test func wholeRefusesMoreThanItsLimit() throws {
        #expect(throws: StoreError.self) { try content(Array("abc\n".utf8)).whole(limit: 4) }
        #expect(try content(Array("abc\n".utf8)).whole(limit: 5).count == 5)
    }

    @Test func doesNotTakeTimeInTheSquareOfQuotes() throws {
        let text = Array("\n".utf8) + [UInt8](repeating: .greater, count: 1 << 20)
        let start = Clock.monotonic
        #expect(try content(text, unquoting: true).size() == text.count + 1)
        #expect(Clock.monotonic - start < 5000)
    }

    @Test(arguments: [
        ("a\r\nb\r\n", "a\nb\n"), ("a\nb", "a\nb"), ("a\rb\r", "a\rb\r"), ("\r\r\n", "\r\r\n"),
        ("a\u{0}b", "a\u{80}b"), ("\r\u{0}\r\n", "\r\u{80}\n"), ("\r\n\r\n", "\n\n"), ("", ""),
    ])
    func storesLFHoweverTheOctetsAreCut(_ sent: String, _ stored: String) {
        let text = sent.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        let want = stored.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        for cut in 0...text.count {
            var form = StoredForm()
            let out =
                form.convert(Array(text[..<cut])) + form.convert(Array(text[cut...]))
                + form.finish()
            #expect(out == want)
        }
    }
}
