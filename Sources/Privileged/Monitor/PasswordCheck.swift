import Accounts
import Diagnostics
import Posix
import Services
import Settings

/// Looks at one password in a process of its own, so that neither hashes nor what PAM's modules leave
/// behind is in the memory of the process that becomes the user.
struct PasswordCheck {
    /// A PAM module that asks a server elsewhere may take this long; then the login fails for now.
    static let timeLimit = 60

    let settings: AccessSettings
    /// `imap` or `pop3`.
    let service: String
    let client: Client
    let onlyUser: UInt32?
    let log: Log

    /// Whether the password is right, and whose it is.
    func verdict(_ credentials: Credentials) -> Verdict {
        do throws(SystemError) {
            let pair = try SocketPair()
            guard let child = try Process.fork() else {
                answer(credentials, to: pair.keepSecond())
            }
            let channel = try Channel(pair.keepFirst())
            channel.deadline = .after(seconds: Self.timeLimit)
            let verdict: Verdict
            do throws(ChannelError) {
                verdict = try channel.receive(Verdict.self)
            } catch { verdict = .unavailable("password check: \(error.text)") }
            try Process.signal(child, Signal.kill)
            _ = try Process.wait(child)
            return verdict
        } catch { return .unavailable(error.description) }
    }

    /// The child's whole life.
    private func answer(_ credentials: Credentials, to socket: consuming FileDescriptor) -> Never {
        do throws(SystemError) {
            let channel = try Channel(socket)
            channel.deadline = .after(seconds: Self.timeLimit)
            do throws(ChannelError) { try channel.send(look(credentials)) } catch {
                log.warning("password check: \(error.text)")
            }
        } catch { log.warning(error.description) }
        Process.leave(0)
    }

    private func look(_ credentials: Credentials) -> Verdict {
        let name: [UInt8]
        do throws(AccountError) {
            name = try LoginName.normalised(credentials.name, settings, service: service)
        } catch { return verdict(error) }
        do throws(DovecotError) {
            let directory = try AccountDirectory(settings, service: service, onlyUser: onlyUser)
            let databases = try PasswordDatabase.all(settings, service: service, client: client)
            let verdict = look(name, credentials.password, databases, directory)
            for warning in databases.flatMap(\.warnings) + directory.takeWarnings() {
                log.warning(warning)
            }
            return verdict
        } catch { return .unavailable(error.description) }
    }

    private func look(
        _ name: [UInt8], _ password: [UInt8], _ databases: [PasswordDatabase],
        _ directory: AccountDirectory
    ) -> Verdict {
        var trouble: String?
        for database in databases {
            switch database.check(name, password, service: service) {
            case .right:
                do throws(AccountError) { return .right(try directory.account(name)) } catch {
                    return verdict(error)
                }
            case .wrong: continue
            case .refused(let reason): return .refused(reason)
            case .unavailable(let reason): trouble = reason
            }
        }
        // A database that did not answer might have known the user.
        return trouble.map { .unavailable($0) } ?? .wrong
    }

    private func verdict(_ error: AccountError) -> Verdict {
        switch error {
        case .unknown: .refused("the password is right, but no userdb knows the user")
        case .refused(let reason): .refused(reason)
        case .unavailable(let reason): .unavailable(reason)
        }
    }
}
