import LocalSubmission
import Posix
import TestSupport
import Testing

@testable import Sendmail

@Suite struct MessageInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let input: String
        let want: String
        var ignoresDots = false
        var endings = SubmissionSettings.LineEndings.always
        var testDescription: String { input.debugDescription }
    }

    static let table: [Case] = [
        Case(input: "", want: ""), Case(input: "a", want: "a\n"), Case(input: "a\n", want: "a\n"),
        Case(input: "a\n.\nb\n", want: "a\n"), Case(input: "a\n.", want: "a\n"),
        Case(input: "a\n.\nb\n", want: "a\n.\nb\n", ignoresDots: true),
        Case(input: "..\n.x\n", want: "..\n.x\n"), Case(input: "a\r\n.\r\nb", want: "a\n"),
        Case(input: "From x\n>From y\na\nFrom z\n", want: "a\nFrom z\n"),
        Case(input: "a\r\nb\rc\r\n", want: "a\nb\rc\n"),
        Case(input: "a\r\nb\r\n", want: "a\r\nb\r\n", endings: .never),
        Case(input: "a\nb\r\n", want: "a\nb\r\n", endings: .strict),
        Case(input: "a\r\nb\r\n", want: "a\nb\n", endings: .strict),
        Case(input: "\n\n", want: "\n\n"),
        Case(
            input: String(repeating: "x", count: 70_000) + "\n.\n",
            want: String(repeating: "x", count: 70_000) + "\n"),
        Case(
            input: String(repeating: "x", count: 65_535) + ".\n",
            want: String(repeating: "x", count: 65_535) + ".\n"),
    ]

    @Test(arguments: table)
    func readsLines(_ row: Case) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("in", row.input)
        var input = MessageInput(
            try FileDescriptor.open(file), ignoresDots: row.ignoresDots, endings: row.endings)
        var found: [UInt8] = []
        while let line = try input.next() { found += line }
        #expect(String(decoding: found, as: UTF8.self) == row.want)
    }

    @Test func readsTheSameInSinglePieces() throws {
        let text = "From x\nSubject: y\r\n\r\nbody\n..\nend"
        let pipe = try Pipe()
        if let child = try Process.fork() {
            var input = MessageInput(
                pipe.keepReading(), ignoresDots: false, endings: .always)
            var found: [UInt8] = []
            while let line = try input.next() { found += line }
            _ = try Process.wait(child)
            #expect(String(decoding: found, as: UTF8.self) == "Subject: y\n\nbody\n..\nend\n")
        } else {
            for byte in text.utf8 { try? pipe.writing.write([byte]) }
            Process.leave(0)
        }
    }
}
