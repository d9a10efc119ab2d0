import Accounts
import Diagnostics
import Monitor
import Posix
import Separation
import Services
import Settings
import Wire

/// One client on standard input and output, from the greeting to the end.
struct Connection {
    /// While it exists nobody may log in, as UW's servers have it.
    static let offSwitch: Path = "/etc/nologin"

    let server: AccessServer
    let settings: AccessSettings
    let log: Log

    func serve() -> Never {
        let client = Client(of: 0)
        hideErrorOutput()
        do throws(SystemError) {
            if try Self.offSwitch.statusIfPresent() != nil {
                Self.refuse(server, "Service not available")
            }
            if server.servesItsCaller, client.address == nil, Rights.effectiveUser != 0 {
                serveCaller(client)
            }
            try serveStranger(client)
        } catch { log.fatal(error.description) }
    }

    /// inetd has made standard error the client's: no message of a library may get there.
    private func hideErrorOutput() {
        guard Socket.peer(of: 2) != nil else { return }
        do throws(SystemError) {
            let sink = try FileDescriptor.open("/dev/null", .readWrite)
            try Process.redirect(sink.number, to: 2)
        } catch { log.warning(error.description) }
    }

    /// Says that there is no service, and ends.
    static func refuse(_ server: AccessServer, _ reason: String) -> Never {
        do throws(SystemError) {
            let output = FileDescriptor(adopting: 1)
            try output.setNonBlocking(true)
            let text = Array(server.refusal(reason).utf8)
            try output.send(text, until: .after(seconds: 10))
        } catch {
            // The client is gone.
        }
        Process.exit(1)
    }

    /// The user at the shell needs no login.
    private func serveCaller(_ client: Client) -> Never {
        let account: Account
        do throws(AccountError) {
            account = try CallerAccount.account(settings, service: server.service)
        } catch {
            log.error("the calling user cannot be served: \(error)")
            Self.refuse(server, "You have no account here")
        }
        run(account, client, [], .preauthenticated)
    }

    private func serveStranger(_ client: Client) throws(SystemError) -> Never {
        var account: User?
        if Rights.effectiveUser == 0 {
            account = try User.named(settings.loginUser)
            guard let account, account.id != 0 else {
                log.error("default_login_user \(settings.loginUser) is no ordinary account")
                Self.refuse(server, "Configuration error")
            }
        }
        let (channel, child) = try Split.start(becoming: account) { channel in
            guard let stream = stream() else { return }
            server.front(
                Front(stream: stream, monitor: channel, client: client, settings: settings))
        }
        var monitor = Monitor(
            channel, settings: settings, service: server.service, client: client, log: log)
        let outcome = monitor.serve()
        // Its work is done; one that will not go must not keep the session waiting.
        try Process.signal(child, Signal.kill)
        _ = try Process.wait(child)
        switch outcome {
        case .ended: Process.exit(0)
        case .loggedIn(let account, let tag, let octets):
            try Split.become(account)
            run(account, client, octets, .loggedIn(tag: tag))
        }
    }

    private func run(
        _ account: Account, _ client: Client, _ octets: [UInt8], _ entry: SessionStart.Entry
    ) -> Never {
        guard let stream = stream() else { Process.exit(1) }
        stream.putBack(octets)
        server.session(
            SessionStart(
                stream: stream, account: account, client: client, settings: settings, log: log,
                entry: entry))
        Process.exit(0)
    }

    private func stream() -> ByteStream? {
        do throws(SystemError) {
            return ByteStream(
                try DescriptorTransport(
                    input: FileDescriptor(adopting: 0), output: FileDescriptor(adopting: 1)))
        } catch {
            log.error("standard input and output: \(error)")
            return nil
        }
    }
}
