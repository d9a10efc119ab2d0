import Bytes
import Testing

@testable import SMTPGrammar

/// The octets after DATA: where they end, and what is kept of them.
@Suite struct ContentDecoderTests {
    /// What a message with this ending leaves, and what is left of a second one behind it.
    static func decode(_ input: [UInt8]) -> (content: [UInt8], rest: Int, hasEnded: Bool) {
        var decoder = ContentDecoder()
        var content: [UInt8] = []
        let end = decoder.decode(input.span, from: 0, into: &content)
        return (content, input.count - end, decoder.hasEnded)
    }

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    struct Case: Sendable {
        let input: String
        let content: String
    }

    @Test(arguments: [
        Case(input: ".\r\n", content: ""),
        Case(input: "a\r\n.\r\n", content: "a\n"),
        Case(input: "..\r\n.\r\n", content: ".\n"),
        Case(input: ".a\r\n.\r\n", content: "a\n"),
        Case(input: "a\nb\r\n.\r\n", content: "a\nb\n"),
        Case(input: "a\rb\r\n.\r\n", content: "a b\n"),
        Case(input: "a\r\r\n\r\n.\r\n", content: "a\n\n"),
        Case(input: "\r\n\r\n.\r\n", content: "\n\n"),
        Case(input: "a\0b\r\n.\r\n", content: "a\0b\n"),
        Case(input: "a.\r\n.\r\n", content: "a.\n"),
    ])
    func keepsContent(_ form: Case) {
        let found = Self.decode(Self.bytes(form.input))
        #expect(found.content == Self.bytes(form.content))
        #expect(found.hasEnded)
        #expect(found.rest == 0)
    }

    /// Endings that some server takes for the end of the content (CVE-2023-51764 and its kin).
    static let smugglers = [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r\r\n.\r\r\n", "\r\n.\r\r\n", "\r.\r", "\r.\r\n",
        "\r\n.\r", "\r.\n", "\n.\r", "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\n. \r\n", "\r\n.\t\r\n",
        "\u{B}.\u{B}", "\u{C}.\u{C}", "\u{85}.\u{85}", "\u{2028}.\u{2028}", "\n\n.\n\n",
        "\r\n..\r\n",
    ]

    @Test(arguments: smugglers)
    func endsOnlyAtTheDotBetweenLineEnds(_ ending: String) {
        let second = "MAIL FROM:<evil@example.org>\r\nRCPT TO:<alice>\r\nDATA\r\nx"
        let input = Self.bytes("Subject: one\r\n\r\nbody" + ending + second + "\r\n.\r\n")
        let found = Self.decode(input)
        #expect(found.hasEnded)
        #expect(found.rest == 0)
        #expect(String(latin1: found.content).contains("evil@example.org"))
        #expect(!found.content.contains(.cr))
    }

    @Test(arguments: smugglers + ["\r\n.\r\n", "a\r\r\r\rb\r\n.\r\n"])
    func isTheSameWhereverTheInputIsCut(_ ending: String) {
        let input = Self.bytes("one\r\n.two\nthree" + ending + "four\r\n.\r\n")
        let whole = Self.decode(input)
        for cut in input.indices {
            var decoder = ContentDecoder()
            var content: [UInt8] = []
            let head = Array(input[..<cut])
            var end = decoder.decode(head.span, from: 0, into: &content)
            if !decoder.hasEnded {
                let tail = Array(input[cut...])
                end += decoder.decode(tail.span, from: 0, into: &content)
            }
            #expect(content == whole.content)
            #expect(input.count - end == whole.rest)
        }
    }

    @Test func holdsBackFewCarriages() {
        var decoder = ContentDecoder()
        var content: [UInt8] = []
        let input = [UInt8](repeating: .cr, count: 100_000)
        _ = decoder.decode(input.span, from: 0, into: &content)
        #expect(content.count >= 100_000 - 16)
    }

    @Test(arguments: [
        Case(input: "a\n", content: "a\r\n.\r\n"),
        Case(input: ".a\n..\n", content: "..a\r\n...\r\n.\r\n"),
        Case(input: "a\rb", content: "ab\r\n.\r\n"),
        Case(input: "\n.\n", content: "\r\n..\r\n.\r\n"),
        Case(input: "", content: ".\r\n"),
    ])
    func encodesWhatTheNextServerCannotMistake(_ form: Case) {
        var encoder = ContentEncoder()
        var out: [UInt8] = []
        for byte in Self.bytes(form.input) { encoder.encode([byte].span, into: &out) }
        encoder.finish(into: &out)
        #expect(out == Self.bytes(form.content))
    }
}
