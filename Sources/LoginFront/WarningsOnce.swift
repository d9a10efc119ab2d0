import Bytes
import Diagnostics
import Posix
import Settings

/// Logs what has no effect in the configuration once, not for each connection that inetd starts: what
/// was logged last is remembered until the machine restarts.
enum WarningsOnce {
    private static let directory: Path = "/run/malleposte"

    static func log(_ settings: AccessSettings, _ server: AccessServer, to log: Log) {
        guard !settings.warnings.isEmpty else { return }
        let text = Array(settings.warnings.joined(separator: "\n").utf8)
        // Only root has a place to remember it.
        if Rights.effectiveUser == 0, remember(text, directory / "warned.\(server.program)") {
            return
        }
        for warning in settings.warnings { log.warning(warning) }
    }

    /// True when this is what was remembered already.
    private static func remember(_ text: [UInt8], _ file: Path) -> Bool {
        do throws(SystemError) {
            try directory.makeDirectories(mode: 0o755)
            let memory = try FileDescriptor.open(
                file, .readWrite, [.create, .noFollow], mode: 0o600)
            if try memory.readAll(limit: 1 << 20) == text { return true }
            try memory.truncate(to: 0)
            try memory.write(text, at: 0)
        } catch {
            // Without a memory it is said again.
        }
        return false
    }
}
