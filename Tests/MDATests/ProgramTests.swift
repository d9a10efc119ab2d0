import Bytes
import LocalDelivery
import Posix
import TestSupport
import Testing

/// The built `mda`, run as whoever runs the tests.
@Suite struct ProgramTests {
    private func run(
        _ directory: TemporaryDirectory, _ recipes: String, letter: String = "Subject: x\n\nbody\n",
        arguments: [String] = []
    ) throws -> Int32? {
        Signal.ignoreWriteSignals()
        try directory.file("rc", recipes)
        let program = try Process.programPath.parent / "mda"
        let words = ["DEFAULT=default", "ORGMAIL=orgmail", "LOGFILE=log"] + arguments + ["./rc"]
        let line = "cd \(directory.path) && exec \(program) \(words.joined(separator: " "))"
        let run = ProgramRun(
            command: .shell(
                path: Array("/bin/sh".utf8), flag: Array("-c".utf8), line: Array(line.utf8)),
            environment: [Array("PATH=/usr/bin:/bin".utf8)])
        var left = Array(letter.utf8)[...]
        let report = try run.run { () throws(SystemError) in
            defer { left = [] }
            return Array(left)
        }
        guard case .exited(let status) = report.ending else { return nil }
        return status
    }

    private func text(_ directory: TemporaryDirectory, _ name: String) throws -> String {
        String(decoding: try directory.content(name), as: UTF8.self)
    }

    @Test func aLetterWithoutFromLineGetsOneInAnMbox() throws {
        let directory = try TemporaryDirectory()
        let letter = "Return-Path: <a@b>\nSubject: x\n\nbody"
        #expect(try run(directory, ":0:\nbox\n", letter: letter) == 0)
        #expect(try run(directory, ":0:\nbox\n", letter: letter) == 0)
        let box = try text(directory, "box")
        #expect(box.hasPrefix("From a@b  "))
        #expect(box.hasSuffix("body\n\n"))
        #expect(box.split(separator: "\n").count { $0.hasPrefix("From ") } == 2)
    }

    @Test func nothingIsLeftBesideAFolder() throws {
        let directory = try TemporaryDirectory()
        #expect(try run(directory, ":0:\nbox\n") == 0)
        #expect(Set(try directory.path.list()) == ["rc", "box", "log"])
    }

    @Test func aNulDoesNotHideAForgedFromLine() throws {
        let directory = try TemporaryDirectory()
        let letter = "Subject: x\n\na\0b\n\nFrom evil@x  Thu Jan  1 00:00:00 1970\nSubject: y\n"
        #expect(try run(directory, ":0\nbox\n", letter: letter) == 0)
        #expect(try text(directory, "box").contains("\n>From evil@x"))
    }

    @Test func anEmptyLetterIsTriedAgain() throws {
        #expect(try run(TemporaryDirectory(), ":0\nbox\n", letter: "") == 75)
    }

    @Test func aProgramThatDoesNotExistHasNotTakenTheLetter() throws {
        let directory = try TemporaryDirectory()
        #expect(try run(directory, ":0\n| /nonexistent/prog\n") == 0)
        #expect(try text(directory, "default").contains("body"))
    }

    @Test func aFileOfRandomOctetsLosesNothing() throws {
        for _ in 0..<10 {
            let directory = try TemporaryDirectory()
            let noise = try randomBytes(300).map { String(UnicodeScalar($0 & 0x7F)) }.joined()
            let status = try run(directory, "SHELL=/bin/true\nPATH=/none\n:0c\nfirst\n'" + noise)
            #expect(status == 0)
            #expect(try text(directory, "first").contains("body"))
        }
    }

    @Test func aSuspiciousNameIsAFile() throws {
        let directory = try TemporaryDirectory()
        #expect(try run(directory, ":0\n{x\n") == 0)
        #expect(try text(directory, "{x").contains("body"))
    }
}
