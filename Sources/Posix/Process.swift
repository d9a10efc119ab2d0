import CPosix
import Glibc

/// Processes: making, becoming, waiting and ending them.
package enum Process {
    package static var id: Int32 { getpid() }
    package static var parent: Int32 { getppid() }

    /// The words of the command line, the program's name first, octet for octet.
    package static var arguments: [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { place in
            unsafe CommandLine.unsafeArgv[place].map { word in
                unsafe Array(UnsafeBufferPointer(start: word, count: strlen(word)))
                    .map { UInt8(bitPattern: $0) }
            }
        }
    }

    /// Forks, and yields the child's number, or nil in the child.
    ///
    /// No thread but this one must run: the house has none.
    package static func fork() throws(SystemError) -> Int32? {
        let child = try checking("fork", forkCall())
        return child == 0 ? nil : child
    }

    /// Becomes the program at `path`; returns only when that fails.
    ///
    /// `environment` nil leaves it as it is.
    package static func execute(
        _ path: Path, arguments: [[UInt8]], environment: [[UInt8]]? = nil
    ) -> SystemError {
        var argv = unsafe arguments.map { unsafe cString($0) }
        unsafe argv.append(nil)
        do throws(SystemError) {
            try unsafe path.withCString { (text) throws(SystemError) in
                guard let environment else {
                    _ = try checking("exec \(path)", unsafe execCall(text, argv, environ))
                    return
                }
                var envp = unsafe environment.map { unsafe cString($0) }
                unsafe envp.append(nil)
                _ = try checking("exec \(path)", unsafe execCall(text, argv, envp))
            }
        } catch { return error }
        return SystemError(EINVAL, "exec \(path)")
    }

    /// How a child ended.
    package enum Ending: Equatable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Waits for `child` to end.
    package static func wait(_ child: Int32) throws(SystemError) -> Ending {
        var status: Int32 = 0
        _ = try retrying("waitpid") { unsafe waitCall(child, &status, 0) }
        return Ending(status)
    }

    /// A child that has ended and was not waited for; nil when there is none now.
    package static func reap() -> (child: Int32, ending: Ending)? {
        var status: Int32 = 0
        let child = unsafe waitCall(-1, &status, WNOHANG)
        return child > 0 ? (child, Ending(status)) : nil
    }

    /// Whether `child` has ended; nil while it runs.
    package static func poll(_ child: Int32) throws(SystemError) -> Ending? {
        var status: Int32 = 0
        let result = try retrying("waitpid") { unsafe waitCall(child, &status, WNOHANG) }
        return result == 0 ? nil : Ending(status)
    }

    /// Sends a signal; a negative `process` is a process group.
    package static func signal(_ process: Int32, _ signal: Int32) throws(SystemError) {
        _ = try checking("kill \(process)", killCall(process, signal))
    }

    /// Whether a process with this number exists on this machine.
    package static func exists(_ process: Int32) -> Bool { killCall(process, 0) != -ESRCH }

    /// Makes this process the leader of a new process group, or of a new session.
    package static func startGroup() { _ = setpgid(0, 0) }
    package static func startSession() { _ = setsid() }

    /// Ends at once, without running what the parent set up for its own end.
    package static func leave(_ code: Int32) -> Never { _exit(code) }

    /// Ends, standard output flushed.
    package static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// SIGTERM comes when the parent ends.
    package static func dieWithParent() throws(SystemError) {
        _ = try checking("prctl", cposix_die_with_parent())
    }

    package static func changeDirectory(_ path: Path) throws(SystemError) {
        try unsafe path.withCString { (text) throws(SystemError) in
            _ = try retrying("chdir \(path)") { unsafe chdirCall(text) }
        }
    }

    /// The directory that relative paths begin in.
    package static var workingDirectory: Path {
        get throws(SystemError) {
            var buffer = [CChar](repeating: 0, count: 4096)
            _ = try checking("getcwd", unsafe directoryCall(&buffer, buffer.count))
            return Path(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
        }
    }

    package static func setUmask(_ mask: UInt32) -> UInt32 { umask(mask) }

    /// Makes `from` known as descriptor `to`, without close-on-exec: for a program about to be started.
    package static func redirect(_ from: Int32, to: Int32) throws(SystemError) {
        if from == to {
            _ = try retrying("fcntl") { clearCloseOnExecCall(from) }
        } else {
            _ = try retrying("dup2") { dup2Call(from, to) }
        }
    }

    /// A second number, at least `minimum`, for the open descriptor `number`; not inherited by programs.
    package static func duplicate(
        _ number: Int32, from minimum: Int32
    ) throws(SystemError) -> Int32 {
        try retrying("dup") { duplicateCall(number, minimum) }
    }

    /// The file that this process runs.
    package static var programPath: Path {
        get throws(SystemError) {
            var target = [UInt8](repeating: 0, count: 4096)
            let count = try retrying("readlink /proc/self/exe") {
                unsafe target.withUnsafeMutableBytes { unsafe readLinkCall($0) }
            }
            return Path(target[..<count])
        }
    }

    /// Closes every descriptor from `first` on.
    package static func closeDescriptors(from first: Int32) { _ = cposix_close_from(UInt32(first)) }

    /// Waits for `milliseconds`, or until a signal comes.
    package static func sleep(milliseconds: Int) {
        var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        _ = unsafe nanosleep(&time, nil)
    }
}

extension Process.Ending {
    init(_ status: Int32) {
        let signal = cposix_term_signal(status)
        self = signal != 0 ? .signalled(signal) : .exited(cposix_exit_status(status))
    }
}

/// The machine's name, as gethostname(2) has it.
package var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    _ = unsafe gethostname(&name, 255)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// A C string that is never freed: the program that gets it replaces this one.
private func cString(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
    unsafe strndup(bytes.map { CChar(bitPattern: $0) } + [0], bytes.count)
}

@inline(never) private func forkCall() -> Int32 { outcome(Glibc.fork()) }
@inline(never) private func execCall(
    _ path: UnsafePointer<CChar>, _ argv: UnsafePointer<UnsafeMutablePointer<CChar>?>,
    _ envp: UnsafePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 { outcome(unsafe execve(path, argv, envp)) }
@inline(never) private func waitCall(
    _ child: Int32, _ status: UnsafeMutablePointer<Int32>, _ options: Int32
) -> Int32 { outcome(unsafe waitpid(child, status, options)) }
@inline(never) private func killCall(_ process: Int32, _ signal: Int32) -> Int32 {
    outcome(kill(process, signal))
}
@inline(never) private func chdirCall(_ path: UnsafePointer<CChar>) -> Int32 {
    outcome(unsafe chdir(path))
}
@inline(never) private func directoryCall(
    _ buffer: UnsafeMutablePointer<CChar>, _ size: Int
) -> Int32 { unsafe getcwd(buffer, size) == nil ? -errno : 0 }
@inline(never) private func dup2Call(_ from: Int32, _ to: Int32) -> Int32 {
    outcome(dup2(from, to))
}
@inline(never) private func clearCloseOnExecCall(_ fd: Int32) -> Int32 {
    outcome(fcntl(fd, F_SETFD, 0))
}

@inline(never) private func duplicateCall(_ number: Int32, _ minimum: Int32) -> Int32 {
    outcome(fcntl(number, F_DUPFD_CLOEXEC, minimum))
}
@inline(never) private func readLinkCall(_ target: UnsafeMutableRawBufferPointer) -> Int {
    guard let base = target.baseAddress else { return -Int(EINVAL) }
    return outcome(
        unsafe readlink("/proc/self/exe", base.assumingMemoryBound(to: CChar.self), target.count))
}
