package import Diagnostics
import Posix
package import Settings

extension AccessSettings {
    /// Where `log_path` sends log lines; to syslog when it cannot be opened, which is said there.
    package var logSink: LogSink {
        switch logPath {
        case "", "syslog": return .syslog()
        case "/dev/stderr": return .standardError
        default:
            do throws(SystemError) { return try .file(Path(logPath)) } catch {
                let sink = LogSink.syslog()
                Log(name: "log_path", to: [sink]).warning(error.description)
                return sink
            }
        }
    }
}
