import DeliveryMonitor
import Diagnostics
import LMTPServer
import Posix
import Separation
import Services
import Settings
import Wire

/// One LMTP client on standard input and output, from the greeting to the end.
struct LMTPConnection {
    let program: LMTPProgram
    var settings: AccessSettings
    let log: Log

    /// Where LMTP must not be spoken (RFC 2033 section 5).
    static let smtpPort: UInt16 = 25

    func serve() -> Never {
        do throws(SystemError) {
            try hideErrorOutput()
            if Socket.local(of: 0)?.port == Self.smtpPort {
                Self.refuse("554 5.5.0 LMTP is not spoken at port 25")
            }
            guard program.arguments.allowsRemote || isLocal else {
                log.warning("connection from \(client) refused: not of this machine")
                Self.refuse("554 5.7.1 Only clients of this machine are served")
            }
            try serveClient()
        } catch { log.fatal(error.description) }
    }

    private var peer: IPAddress? { Socket.peer(of: 0)?.ip }

    private var isLocal: Bool {
        guard let peer else { return true }
        return peer.isLoopback || peer == Socket.local(of: 0)?.ip
    }

    private var client: String { peer.map { "[\($0)]" } ?? "local" }

    /// inetd has made standard error the client's: no message of a library may get there.
    private func hideErrorOutput() throws(SystemError) {
        guard Socket.peer(of: 2) != nil else { return }
        let sink = try FileDescriptor.open("/dev/null", .readWrite)
        try Process.redirect(sink.number, to: 2)
    }

    /// Says why there is no service, and ends.
    static func refuse(_ reply: String) -> Never {
        do throws(SystemError) {
            let output = FileDescriptor(adopting: 1)
            try output.setNonBlocking(true)
            try output.send(Array("\(reply)\r\n".utf8), until: .after(seconds: 10))
        } catch {
            // The client is gone.
        }
        Process.exit(1)
    }

    private func serveClient() throws(SystemError) -> Never {
        let isRoot = Rights.effectiveUser == 0
        let directory: RecipientDirectory
        do throws(DovecotError) {
            directory = try RecipientDirectory(
                settings, onlyUser: isRoot ? nil : Rights.effectiveUser)
        } catch {
            log.error("\(error)")
            Self.refuse("451 4.3.5 Configuration error")
        }
        let speaker = isRoot ? try User.named(settings.loginUser) : nil
        guard !isRoot || speaker.map({ $0.id != 0 }) == true else {
            log.error("default_login_user \(settings.loginUser) is no ordinary account")
            Self.refuse("451 4.3.5 Configuration error")
        }
        let rules = Session.Rules(hostName: hostName, sizeLimit: program.arguments.sizeLimit)
        let times = program.arguments.times
        let (channel, child) = try Split.start(becoming: speaker) { channel in
            Self.speak(channel, rules, times)
        }
        let client = client
        // The connection is the speaker's alone: it ends with it.
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        for number: Int32 in 0...1 { try Process.redirect(null.number, to: number) }
        var monitor = try DeliveryMonitor(
            channel, speaker: child, directory: directory, work: LMTPDelivery(program, settings),
            times: times, client: client, log: log)
        monitor.serve()
        try Process.signal(child, Signal.kill)
        _ = try Process.wait(child)
        Process.exit(0)
    }

    /// The life of the process without rights.
    private static func speak(
        _ channel: Channel, _ rules: Session.Rules, _ times: DeliveryTimes
    ) {
        do throws(SystemError) {
            let stream = ByteStream(
                try DescriptorTransport(
                    input: FileDescriptor(adopting: 0), output: FileDescriptor(adopting: 1)))
            try Conversation(stream, monitor: channel, rules, times).run()
        } catch {
            // The monitor sees that there is no speaker.
        }
    }
}
