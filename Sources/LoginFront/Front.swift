package import Accounts
import Bytes
package import Monitor
import Posix
package import Services
package import Settings
package import Wire

/// A connection before login: what the protocols' fronts read, answer and ask.
///
/// The process has no rights: it can reach its client and its monitor, and no file.
package final class Front {
    /// From connecting to having logged in, as with UW and Dovecot.
    package static let loginTime = 180
    /// The longest command line.
    ///
    /// Credentials of every mechanism fit.
    package static let lineLimit = 8192
    /// Commands that are none, until the connection is closed.
    static let badCommandLimit = 3
    /// The monitor may take its time over a wrong password, PAM over a right one.
    static let answerTime = 120

    package let stream: ByteStream
    package let client: Client
    package let settings: AccessSettings
    private let monitor: Channel
    private var badCommands = 0

    package init(
        stream: ByteStream, monitor: Channel, client: Client, settings: AccessSettings
    ) {
        self.stream = stream
        self.monitor = monitor
        self.client = client
        self.settings = settings
        stream.deadline = .after(seconds: Self.loginTime)
    }

    /// A password may be sent in the clear: the connection does not leave the machine, or the
    /// administrator has allowed it.
    package var allowsPlaintext: Bool { client.isLocal || !settings.disablePlaintext }

    /// Writes an answer; it is sent before the next line is waited for.
    package func write(_ text: String) throws(FrontError) {
        do throws(WireError) { try stream.write(text) } catch { throw FrontError(error) }
    }

    /// The next command line, after everything written so far was sent.
    package func readLine() throws(FrontError) -> [UInt8] {
        let line: Line
        do throws(WireError) {
            if !stream.hasBufferedLine { try stream.flush() }
            line = try stream.readLine(limit: Self.lineLimit)
        } catch { throw FrontError(error) }
        guard line.ending != .none else { throw .tooLong }
        return line.bytes
    }

    /// Exactly `count` octets: a literal, whose limit its reader has checked.
    package func read(count: Int) throws(FrontError) -> [UInt8] {
        var octets: [UInt8] = []
        do throws(WireError) {
            try stream.flush()
            while octets.count < count {
                octets += try stream.read(limit: count - octets.count)
            }
        } catch { throw FrontError(error) }
        return octets
    }

    /// Counts a command that is none; true when it was one too many.
    package func countBadCommand() -> Bool {
        badCommands += 1
        return badCommands >= Self.badCommandLimit
    }

    /// Asks the monitor about a name and a password.
    ///
    /// Nil credentials are ones that cannot be right.
    package func check(_ credentials: Credentials?) -> LoginAnswer {
        guard let credentials else { return countBadCommand() ? .tooManyFailures : .refused }
        do throws(ChannelError) {
            monitor.deadline = .after(seconds: Self.answerTime)
            try monitor.send(LoginQuestion.password(credentials))
            return try monitor.receive(LoginAnswer.self)
        } catch { return .unavailable }
    }

    /// After `.accepted`: leaves the client to the session, which answers the login command.
    package func handOver(tag: [UInt8]) {
        do throws(WireError) { try stream.flush() } catch {
            // A client that is gone will be missed by the session.
        }
        tell(.takeOver(tag: tag, octets: stream.takeBuffered()))
    }

    /// Ends the connection, with `text` as the last word to the client.
    package func end(_ ending: LoginQuestion.Ending, _ text: String) {
        do throws(WireError) {
            // A client that does not read its farewell is not waited for.
            stream.deadline = min(stream.deadline, .after(seconds: 10))
            try stream.write(text)
            try stream.flush()
        } catch {
            // It is gone already.
        }
        tell(ending)
    }

    private func tell(_ ending: LoginQuestion.Ending) { tell(.ended(ending)) }

    private func tell(_ message: LoginQuestion) {
        do throws(ChannelError) { try monitor.send(message) } catch {
            // Without a monitor there is nobody to tell.
        }
    }
}

/// Why a front reads no further command.
package enum FrontError: Error, Equatable, Sendable {
    case closed
    case timedOut
    /// A line beyond `Front.lineLimit`: what follows cannot be told from it.
    case tooLong

    init(_ error: WireError) {
        self =
            switch error {
            case .timedOut: .timedOut
            case .closed, .failed: .closed
            }
    }

    /// What the monitor is told.
    package var ending: LoginQuestion.Ending {
        switch self {
        case .closed: .closed
        case .timedOut: .timedOut
        case .tooLong: .tooManyBadCommands
        }
    }
}

/// The messages of SASL mechanisms as they come over a line.
package enum SASL {
    /// The credentials in the base64 text of a PLAIN message; nil when it holds none.
    package static func plain(_ text: some Collection<UInt8>) -> Credentials? {
        Base64.decode(text).flatMap { Credentials(plain: $0) }
    }
}
