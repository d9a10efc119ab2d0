import Testing

@testable import Formail

@Suite struct SplittingTests {
    private func split(_ words: [String], _ text: String) throws -> [String] {
        var results: [[String]] = []
        for pieceSize in [1, 5, 65536] {
            let made = try formailLetters(words + ["-s"], Array(text.utf8), pieceSize: pieceSize)
            results.append(made.letters.map { String(decoding: $0, as: UTF8.self) })
        }
        #expect(results[0] == results[1] && results[1] == results[2])
        return results[0]
    }

    private static let one = "From a@b  Sat Nov 21 09:00:00 2026\nSubject: 1\n\nx\n\n"
    private static let two = "From c@d  Sat Nov 21 09:00:00 2026\nSubject: 2\n\ny\n\n"

    @Test func anEmptyLineAndAFromLineBeginALetter() throws {
        #expect(try split([], Self.one + Self.two) == [Self.one, Self.two])
        #expect(try split(["+1"], Self.one + Self.two) == [Self.two])
        #expect(try split(["-1"], Self.one + Self.two) == [Self.one])
        #expect(try split(["-0"], Self.one + Self.two) == [])
        #expect(try split([], "\n\n") == [])
    }

    @Test func withoutEmptyLineItIsQuotedButForDashE() throws {
        let joined = Self.one.dropLast() + Self.two
        #expect(try split([], String(joined)) == [Self.one.dropLast() + ">" + Self.two])
        #expect(try split(["-e"], String(joined)) == [Self.one, Self.two])
    }

    @Test func aFromLineWithNothingBehindItIsText() throws {
        #expect(try split([], "From a b\nA: b\n\nx\n\nFrom \n\nFrom x\n\n").count == 1)
        // A postmark without a letter's fields is none; it stays as it is, as in Debian's.
        let text = "From a b\nA: b\n\nx\n\nFrom the start\nno field\n\n"
        #expect(try split([], text) == [text])
        #expect(try split(["-m1"], text).count == 2)
    }

    @Test func theLineBehindAHeaderIsNoPostmark() throws {
        let text = "From a b\nSubject: x\nFrom c d\nSubject: y\n\n"
        #expect(try split([], text) == ["From a b\nSubject: x\n\n>From c d\nSubject: y\n\n"])
    }

    @Test func digestsAreSplitAtKnownFields() throws {
        let digest =
            "From: list\n\nintro\n\nDate: 1\nFrom: a\n\nx\n\nStrange: y\nFrom: z\n\nArticle 5 of g\nFrom: b\n\ny\n\n"
        let letters = try split(["-fd"], digest)
        #expect(letters.count == 3)
        #expect(letters.first == "From: list\n\nintro\n\n")
        #expect(letters.last == "Article:5 of g\nFrom: b\n\ny\n\n")
    }

    @Test func theLengthOfABodyIsBelieved() throws {
        let body = "x\n\nFrom a b\nSubject: inside\n\n"
        let text = "From a b\nContent-Length: \(body.utf8.count)\n\n\(body)\(Self.two)"
        #expect(try split([], text).count == 2)
        #expect(try split(["-Y"], text).count == 3)
        #expect(try split([], "From a b\nContent-Length: 99999999999999999999\n\nx\n").count == 1)
    }

    @Test func babylFilesAreSplit() throws {
        let file =
            "BABYL OPTIONS:\nVersion: 5\n\u{1f}\u{c}\n1,,\nDate: 1\nFrom: a\n\n*** EOOH ***\nFrom: a\n\nx\n"
            + "\u{1f}\u{c}\n1,,\nDate: 2\nFrom: b\n\n*** EOOH ***\nFrom: b\n\ny\n\u{1f}"
        #expect(
            try split(["-fB"], file) == ["Date: 1\nFrom: a\n\n\nx\n", "Date: 2\nFrom: b\n\n\ny\n"])
        // Debian's waits for ever.
        #expect(try split(["-fB"], "no babyl\n") == [])
    }
}

@Suite struct LetterNumberTests {
    @Test(
        arguments: [
            (nil, ["000", "001"]), ("7", ["7", "8"]), ("0099", ["0099", "0100"]), ("", ["0", "1"]),
            ("-02", ["-2", "-1", "00", "01"]), ("x", ["x", "x"]), ("5x", ["5x", "5x"]),
            ("9223372036854775807", ["9223372036854775807", "9223372036854775807"]),
        ] as [(String?, [String])])
    func countsAsWideAsItBegan(_ start: String?, _ want: [String]) {
        var number = LetterNumber(start.map { Array($0.utf8) })
        for text in want {
            number.advance()
            #expect(String(decoding: number.text, as: UTF8.self) == text)
        }
    }
}
