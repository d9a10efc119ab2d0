import Bytes
import LocalDelivery
import Posix
import TestSupport
import Testing

/// `mda --explain` and `mda --check`, the built program.
@Suite struct ExplanationTests {
    private func run(
        _ directory: TemporaryDirectory, _ arguments: String, letter: String = letter
    ) throws -> (status: Int32?, output: String) {
        Signal.ignoreWriteSignals()
        let program = try Process.programPath.parent / "mda"
        let line = "cd \(directory.path) && exec \(program) \(arguments)"
        var run = ProgramRun(
            command: .shell(
                path: Array("/bin/sh".utf8), flag: Array("-c".utf8), line: Array(line.utf8)),
            environment: [Array("PATH=/usr/bin:/bin".utf8)])
        run.output = .captured(limit: 1 << 20)
        var left = Array(letter.utf8)[...]
        let report = try run.run { () throws(SystemError) in
            defer { left = [] }
            return Array(left)
        }
        guard case .exited(let status) = report.ending else { return (nil, "") }
        return (status, String(decoding: report.output, as: UTF8.self))
    }

    private static let letter = "From a@b  Thu Jan  1 00:00:00 1970\nSubject: Hi there\n\nbody\n"

    private static let recipes = """
        MAILDIR=.
        LOGFILE=log
        X=`touch backquoted`
        TRAP='touch trapped'
        :0 fw
        | tr a-z A-Z
        :0:
        * ^Subject:.*there
        * ! > 1000
        * ? touch asked
        * 2^1 e
        {
        :0 c
        {
        :0
        copy/
        }
        :0 E:
        other
        :0
        * ^Subject: No
        | touch piped
        :0:
        box
        }

        """

    @Test func explainsEachConditionAndWhereTheLetterWouldGo() throws {
        let directory = try TemporaryDirectory()
        try directory.file("rc", Self.recipes)
        let (status, output) = try run(directory, "--explain ./rc")
        #expect(status == 0)
        for line in [
            "     7  :0:", "holds: it occurs: \"Subject: Hi there\"", "holds: there are 60 octets",
            "would run: touch asked (taken to succeed)", "fails: it does not occur",
            "not tried; E: an earlier recipe of this chain has matched",
            "copy |", "would append the letter to the mbox \(directory.path)/box",
            "would take the lock \(directory.path)/box.lock", "not done: | touch piped",
            "The letter would go to: \(directory.path)/box",
        ] { #expect(output.contains(line)) }
        let copies = output.split(separator: "\n").filter { $0.hasPrefix("copy | The letter") }
        #expect(copies.count == 1)
        #expect(copies.allSatisfy { $0.contains("/copy") })
    }

    @Test func explainingChangesNothing() throws {
        let directory = try TemporaryDirectory()
        try directory.file("rc", Self.recipes)
        _ = try run(directory, "--explain DEFAULT=default ./rc")
        #expect(Set(try directory.path.list()) == ["rc"])
    }

    @Test func aLetterThatFallsThroughIsFollowedToItsDefault() throws {
        let directory = try TemporaryDirectory()
        try directory.file("rc", ":0\n* ^Subject: no\nbox\n")
        let (_, output) = try run(directory, "--explain DEFAULT=\(directory.path)/default ./rc")
        #expect(output.contains("no recipe takes the letter, so it goes to DEFAULT"))
        #expect(output.contains("The letter would go to: \(directory.path)/default"))
    }

    @Test func checkNamesFileLineAndColumn() throws {
        let directory = try TemporaryDirectory()
        try directory.file("rc", "MAILDIR=.\nINCLUDERC=inc\nINCLUDERC=gone\n")
        try directory.file("inc", ":0\n* (x\nmd/\n")
        let (status, output) = try run(directory, "--check rc")
        #expect(status == 1)
        #expect(output.contains("inc:2:5: error: not a valid expression: a ( is never closed"))
        #expect(output.contains("rc:3:11: error: cannot read"))
    }

    @Test func checkIsContentWithWarningsOnly() throws {
        let directory = try TemporaryDirectory()
        try directory.file("rc", ":0\n* x\nbox\n")
        let (status, output) = try run(directory, "--check rc")
        #expect(status == 0)
        #expect(output.contains("rc:1:1: warning: no lock"))
    }
}
