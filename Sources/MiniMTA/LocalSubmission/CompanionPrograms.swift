package import Posix

/// The programs that a program hands its work to: those it was installed with.
///
/// `command_directory` of main.cf may name another mail system's, whose postdrop speaks otherwise.
package struct CompanionPrograms {
    /// Where this program lies, as the kernel has it.
    package let directory: Path

    package init() throws(SystemError) { directory = try Process.programPath.parent }

    /// The files that may be the program called `name`, the likeliest first: by its own name, then
    /// the program of several names, which goes by the name that it is called by.
    ///
    /// Commands lie in `sbin`, services in `libexec/malleposte` beside it.
    private func files(_ name: String) -> [Path] {
        switch name {
        case "postdrop", "postqueue":
            [
                directory / name, directory / "postdrop",
                directory.parent.parent / "sbin" / name,
            ]
        default:
            [
                directory / name, directory / "minimta",
                directory.parent / "libexec/malleposte/minimta",
            ]
        }
    }

    /// Becomes a program; why not is what it yields.
    package func execute(_ name: String, _ arguments: [String]) -> SystemError {
        let words = ([name] + arguments).map { Array($0.utf8) }
        var reason = SystemError(SystemError.missing, "exec \(directory)/\(name)")
        for file in files(name) {
            let error = Process.execute(file, arguments: words)
            if error.isMissing { continue }
            reason = error
            break
        }
        return reason
    }
}
