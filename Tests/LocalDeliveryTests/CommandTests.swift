import Posix
import TestSupport
import Testing

@testable import LocalDelivery

@Suite(.serialized) struct CommandTests {
    private func deliver(
        _ command: String, _ content: String = "Subject: x\n\nbody\n", limit: Int = 20,
        variables: [(name: String, value: [UInt8])] = []
    ) throws -> DeliveryFailure? {
        // As every program of the house does first.
        Signal.ignoreWriteSignals()
        let directory = try TemporaryDirectory()
        let file = try directory.file("letter", content)
        let letter = DeliveredLetter(
            content: try FileDescriptor.open(file), offset: 0, size: content.utf8.count,
            sender: Array("a@b".utf8), headers: Array("Return-Path: <a@b>\n".utf8))
        var delivery = CommandDelivery(command: Array(command.utf8), variables: variables)
        delivery.timeLimit = limit
        do throws(DeliveryFailure) { try delivery.deliver(letter) } catch { return error }
        return nil
    }

    @Test(
        arguments: [
            (0, nil, ""), (64, "5.3.0", "command line usage error"),
            (65, "5.6.0", "data format error"),
            (67, "5.1.1", "user unknown"), (71, "4.3.0", "system resource problem"),
            (73, "5.2.0", "can't create user output file"), (75, "4.3.0", "temporary failure"),
            (77, "5.7.0", "permission denied"), (78, "5.3.5", "local configuration error"),
            (1, "5.3.0", "Command died with status 1: \"exit 1\""),
        ] as [(Int, String?, String)])
    func mapsExitStatuses(_ code: Int, _ status: String?, _ text: String) throws {
        let failure = try deliver("exit \(code)")
        #expect(failure?.status == status)
        #expect((failure?.text ?? "") == text)
    }

    @Test func theCommandsOwnStatusWins() throws {
        let failure = try deliver("echo 4.2.2 mailbox full; exit 73")
        #expect(failure == .retryLater(status: "4.2.2", text: "mailbox full"))
    }

    @Test func outputIsToldAndBounded() throws {
        let failure = try deliver("echo oops; exit 75")
        #expect(failure?.text == "temporary failure. Command output: oops")
        let long = try deliver("yes | head -c 100000; exit 75")
        #expect((long?.text.utf8.count ?? 0) < 5000)
    }

    @Test func aSignalIsTriedAgain() throws {
        #expect(try deliver("kill -9 $$")?.status == "4.3.0")
    }

    @Test func aSlowCommandIsEndedWithItsChildren() throws {
        let directory = try TemporaryDirectory()
        let mark = directory.path / "late"
        let failure = try deliver("(sleep 3; touch \(mark)) & sleep 30", limit: 1)
        #expect(failure?.status == "5.3.0")
        Process.sleep(milliseconds: 3500)
        #expect(try mark.statusIfPresent() == nil)
    }

    @Test func aMissingProgramIsTriedAgain() throws {
        let failure = try deliver("/nonexistent/prog x")
        #expect(failure?.status == "4.3.0")
        #expect(failure?.text.contains("execvp /nonexistent/prog") == true)
    }

    @Test func aCommandMayLeaveItsInputUnread() throws {
        let long = "Subject: x\n\n" + String(repeating: "text\n", count: 200_000)
        #expect(try deliver("exit 0", long) == nil)
    }

    @Test func theEnvironmentIsSmallAndClean() throws {
        let directory = try TemporaryDirectory()
        let out = directory.path / "out"
        let nasty = Array("a;`id`\n$(x)() {".utf8)
        #expect(
            try deliver(
                "{ env; ls /proc/self/fd; } > \(out)", variables: [("SENDER", nasty)]) == nil)
        let lines = String(decoding: try directory.content("out"), as: UTF8.self)
        #expect(lines.contains("SENDER=a__id____x_____"))
        #expect(lines.contains("PATH=/usr/bin:/bin"))
        #expect(!lines.contains("HOME="))
        #expect(!lines.split(separator: "\n").contains("7"))
    }

    @Test func theLetterComesWithItsFromLine() throws {
        let directory = try TemporaryDirectory()
        let out = directory.path / "out"
        #expect(try deliver("cat > \(out)", "Subject: x\n\nFrom here\nend") == nil)
        let text = String(decoding: try directory.content("out"), as: UTF8.self)
        #expect(text.hasPrefix("From a@b  "))
        #expect(text.hasSuffix("\nReturn-Path: <a@b>\nSubject: x\n\nFrom here\nend"))
    }

    @Test(arguments: [
        ("/bin/a -b c", true), ("a $X", false), ("a;b", false), ("a 'b'", false), ("  ", false),
    ])
    func usesAShellOnlyWhereOneIsNeeded(_ command: String, _ isPlain: Bool) {
        let delivery = CommandDelivery(command: Array(command.utf8), variables: [])
        if case .words = delivery.program { #expect(isPlain) } else { #expect(!isPlain) }
    }
}
