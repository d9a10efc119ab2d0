import Bytes
import LocalDelivery
import Posix
import TestSupport

/// The built `mda` in a directory of its own, run as whoever runs the tests.
struct BuiltProgram {
    let directory: TemporaryDirectory
    /// Shell words in front of the program, such as `ulimit -f 8;`.
    var setting = ""
    /// Shell words that start the program, such as `strace`.
    var wrapper = ""
    var options = ""
    var seconds = 30

    init() throws { directory = try TemporaryDirectory() }

    static let letter =
        "From joe@x  Tue Mar  5 09:00:00 2019\nSubject: status of\n things\n\nbody\n"

    /// Delivers by `recipes`; the log goes to `log`, what is left to `default`.
    @discardableResult
    func deliver(_ recipes: String, letter: String = letter) throws -> Int32? {
        Signal.ignoreWriteSignals()
        try directory.file("rc", recipes)
        let program = try Process.programPath.parent / "mda"
        let line =
            "cd \(directory.path) && \(setting) exec \(wrapper) \(program) \(options) DEFAULT=default"
            + " ORGMAIL=orgmail LOGFILE=log ./rc"
        var run = ProgramRun(
            command: .shell(
                path: Array("/bin/sh".utf8), flag: Array("-c".utf8), line: Array(line.utf8)),
            environment: [Array("PATH=/usr/bin:/bin".utf8)])
        run.timeLimit = .after(seconds: seconds)
        var left = Array(letter.utf8)[...]
        let report = try run.run { () throws(SystemError) in
            defer { left = left.dropFirst(65536) }
            return Array(left.prefix(65536))
        }
        guard case .exited(let status) = report.ending else { return nil }
        return status
    }

    /// The text of a file; nil when it is not there.
    func text(_ name: String) -> String? {
        (try? directory.content(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    var log: String { text("log") ?? "" }
    func names(in folder: String) throws -> [String] {
        try (directory.path / folder).list().map(\.description).sorted()
    }
}
