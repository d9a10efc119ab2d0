package import Accounts
import Bytes
package import Diagnostics
import Posix
package import Services
package import Settings

/// The privileged half of an access server before login: answers its own front's questions about
/// passwords, and nothing else.
///
/// It reads only length-framed messages of `LoginQuestion`; a malformed one ends the connection.
package struct Monitor {
    /// Wrong passwords until no further one is looked at, as with UW and Dovecot.
    static let tries = 3
    /// The longest that the answer to a wrong password is held back.
    static let longestDelay = 15
    /// A client has 3 minutes to log in, and the front ends it then; this is for a front that hangs.
    static let timeLimit = 240

    private let channel: Channel
    private let check: PasswordCheck
    private let throttle: LoginThrottle?
    private var failures = 0
    private var account: Account?
    private var userName: [UInt8] = []

    /// How a connection left the monitor.
    package enum Outcome: Sendable {
        /// Go on as this user, with what the client has sent behind the login command `tag`.
        case loggedIn(Account, tag: [UInt8], octets: [UInt8])
        /// There is nothing more to do; it was logged.
        case ended
    }

    package init(
        _ channel: Channel, settings: AccessSettings, service: String, client: Client, log: Log
    ) {
        self.channel = channel
        let isRoot = Rights.effectiveUser == 0
        check = PasswordCheck(
            settings: settings, service: service, client: client,
            onlyUser: isRoot ? nil : Rights.effectiveUser, log: log)
        throttle = isRoot ? Self.throttle(client, log) : nil
    }

    /// Without its directory there is no throttle across connections; each connection still has its
    /// delays.
    private static func throttle(_ client: Client, _ log: Log) -> LoginThrottle? {
        do throws(SystemError) { return try LoginThrottle(client) } catch {
            log.warning("login throttle: \(error)")
            return nil
        }
    }

    /// Answers until a login or the end of the connection.
    package mutating func serve() -> Outcome {
        channel.deadline = .after(seconds: Self.timeLimit)
        while true {
            let question: LoginQuestion
            do throws(ChannelError) { question = try channel.receive(LoginQuestion.self) } catch {
                return lost(error)
            }
            switch question {
            case .password(let credentials):
                do throws(ChannelError) { try channel.send(answer(credentials)) } catch {
                    return lost(error)
                }
            case .takeOver(let tag, let octets):
                guard let account else { return lost(.malformed) }
                return .loggedIn(account, tag: tag, octets: octets)
            case .ended(let ending):
                log(ending)
                return .ended
            }
        }
    }

    private mutating func answer(_ credentials: Credentials) -> LoginAnswer {
        account = nil
        userName = credentials.name
        guard failures < Self.tries else { return .tooManyFailures }
        var place: FileDescriptor?
        do throws(SystemError) {
            place = try throttle?.place(before: channel.deadline)
            if throttle != nil, place == nil { return .unavailable }
        } catch { check.log.warning("login throttle: \(error)") }
        let start = Clock.monotonic
        let verdict = check.verdict(credentials)
        if case .right(let account) = verdict {
            self.account = account
            return .accepted
        }
        failures += 1
        log(verdict, credentials)
        waitForAnswer(since: start)
        _ = place.take()
        if case .unavailable = verdict { return .unavailable }
        return failures < Self.tries ? .refused : .tooManyFailures
    }

    /// Every failure takes the same time, counted from the question, so that the time tells nothing
    /// of how far the check came; it grows with the failures of the connection.
    private func waitForAnswer(since start: Int) {
        let seconds = min(check.settings.failureDelay * failures, Self.longestDelay)
        let end = Deadline(milliseconds: start + seconds * 1000)
        // The front sends nothing while it waits: readable means that it is gone.
        do throws(SystemError) { _ = try poll([(channel.descriptor, .readable)], until: end) } catch
        {
            check.log.warning(error.description)
        }
    }
}

extension Monitor {
    private func log(_ verdict: Verdict, _ credentials: Credentials) {
        let name = String(printable: credentials.name, limit: 80)
        let host = check.client.text
        switch verdict {
        case .right: break
        case .wrong: check.log.info("Login failed user=\(name) auth=\(name) host=\(host)")
        case .refused(let reason):
            check.log.info("Login failed user=\(name) auth=\(name) host=\(host): \(reason)")
        case .unavailable(let reason):
            check.log.error("Login failed user=\(name) auth=\(name) host=\(host): \(reason)")
        }
        if failures == Self.tries {
            check.log.warning("Login excessive login failures user=\(name) host=\(host)")
        }
    }

    private func log(_ ending: LoginQuestion.Ending) {
        let who = "user=\(userText) host=\(check.client.text)"
        switch ending {
        case .loggedOut: check.log.info("Logout \(who)")
        case .closed: check.log.info("Command stream end of file, while reading line \(who)")
        case .timedOut: check.log.info("Autologout \(who)")
        case .tooManyBadCommands: check.log.info("Too many bad commands before login \(who)")
        }
    }

    private var userText: String {
        userName.isEmpty ? "???" : String(printable: userName, limit: 80)
    }

    private func lost(_ error: ChannelError) -> Outcome {
        check.log.warning(
            "front of host=\(check.client.text) is lost before login: \(error.text)")
        return .ended
    }
}
