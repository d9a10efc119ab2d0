package import Posix

/// A place that log lines go to.
///
/// Logging never waits and never fails its caller: mail goes on when the log's reader is slow,
/// full or gone.
package enum LogSink: Sendable {
    /// The system's log, facility `mail` (RFC 3164).
    case syslog(SyslogSocket)
    /// A file that is open for appending, or standard output of a container.
    case file(LogFile)
    /// Standard error, for a program that a person started: `name: text`, without a date.
    case standardError

    /// The system's log.
    ///
    /// Nothing is opened before the first line is sent, and a restarted syslogd is found again.
    package static func syslog() -> LogSink {
        do throws(SystemError) { return .syslog(try SyslogSocket()) } catch {
            return .standardError
        }
    }

    /// Opens `path` for appending.
    package static func file(_ path: Path) throws(SystemError) -> LogSink {
        .file(
            LogFile(try FileDescriptor.open(path, .writeOnly, [.create, .append], mode: 0o644)))
    }

    func put(_ severity: Severity, _ name: String, _ line: String) {
        let now = CalendarTime.local(Clock.now).syslogDate
        switch self {
        case .syslog(let socket):
            // Facility 2 is mail.
            socket.put("<\(2 << 3 | severity.rawValue)>\(now) \(name)[\(Process.id)]: \(line)")
        case .file(let file):
            file.put("\(now) \(shortHostName) \(name)[\(Process.id)]: \(line)\n")
        case .standardError:
            LogFile.standardError.put("\(name): \(line)\n")
        }
    }

    private var shortHostName: Substring { hostName.prefix { $0 != "." } }
}

/// The way to syslogd.
package final class SyslogSocket: Sendable {
    private let socket: DatagramSocket

    init() throws(SystemError) { socket = try DatagramSocket() }

    func put(_ line: String) {
        do throws(SystemError) { try socket.send(Array(line.utf8), to: "/dev/log") } catch {
            // No reader, or one that does not keep up: the line is lost, the mail is not.
        }
    }
}

/// An open log file; each line is one write, so lines of several processes do not mix.
package final class LogFile: Sendable {
    private let descriptor: FileDescriptor

    package init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

    static let standardError = LogFile(FileDescriptor(adopting: 2))

    func put(_ line: String) {
        do throws(SystemError) { try descriptor.write(Array(line.utf8)) } catch {
            // A full disk must not stop mail that may be going elsewhere.
        }
    }
}
