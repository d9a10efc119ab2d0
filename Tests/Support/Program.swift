import Glibc
package import Posix

/// A program that a test starts as a user would, with its input given and its output collected.
package struct Program: Sendable {
    package let path: Path

    /// One of ours, as the build left it beside the tests.
    package static func built(_ name: String) throws -> Program {
        Program(path: try Process.programPath.parent / name)
    }

    /// A program of the machine, found on PATH; nil when it is not installed.
    package static func installed(_ name: String) -> Program? {
        for directory in (Environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":") {
            let path = Path(directory) / name
            if let status = try? path.statusIfPresent(), status.mode & 0o111 != 0 {
                return Program(path: path)
            }
        }
        return nil
    }

    package init(path: Path) { self.path = path }

    /// What a finished program left.
    package struct Result: Sendable {
        package let ending: Process.Ending
        package let output: [UInt8]
        package let errors: [UInt8]

        package var text: String { String(decoding: output, as: UTF8.self) }
        package var errorText: String { String(decoding: errors, as: UTF8.self) }
    }

    /// Runs the program to its end.
    ///
    /// `environment` is all that it gets.
    package func run(
        _ arguments: [String] = [], input: [UInt8] = [],
        environment: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/"]
    ) throws -> Result {
        let directory = try TemporaryDirectory()
        let files = ["in", "out", "err"].map { directory.path / $0 }
        try FileDescriptor.open(files[0], .writeOnly, .create).write(input)
        let child = try spawn(arguments, environment, files)
        let ending = try Process.wait(child)
        return Result(
            ending: ending, output: try directory.content("out"),
            errors: try directory.content("err"))
    }

    private func spawn(
        _ arguments: [String], _ environment: [String], _ files: [Path]
    ) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in files.enumerated() {
            let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
            unsafe posix_spawn_file_actions_addopen(
                &actions, Int32(number), file.description, flags, 0o600)
        }
        let argv = unsafe cStrings([path.description] + arguments)
        let envp = unsafe cStrings(environment)
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let failure = unsafe posix_spawn(&child, path.description, &actions, nil, argv, envp)
        guard failure == 0 else { throw SystemError(failure, "spawn \(path)") }
        return child
    }
}

func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
}
