import Bytes
package import Posix

/// What happens in the child between fork and the program.
extension ProgramRun {
    /// The descriptor on which a failed start is told, above the three that the program gets.
    private static let failureDescriptor: Int32 = 3
    /// Where nothing is in the way.
    private static let above: Int32 = 10

    /// Becomes the program; the number of what went wrong goes to `failure`.
    func become(input: Int32, output: Int32, failure: Int32) -> Never {
        Process.startSession()
        var teller = failure
        do throws(SystemError) {
            // The four may lie on each other's places: they go up, out of the way, first.
            let null = try FileDescriptor.open(Path("/dev/null"), .writeOnly)
            let out = self.output == .discarded ? null.number : output
            var moved: [Int32] = []
            for end in [input, out, failure, errors ?? out] {
                moved.append(try Process.duplicate(end, from: Self.above))
            }
            teller = moved[2]
            try Process.redirect(moved[0], to: 0)
            try Process.redirect(moved[1], to: 1)
            try Process.redirect(moved[3], to: 2)
            try Process.redirect(moved[2], to: Self.failureDescriptor)
            teller = Self.failureDescriptor
            try FileDescriptor.withInherited(teller) { (tell) throws(SystemError) in
                try tell.setCloseOnExec(true)
            }
            Process.closeDescriptors(from: Self.failureDescriptor + 1)
            Signal.restoreDefaults()
            if let body {
                // Told as by a program that has started.
                Process.closeDescriptors(from: Self.failureDescriptor)
                Process.leave(body())
            }
            throw execute()
        } catch { tell(error, teller) }
        Process.leave(Self.temporaryFailure)
    }

    /// Tells whoever started us why there is no program.
    private func tell(_ error: SystemError, _ number: Int32) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(number) { (teller) throws(SystemError) in
                try teller.write(
                    (0..<4).map { UInt8(truncatingIfNeeded: error.code >> (24 - 8 * $0)) })
            }
        } catch {
            // The status says that there is none.
        }
    }

    /// EX_TEMPFAIL of sysexits.h.
    private static let temporaryFailure: Int32 = 75

    private func execute() -> SystemError {
        switch command {
        case .shell(let path, let flag, let line):
            Process.execute(Path(path), arguments: [path, flag, line], environment: environment)
        case .words(let words): ProgramSearch.execute(words, environment: environment)
        }
    }
}

/// Becoming a program that is named as in a shell: execvp(3) with an environment of its own.
package enum ProgramSearch {
    /// Becomes the program; returns only when that fails.
    package static func execute(_ words: [[UInt8]], environment: [[UInt8]]) -> SystemError {
        guard let name = words.first, !name.isEmpty else {
            return SystemError(SystemError.missing, "exec")
        }
        var failure = SystemError(SystemError.missing, "exec")
        for path in places(of: name, environment) {
            let error = Process.execute(path, arguments: words, environment: environment)
            if error.code == SystemError.notExecutable {
                return runScript(path, words, environment)
            }
            if !error.isMissing { failure = error }
        }
        return failure
    }

    /// A file that is no program for the kernel is one for the shell.
    private static func runScript(
        _ path: Path, _ words: [[UInt8]], _ environment: [[UInt8]]
    ) -> SystemError {
        Process.execute(
            "/bin/sh", arguments: [Array("/bin/sh".utf8), path.bytes] + words.dropFirst(),
            environment: environment)
    }

    /// Where a name without slash may be found: the directories of the program's own PATH.
    static func places(of name: [UInt8], _ environment: [[UInt8]]) -> [Path] {
        guard !name.contains(UInt8(ascii: "/")) else { return [Path(name)] }
        let prefix = Array("PATH=".utf8)
        let path = environment.last { $0.starts(with: prefix) }?.dropFirst(prefix.count)
        return (path ?? Array("/usr/bin:/bin".utf8)[...])
            .split(separator: .colon).map { Path($0) / Path(name) }
    }
}
