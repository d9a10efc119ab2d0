import Bytes
import Testing

@testable import Formail

/// Letters and options, and what Debian's formail makes of them too, but where a test says not.
@Suite struct ReformatterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let words: [String]
        let letter: String
        let want: String
        var status: Int32 = 0

        var testDescription: String { "\(words) on \(letter.debugDescription)" }
    }

    static let letter = """
        From a@b.example  Sat Nov 21 08:00:00 2026
        Subject: one
        X-Foo: a
         folded
        From: Ann <ann@x.example>
        X-Foo: b
        Message-ID: <1@x>

        text
        From here

        """
    static let line = "From a@b.example  Sat Nov 21 08:00:00 2026\n"

    static let headers = [
        Case(
            words: [], letter: "\n\nSubject: x\n\nbody",
            want: "From foo@bar  \(now)\nSubject: x\n\nbody\n\n"),
        Case(words: [], letter: "", want: "From foo@bar  \(now)\n\n"),
        Case(words: ["-f"], letter: "Subject : x\n\nFrom a\n", want: "Subject: x\n\n>From a\n\n"),
        Case(words: ["-fb"], letter: "A: x\n\nFrom a\n", want: "A: x\n\nFrom a\n\n"),
        Case(words: ["-fp", "| "], letter: "A: x\n\nFrom a\n", want: "A: x\n\n| From a\n\n"),
        Case(words: ["-x", "Subject"], letter: letter, want: " one\n"),
        Case(words: ["-zx", "subject:"], letter: letter, want: "one\n"),
        Case(words: ["-x", "X-"], letter: letter, want: " a\n folded\n b\n"),
        Case(words: ["-cX", "X-Foo:"], letter: letter, want: "X-Foo: a  folded\nX-Foo: b\n"),
        Case(words: ["-X", "From "], letter: letter, want: line),
        Case(words: ["-kX", "Subject:"], letter: "Subject: x\n\nb\n", want: "Subject: x\n\nb\n\n"),
        Case(words: ["-I", ""], letter: "A: b\n\nbody\n", want: "\nbody\n\n"),
        Case(
            words: ["-X", "Subject:", "-u", "X-", "-X", "X-"], letter: letter,
            want: "Subject: one\nX-Foo: a\n folded\n"),
        Case(words: ["-U", "X-", "-X", "X-"], letter: letter, want: "X-Foo: b\n"),
        Case(
            words: ["-i", "X-Foo: new", "-X", "X-", "-X", "Old-"], letter: letter,
            want: "Old-X-Foo: a\n folded\nOld-X-Foo: b\nX-Foo: new\n"),
        Case(
            words: ["-I", "Subject: new", "-X", "Subject"], letter: letter, want: "Subject: new\n"),
        Case(
            words: ["-a", "Subject: other", "-a", "To: me", "-X", "Subject", "-X", "To:"],
            letter: letter, want: "Subject: one\nTo: me\n"),
        Case(
            words: ["-A", "Subject: two", "-X", "Subject"], letter: letter,
            want: "Subject: one\nSubject: two\n"),
        Case(
            words: ["-R", "Subject:", "X-Old-Subject:", "-X", "X-Old"], letter: letter,
            want: "X-Old-Subject: one\n"),
        Case(
            words: ["-R", "X-", "Y-", "-X", "Y-"], letter: letter,
            want: "Y-Foo: a\n folded\nY-Foo: b\n"),
        Case(
            words: ["-R", "From ", "X-From_:"], letter: "From a b\n>From c d\nA: b\n\n",
            want: "X-From_:a b\n From c d\nA: b\n\n"),
        Case(
            words: ["-a", "Message-ID:", "-fX", "Message-ID:"], letter: "A: b\n\n",
            want: "Message-ID: <new@here>\n"),
        Case(words: ["-z"], letter: "From x y\nA:\nB: \nC:d\n\n", want: "From x y\nC: d\n\n"),
        Case(
            words: ["-a", "Date:"], letter: "Date: today\nFrom: <a@b.c>\n\n",
            want: "From a@b.c  today\nDate: today\nFrom: <a@b.c>\n\n"),
    ]
    static let now = "Sat Nov 21 09:00:00 2026"

    @Test(arguments: headers) func changesHeaders(_ c: Case) throws {
        for pieceSize in [1, 7, 65536] {
            let made = try formail(c.words, c.letter, pieceSize: pieceSize)
            #expect(made.output == c.want)
            #expect(made.status == c.status)
        }
    }

    static let replies = [
        Case(
            words: ["-r"], letter: letter,
            want: "To: a@b.example\nSubject: Re: one\nReferences: <1@x>\nIn-Reply-To: <1@x>\n\n"),
        Case(
            words: ["-rt"], letter: letter,
            want: "To: ann@x.example\nSubject: Re: one\nReferences: <1@x>\nIn-Reply-To: <1@x>\n\n"),
        // Debian's puts a second Re: in front on machines of 64 bits.
        Case(
            words: ["-r"], letter: "From: a@b.c\nSubject: RE: x\n\n",
            want: "To: a@b.c\nSubject: RE: x\n\n"),
        Case(words: ["-r"], letter: "X: y\n\n", want: "To: foo@bar\n\n", status: 67),
        Case(words: ["-r"], letter: "Return-Path: <>\nFrom: a@b.c\n\n", want: "To: <>\n\n"),
        Case(
            words: ["-r", "-A", "X-Loop: me"], letter: "From: a@b.c\nX-Loop: you\n\n",
            want: "X-Loop: you\nTo: a@b.c\nX-Loop: me\n\n"),
        Case(
            words: ["-rk"], letter: "From: a@b.c\n\nText\n\nFrom x\n",
            want: "To: a@b.c\n\n>Text\n\n>>From x\n\n"),
        Case(
            words: ["-rkb"], letter: "From: a@b.c\n\nText\nFrom x\n",
            want: "To: a@b.c\n\nText\nFrom x\n\n"),
        Case(
            words: ["-r", "-i", "Lines:"], letter: "From: a@b.c\nLines: 7\n\n",
            want: "Lines: 7\nTo: a@b.c\n\n"),
        Case(
            words: ["-r"], letter: "From: a@b.c\nReferences: <0@x>\nMessage-ID:<1@x>\n\n",
            want: "To: a@b.c\nReferences: <0@x> <1@x>\nIn-Reply-To: <1@x>\n\n"),
        // Debian's takes the reply's own To: for the second one.
        Case(words: ["-r", "-u", "To:"], letter: "From: a@b.c\nTo: me\n\n", want: "To: a@b.c\n\n"),
    ]

    @Test(arguments: replies) func makesHeadersOfAnswers(_ c: Case) throws {
        let made = try formail(c.words, c.letter)
        #expect(made.output == c.want)
        #expect(made.status == c.status)
    }

    static let addresses: [(String, String?)] = [
        ("a@b.c", "a@b.c"), ("Ann <a@b.c>", "a@b.c"), ("a@b.c (Ann (x) \\) y)", "a@b.c"),
        ("\"Ann, <x\" <a@b.c>", "a@b.c"), ("ann (x) @ b . c", "ann@b.c"), ("a@b.c, d@e.f", "a@b.c"),
        ("x <y <a@b.c>", "a@b.c"), ("<a,b@c.d>", "<a,b@c.d>"),
        ("G: a@b.c, d@e.f;", "G:a@b.c,d@e.f;"),
        ("\"x y\"@b.c", "\"x y\"@b.c"), ("<a@[1.2.3.4]>", "a@[1.2.3.4]"), ("", nil), (" \n\t", nil),
        (",a@b.c", ""), ("(only)", ""),
        // Not closed: read to the end, and no further.
        ("\"a b@c", "\"a b@c"), ("a@b.c (x", "a@b.c"), ("a@b.c\\", "a@b.c\\"), ("(x\\", ""),
        ("[1.2", "[1.2"), ("<\"a\\", "\"a\\"),
    ]

    @Test(arguments: addresses) func takesTheAddressOutOfAField(_ text: String, _ want: String?) {
        let found = AddressWord.address(in: Array(text.utf8))
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == want)
    }

    @Test(arguments: [
        ("ann  Sat Nov 21 2026 remote from host", "host!ann"),
        ("ann Sat remote from h1\n>From x Sat remote from h2", "h1!h2!x"),
        ("ann Sat forwarded by f", "f!ann"), ("ann@x y", "ann@x"), ("\n>From b@c d", "b@c"),
    ])
    func readsBangPathsOfFromLines(_ line: String, _ want: String) throws {
        #expect(try formail(["-r"], "From \(line)\n\n").output == "To: \(want)\n\n")
    }

    @Test func theLogHasTheSenderTheSubjectAndTheSize() throws {
        let made = try formail(["-l", "box"], Self.letter)
        #expect(
            made.output
                == Self.line + " Subject: one\n  Folder: box\t\t\t\t\t\t\t\t    144\n")
    }

    @Test func controlCharactersDoNotReachTheLog() throws {
        let made = try formail(["-l", "b\u{1b}x"], "From x y\u{1b}\nSubject: a\u{8}\0b\n\n")
        #expect(made.output.hasPrefix("From x y \n Subject: a  b\n  Folder: b x\t"))
    }

    @Test func aLetterWithoutHeaderCanBeLogged() throws {
        #expect(try formail(["-fl", "x"], "\n\n").output.hasSuffix("\t      1\n"))
    }

    @Test func aNulHidesNothing() throws {
        let letter = "Subject: a\0b\n\nx\0y\n\nFrom evil@x  Sat Nov 21 09:00:00 2026\n"
        let made = try formail(["-f"], letter)
        #expect(
            made.output == "Subject: a\0b\n\nx\0y\n\n>From evil@x  Sat Nov 21 09:00:00 2026\n\n")
    }

    @Test func duplicatesAreTold() throws {
        #expect(try formail(["-D", "100", "c"], "Message-ID: <1@x>\n\n").status == 1)
        // Without a Message-ID no letter is known.
        let twice = "From a b\nDate: x\n\nFrom a b\nDate: x\n\n"
        #expect(try formailLetters(["-D", "100", "c", "-s"], Array(twice.utf8)).letters.count == 2)
        let same = "From a b\nMessage-ID: <1@x>\n\nFrom a b\nMessage-ID: <1@x>\n\n"
        #expect(try formailLetters(["-D", "100", "c", "-s"], Array(same.utf8)).letters.count == 1)
    }
}
