import Posix

/// The sockets that systemd hands to a program it starts (sd_listen_fds(3)), from descriptor 3 on.
package enum SystemdSockets {
    package static let first: Int32 = 3
    /// A unit with more sockets is a mistake.
    private static let limit = 64

    /// How many listening sockets there are; a single connection, as `Accept=yes` gives one, becomes
    /// standard input and output.
    package static func take() -> (listening: Int32, connected: Bool) {
        let (count, process) = (Environment["LISTEN_FDS"], Environment["LISTEN_PID"])
        Environment["LISTEN_FDS"] = nil
        Environment["LISTEN_PID"] = nil
        guard let count = count.flatMap(Int32.init), process == "\(Process.id)",
            count > 0, count <= limit
        else { return (0, false) }
        if Socket.isListening(first) { return (count, false) }
        do throws(SystemError) {
            // With StandardInput=socket it is there already.
            if Socket.peer(of: 0) == nil {
                try Process.redirect(first, to: 0)
                try Process.redirect(first, to: 1)
            }
            Process.closeDescriptors(from: first)
            return (0, true)
        } catch { return (0, false) }
    }
}
