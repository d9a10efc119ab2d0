import Bytes
import LocalDelivery
import Posix
import TestSupport
import Testing

/// The built `mda` under the names of its companions, run by a shell as recipes run it.
@Suite struct CompanionTests {
    private let directory: TemporaryDirectory
    private let home: Path

    init() throws {
        Signal.ignoreWriteSignals()
        directory = try TemporaryDirectory()
        home = directory.path
        let program = try Process.programPath.parent / "mda"
        try (home / "bin").makeDirectory()
        for name in ["formail", "lockfile", "vacation"] {
            try (home / "bin" / name).makeSymbolicLink(to: program)
        }
    }

    /// Runs a shell line in the directory; yields its status and output.
    private func shell(_ line: String) throws -> (status: Int32?, output: String) {
        let words = ["/bin/sh", "-c", "cd \(home) && \(line)"].map { Array($0.utf8) }
        var run = ProgramRun(
            command: .words(words), environment: [Array("PATH=\(home)/bin:/usr/bin:/bin".utf8)])
        run.output = .captured(limit: 1 << 20)
        let report = try run.run { () throws(SystemError) in [] }
        guard case .exited(let status) = report.ending else { return (nil, "") }
        return (status, String(decoding: report.output, as: UTF8.self))
    }

    private static let mailbox = """
        From a@b  Sat Nov 21 09:00:00 2026
        Message-ID: <1@x>

        one

        From c@d  Sat Nov 21 09:00:00 2026
        Message-ID: <2@x>

        two

        From e@f  Sat Nov 21 09:00:00 2026
        Message-ID: <1@x>

        three

        """

    private func splitting(_ rest: String) throws -> (status: Int32?, output: String) {
        try directory.file("box", Self.mailbox)
        return try shell("formail \(rest) < box")
    }

    @Test func eachLetterGetsAProgramAndANumber() throws {
        let made = try splitting("-s sh -c 'echo $FILENO; sed -n \"/^[a-z]/p\"'")
        #expect(made.output == "000\none\n001\ntwo\n002\nthree\n" && made.status == 0)
    }

    @Test func theFirstBadStatusCounts() throws {
        #expect(
            try splitting("-s sh -c 'cat > /dev/null; [ $FILENO != 001 ] || exit 9'").status == 9)
        #expect(try splitting("-s sh -c 'cat > /dev/null; kill -9 $$'").status == 69)
        let missing = try splitting("-s ./nothing")
        #expect(missing.status == 69)
        #expect(missing.output.contains("formail: Failed to execute \"./nothing\""))
    }

    @Test func aScriptWithoutInterpreterLineIsRunByTheShell() throws {
        try directory.file("script", "cat > /dev/null; echo \"$1\"\n")
        try (home / "script").setMode(0o755)
        #expect(try splitting("-1 -s ./script 'a b'").output == "a b\n")
    }

    @Test func aProgramThatDoesNotReadIsNoSuccess() throws {
        let big = "From a b\nA: b\n\n" + String(repeating: "0123456789\n", count: 30000)
        try directory.file("big", big)
        #expect(try shell("formail -s true < big").status == 74)
        #expect(try shell("formail -q- -s true < big").output.contains("Couldn't write to stdout"))
    }

    @Test func whatCannotBeWrittenOrReadIsNoSuccess() throws {
        try directory.file("box", Self.mailbox)
        #expect(try shell("formail < box > /dev/full").status == 74)
        #expect(try shell("formail < . > /dev/null").status == 74)
    }

    @Test func atMostSoManyProgramsRunAtATime() throws {
        var box = ""
        for number in 0..<9 { box += "From a b\nDate: \(number)\n\nx\n\n" }
        try directory.file("box", box)
        let count = "mkdir run.$FILENO; ls -d run.* | wc -l; sleep 0.2; rmdir run.$FILENO"
        let made = try shell("formail -n 3 -s sh -c 'cat > /dev/null; \(count)' < box")
        let counts = made.output.split(separator: "\n").compactMap { Int($0) }
        #expect(counts.count == 9)
        #expect(counts.max() == 3)
    }

    @Test func duplicatesAreLeftOutAndStartNothing() throws {
        #expect(try splitting("-D 1000 cache -s sed -n '/^[a-z]/p'").output == "one\ntwo\n")
        #expect(
            try splitting("-q- -D 1000 cache -s sh -c 'echo started'").output.contains("started")
                == false)
    }

    @Test func aDuplicateIsToldByTheStatus() throws {
        let line = "printf 'Message-ID: <\\351@x>\\n\\n' | formail -D 1000 cache"
        #expect(try shell(line).status == 1)
        // Octets above 127 too, which Debian's never finds again.
        #expect(try shell(line).status == 0)
        #expect(try shell("printf 'Subject: x\\n\\n' | formail -D 1000 cache").status == 1)
        #expect(try shell("formail -D 1000 no/cache < /dev/null").status == 73)
    }

    @Test func ofSeveralAtOnceOneIsNew() throws {
        for round in 0..<3 {
            let one =
                "printf 'Message-ID: <\(round)@x>\\n\\n' | formail -D 1000 cache; echo $? >> told"
            let line =
                "rm -f told; for i in 1 2 3 4 5 6 7 8 9 10; do (\(one)) & done; wait; sort told | uniq -c"
            let told = try shell(line).output.split(whereSeparator: \.isWhitespace)
            #expect(told == ["9", "0", "1", "1"])
        }
    }

    @Test func vacationsOptionsDoWhatTheySay() throws {
        try directory.file("send", "#!/bin/sh\necho \"$@\" >> sent\ncat >> text\n")
        try (home / "send").setMode(0o755)
        try directory.file("msg", "Subject: away\n\nlater\n")
        for name in ["bob", "carol"] {
            try directory.file(
                name, "From \(name)@x  Sat Nov 21 09:00:00 2026\nTo: list@z\nSubject: s\n\nx\n")
        }
        let login = "$(id -un)"
        let files = "SENDMAIL=\(home)/send vacation -f \(home)/db -m \(home)/msg"
        func sent(_ line: String) throws -> String {
            let made = try shell("rm -f sent text; \(line); cat sent 2>&1")
            return made.output
        }
        // Not addressed: -j answers all the same, -d says why there is no answer.
        #expect(try sent("\(files) -d \(login) < bob 2>&1").contains("no answer: "))
        let first = "-oi -f me@x -- copy@x bob@x\n"
        #expect(try sent("\(files) -j -c copy@x -R me@x \(login) < bob") == first)
        #expect(try shell("cat text").output.hasSuffix("\n\nlater\n"))
        #expect(try sent("\(files) -j \(login) < bob").contains("No such file"))
        #expect(try shell("vacation -l -f \(home)/db \(login)").output.hasPrefix("bob@x "))
        #expect(try sent("\(files) -jz -r 0 \(login) < bob") == "-oi -f <> -- bob@x\n")
        // -x is for ever, -i forgets who was answered.
        _ = try shell("echo carol@x | vacation -x -f \(home)/db \(login)")
        #expect(try sent("\(files) -j \(login) < carol").contains("No such file"))
        _ = try shell("vacation -i -f \(home)/db \(login)")
        #expect(try sent("\(files) -j \(login) < bob") == "-oi -f <> -- bob@x\n")
    }

    @Test func argumentsMayBeAnyOctets() throws {
        let made = try shell(
            "printf 'A: b\\n\\n' | formail -fA \"$(printf 'X: \\351')\" | od -An -c")
        #expect(made.output.contains("351"))
    }

    @Test func manyFieldsTakeTimeInProportion() throws {
        let script = "BEGIN { for (i = 0; i < n; i++) print \"X-\" i \": \" i; print \"\" }"
        func seconds(_ count: Int) throws -> Double {
            _ = try shell("awk -v n=\(count) '\(script)' < /dev/null > big")
            let made = try shell(
                "bash -c 'TIMEFORMAT=%U; time formail -u X- -I Foo: -a To: -f < big > /dev/null'")
            return Double(made.output.split(separator: "\n").last ?? "") ?? .infinity
        }
        // Four times the fields take about four times as long; square growth would be sixteen times.
        #expect(try seconds(12000) < 9 * seconds(3000) + 1)
    }

    @Test func aLongLineNeedsNoMemory() throws {
        let line =
            "(ulimit -v 80000; (printf 'A: b\\n\\n'; head -c 90000000 /dev/zero | tr '\\0' x) | formail -f | wc -c)"
        #expect(try shell(line).output.split(separator: "\n").last?.contains("90000008") == true)
    }
}

/// Debian's programs beside ours: the scripts say what they compare.
@Suite struct DifferentialTests {
    private static let isInstalled = Program(path: "/usr/bin/formail").isRunnable

    private func run(_ name: String, _ cases: Int) throws -> Program.Result {
        let folder = Path(#filePath).parent.parent / "Differential"
        let ours = try Process.programPath.parent / "mda"
        let count = Environment["CASES"] ?? "\(cases)"
        return try Program(path: folder / name).run(
            ["--ours", "\(ours)"], environment: ["PATH=/usr/bin:/bin", "CASES=\(count)"])
    }

    @Test(.enabled(if: isInstalled, "Debian's package procmail is not installed"))
    func formailDoesWhatDebiansDoes() throws {
        let result = try run("formail", 600)
        #expect(result.ending == .exited(0), "\(result.text)\(result.errorText)")
    }

    @Test(.enabled(if: isInstalled, "Debian's package procmail is not installed"))
    func lockfileDoesWhatDebiansDoes() throws {
        let result = try run("lockfile", 0)
        #expect(result.ending == .exited(0), "\(result.text)\(result.errorText)")
    }
}

extension Program {
    fileprivate var isRunnable: Bool {
        do throws(SystemError) {
            return try path.statusIfPresent().map { $0.mode & 0o111 != 0 } ?? false
        } catch { return false }
    }
}
