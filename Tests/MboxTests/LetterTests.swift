import Bytes
import Mbox
import Posix
import TestSupport
import Testing

let from = "From a@b  Sat Nov 21 09:00:00 2026\n"
/// Of a letter whose writer says that it quotes.
let quotingFrom = "From mboxrd@localhost  Sat Nov 21 09:00:00 2026\n"

func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

func letters(_ text: String) throws -> (letters: [Letter], visible: [[UInt8]]) {
    let directory = try TemporaryDirectory()
    let path = try directory.file("mbox", text)
    let mailbox = try LockedMbox.open(path, for: .reading)
    let found = try mailbox.letters()
    let whole = octets(text)
    return (found, found.map { $0.visibleParts.flatMap { whole[$0] } })
}

struct ScanCase: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let visible: [String]
    init(_ name: String, _ text: String, _ visible: [String]) {
        (self.name, self.text, self.visible) = (name, text, visible)
    }
    var testDescription: String { name }
}

@Suite struct LetterTests {
    @Test(arguments: [
        ScanCase("empty", "", []),
        ScanCase("one", from + "S: x\n\nbody\n\n", ["S: x\n\nbody\n"]),
        ScanCase(
            "two", from + "S: x\n\na\n\n" + from + "S: y\n\nb\n\n",
            ["S: x\n\na\n", "S: y\n\nb\n"]),
        ScanCase("no last empty line", from + "S: x\n\nbody", ["S: x\n\nbody"]),
        ScanCase("no body", from + "S: x\n\n" + from + "S: y\n\n\n", ["S: x\n\n", "S: y\n\n"]),
        ScanCase("header only", from + "S: x\n", ["S: x\n"]),
        ScanCase(
            "From_ without empty line", from + "S: x\n\na\n" + from + "b\n\n",
            ["S: x\n\na\n" + from + "b\n"]),
        ScanCase(
            "no date", from + "S: x\n\na\n\nFrom here on\n\n", ["S: x\n\na\n\nFrom here on\n"]),
        ScanCase("leading empty lines", "\n\n" + from + "S: x\n\na\n\n", ["S: x\n\na\n"]),
        ScanCase("several empty lines", from + "S: x\n\na\n\n\n\n", ["S: x\n\na\n\n\n"]),
        ScanCase(
            "hidden lines",
            from + "Status: RO\nS: x\nX-UID: 7\nx-status: A\nX-Keywords: a\n b\n\na\n\n",
            ["S: x\n\na\n"]),
        ScanCase(
            "length over From_",
            from + "Content-Length: \(from.utf8.count + 6)\n\na\n\n"
                + from + "\nb\n\n", ["\na\n\n" + from + "\nb\n"]),
        ScanCase(
            "length without the last line end",
            from + "Content-Length: 39\n\n" + from + "last\n"
                + "\n" + from + "\nb\n\n", ["\n" + from + "last", "\nb\n"]),
        ScanCase(
            "length to the middle", from + "Content-Length: 2\n\nabc\n\n" + from + "\nb\n\n",
            ["\nabc\n", "\nb\n"]),
        ScanCase(
            "length beyond the end", from + "Content-Length: 99999999999999999999\n\na\n\n",
            ["\na\n"]),
        ScanCase(
            "CRLF", from + "S: x\r\n\r\na\r\n\r\n" + from + "S: y\n\nb\n\n",
            ["S: x\r\n\r\na\r\n", "S: y\n\nb\n"]),
    ])
    func findsLetters(_ wanted: ScanCase) throws {
        let (found, visible) = try letters(wanted.text)
        #expect(visible == wanted.visible.map(octets))
        for (letter, visible) in zip(found, wanted.visible) {
            let crlf = octets(visible).indices.filter { index in
                let bytes = octets(visible)
                return bytes[index] == 10 && (index == 0 || bytes[index - 1] != 13)
            }.count
            #expect(letter.size == visible.utf8.count + crlf)
        }
        #expect(found.last?.next ?? 0 == wanted.text.utf8.count)
    }

    @Test func countsQuotedLines() throws {
        let text = quotingFrom + "S: x\n>From h\n\n>From a\n>>From b\n> From c\n\n"
        let letter = try #require(try letters(text).letters.first)
        #expect(letter.isQuoted)
        #expect(letter.size == 5 + 8 + 1 + 8 + 9 + 9 + 6 - 2)
    }

    @Test func altersNothingOfWritersThatQuoteOtherwise() throws {
        let text = from + "S: x\n\n>From a\n>>From b\n\n"
        let letter = try #require(try letters(text).letters.first)
        #expect(!letter.isQuoted)
        #expect(letter.size == 5 + 1 + 8 + 9 + 4)
    }

    @Test func doesNotUnquoteWhatHasATrueLength() throws {
        let text = quotingFrom + "Content-Length: 8\n\n>From a\n\n"
        let letter = try #require(try letters(text).letters.first)
        #expect(!letter.isQuoted)
        #expect(letter.size == 2 + 9)
    }

    @Test func refusesWhatIsNoMbox() throws {
        #expect(throws: MboxError.self) { try letters("hello\n\n" + from) }
    }

    @Test func findsTheSameLettersAcrossWindows() throws {
        let long = String(repeating: "x", count: 200_000)
        let body = String(repeating: long + "\r\n>From q\n", count: 12)
        let (found, visible) = try letters(
            quotingFrom + "S: \(long)\n\n\(body)\n" + from + "S: y\n\nb\n\n")
        #expect(visible == [octets("S: \(long)\n\n\(body)"), octets("S: y\n\nb\n")])
        #expect(found.first?.size == 200_003 + 4 + body.utf8.count + 12 - 12)
    }

    @Test func readsTheStatusLines() throws {
        let text =
            from + "X-IMAPbase: 1234567890 0000000007 $Forwarded Work\nStatus: RO\n"
            + "X-Status: AF\nX-Keywords: Work      \nX-UID: 5\n\na\n\n"
        let status = try #require(try letters(text).letters.first).status
        #expect(
            status.base
                == .init(
                    validity: 1_234_567_890, lastUID: 7,
                    keywords: [octets("$Forwarded"), octets("Work")]))
        #expect(status.uid == 5 && status.has("R") && status.has("O"))
        #expect(status.hasFlag("A") && status.hasFlag("F") && !status.hasFlag("D"))
        #expect(status.keywords == [octets("Work")] && !status.isPseudo)
    }
}

@Suite struct LetterTextTests {
    @Test(arguments: [
        ("a\n", "a\n\n"), ("a", "a\n\n"), ("", "\n\n"), ("From x\n", ">From x\n\n"),
        (">From x\n", ">>From x\n\n"), (">>From \nb", ">>>From \nb\n\n"), ("From", "From\n\n"),
        ("Fro\nFrom x", "Fro\n>From x\n\n"), ("> From x\n", "> From x\n\n"),
        ("aFrom x\n", "aFrom x\n\n"), ("FFrom x\n", "FFrom x\n\n"), (">", ">\n\n"),
        ("\n\nFrom y\n\n", "\n\n>From y\n\n\n"), ("Fr>From z\n", "Fr>From z\n\n"),
    ])
    func quotes(_ content: String, _ wanted: String) throws {
        let bytes = octets(content)
        for cut in 0...bytes.count {
            let directory = try TemporaryDirectory()
            var text = LetterText()
            text.begin(sender: octets("a@b"), date: 1_795_251_600)
            text.write(bytes[..<cut])
            text.write(bytes[cut...])
            text.end()
            var mailbox = try LockedMbox.open(
                directory.path / "mbox", for: .writing,
                rules: OpeningRules(creation: OpeningRules.Creation()))
            try mailbox.append(text)
            let line = FromLine.format(sender: octets("a@b"), date: 1_795_251_600)
            #expect(try directory.content("mbox") == line + octets(wanted))
        }
    }
}
