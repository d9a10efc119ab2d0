import Accounts
import Bytes
import Posix
import Settings

/// What one database says of a name and a password.
enum PasswordResult: Equatable {
    case right
    /// Not this name with this password; another database may know better.
    case wrong
    /// This database knows the account and forbids its use: no other is asked.
    case refused(String)
    case unavailable(String)
}

/// A place where passwords are checked.
enum PasswordDatabase {
    case pam(PAM)
    case shadow
    case passwdFile(PasswdFile, nameFormat: [UInt8], scheme: String)

    /// The databases that `settings` names, in their order; without any: PAM where it is set up, else
    /// shadow.
    ///
    /// Shadow is not asked behind PAM, whose rules it does not know.
    static func all(
        _ settings: AccessSettings, service: String, client: Client
    ) throws(DovecotError) -> [PasswordDatabase] {
        var databases: [PasswordDatabase] = []
        for database in settings.passwordDatabases {
            databases.append(try PasswordDatabase(database, service: service, client: client))
        }
        guard databases.isEmpty else { return databases }
        let plain = pam(service: service, options: [], client: client)
        do throws(SystemError) {
            return try PAM.isConfigured(service) ? [plain] : [.shadow]
        } catch { return [plain] }
    }

    private init(
        _ settings: DatabaseSettings, service: String, client: Client
    ) throws(DovecotError) {
        switch settings.driver {
        case "pam":
            let words = settings.arguments.split(separator: " ").map(String.init)
            for word in words where word.contains("=") && !Self.pamOptions.contains(word) {
                throw DovecotError(settings.place, "not supported yet: pam argument \(word)")
            }
            let name = words.last { !$0.contains("=") } ?? Self.defaultService(service)
            self = Self.pam(
                service: name == "*" ? service : name, options: words, client: client)
        case "shadow": self = .shadow
        case "passwd-file":
            let (file, format) = try settings.passwdFile()
            self = .passwdFile(
                PasswdFile(file), nameFormat: format, scheme: settings.defaultScheme)
        default:
            throw DovecotError(settings.place, "not supported yet: passdb \(settings.driver)")
        }
    }

    private static let pamOptions = ["session=yes", "session=no", "setcred=yes", "setcred=no"]

    /// Dovecot's own service where the administrator has it set up, else the protocol's.
    private static func defaultService(_ service: String) -> String {
        do throws(SystemError) {
            let path: Path = "/etc/pam.d/dovecot"
            return try path.statusIfPresent() != nil ? "dovecot" : service
        } catch { return service }
    }

    private static func pam(
        service: String, options: [String], client: Client
    ) -> PasswordDatabase {
        .pam(
            PAM(
                service: service, host: client.host, terminal: service,
                opensSession: options.contains("session=yes"),
                setsCredentials: options.contains("setcred=yes")))
    }

    /// Checks the password of the user called `name`, in the time that a check takes also where there
    /// is no such user.
    func check(_ name: [UInt8], _ password: [UInt8], service: String) -> PasswordResult {
        switch self {
        case .pam(let pam):
            guard let user = String(utf8: name) else { return .wrong }
            return pam.check(user, password)
        case .shadow: return checkShadow(name, password)
        case .passwdFile(let file, let format, let scheme):
            do throws(AccountError) {
                let key = try key(format, name, service)
                return check(try file.entry(key), password, scheme)
            } catch {
                StoredPassword.dummy.spendTime(on: password)
                switch error {
                case .unknown: return .wrong
                case .refused(let reason): return .refused(reason)
                case .unavailable(let reason): return .unavailable(reason)
                }
            }
        }
    }

    private func key(
        _ format: [UInt8], _ name: [UInt8], _ service: String
    ) throws(AccountError) -> [UInt8] {
        do throws(ExpansionError) {
            return try NameExpansion(user: name, service: service, for: .name).expand(format)
        } catch { throw .unavailable("username_format: \(error.text)") }
    }

    private func check(
        _ entry: PasswdEntry, _ password: [UInt8], _ scheme: String
    ) -> PasswordResult {
        let stored = StoredPassword(field: entry.password, defaultScheme: scheme)
        if case .notSupported(let name) = stored {
            StoredPassword.dummy.spendTime(on: password)
            return .unavailable("not supported yet: password scheme \(name)")
        }
        guard stored.matches(password) else { return .wrong }
        // Whoever wrote such a field meant to keep somebody out.
        for field in entry.extra where !field.key.starts(with: "userdb_".utf8) {
            return .refused("not supported yet: extra field \(String(printable: field.key))")
        }
        return .right
    }

    private func checkShadow(_ name: [UInt8], _ password: [UInt8]) -> PasswordResult {
        let entry: ShadowEntry?
        do throws(SystemError) {
            entry = try String(utf8: name).flatMap { (text) throws(SystemError) in
                try ShadowEntry.of(text)
            }
        } catch { return .unavailable(error.description) }
        guard let entry, entry.hash.utf8.first == UInt8(ascii: "$") else {
            StoredPassword.dummy.spendTime(on: password)
            return .wrong
        }
        guard StoredPassword.hashed(Array(entry.hash.utf8)).matches(password) else { return .wrong }
        return entry.isExpired ? .refused("the account or its password has expired") : .right
    }

    /// What the passwd-files had to complain about.
    var warnings: [String] {
        switch self {
        case .passwdFile(let file, _, _): file.takeWarnings()
        case .pam, .shadow: []
        }
    }
}
