import Bytes
import Posix
package import Settings

/// Finds the account behind a login name whose password was right.
package struct AccountDirectory {
    package let settings: AccessSettings
    package let databases: [UserDatabase]
    /// `imap` or `pop3`.
    package let service: String
    /// The program runs as this ordinary user and can serve nobody else; nil: it runs as root.
    package let onlyUser: UInt32?

    package init(
        _ settings: AccessSettings, service: String, onlyUser: UInt32?
    ) throws(DovecotError) {
        self.settings = settings
        self.service = service
        self.onlyUser = onlyUser
        var databases: [UserDatabase] = []
        for database in settings.userDatabases { databases.append(try UserDatabase(database)) }
        self.databases = databases.isEmpty ? [.system] : databases
    }

    /// The account called `name`, from the first database that has one.
    package func account(_ name: [UInt8]) throws(AccountError) -> Account {
        for database in databases {
            do throws(AccountError) {
                let fields = try database.fields(name, service: service)
                return try account(name, fields)
            } catch {
                guard error == .unknown else { throw error }
            }
        }
        throw .unknown
    }

    private func account(_ name: [UInt8], _ fields: UserFields) throws(AccountError) -> Account {
        let user = try number(fields.user, else: settings.mailUser, "user", Self.userNumber)
        let group = try number(fields.group, else: settings.mailGroup, "group", Self.groupNumber)
        try checkRange(user: user, group: group)
        let homeText =
            fields.home.isEmpty
            ? try expand(Array(settings.mailHome.utf8), name, service, .path) : fields.home
        let home = Path(homeText)
        guard home.bytes.isEmpty || home.isAbsolute else {
            throw .unavailable("home directory \(home) is not absolute")
        }
        let location = fields.mail.isEmpty ? Array(settings.mailLocation.utf8) : fields.mail
        return Account(
            name: name, user: user, group: group, groups: fields.groups ?? [group], home: home,
            mailLocation: try expand(
                location, name, service, .path, home: home.bytes.isEmpty ? nil : home),
            privilegedGroup: try privilegedGroup())
    }

    /// Root never, and nobody outside of the configured range.
    private func checkRange(user: UInt32, group: UInt32) throws(AccountError) {
        if user == 0 || group == 0 { throw .refused("user or group 0 may not log in") }
        if let onlyUser {
            guard user == onlyUser else {
                throw .refused("user \(user) is not served by a program that runs as \(onlyUser)")
            }
            return
        }
        let last = settings.lastValidUser
        guard Int(user) >= settings.firstValidUser, last == 0 || Int(user) <= last else {
            throw .refused("user \(user) is outside of first_valid_uid and last_valid_uid")
        }
        guard Int(group) >= settings.firstValidGroup else {
            throw .refused("group \(group) is below first_valid_gid")
        }
    }

    private func number(
        _ given: [UInt8], else fallback: String, _ what: String,
        _ named: (String) throws(SystemError) -> UInt32?
    ) throws(AccountError) -> UInt32 {
        let text = given.isEmpty ? Array(fallback.utf8) : given
        if let number = UInt32(decimal: text) { return number }
        guard !text.isEmpty, let name = String(utf8: text) else {
            throw .unavailable("no \(what) is given for the account, nor mail_uid and mail_gid")
        }
        do throws(SystemError) {
            if let number = try named(name) { return number }
        } catch { throw .unavailable(error.description) }
        throw .unavailable("no \(what) is called \(name)")
    }

    private static func userNumber(_ name: String) throws(SystemError) -> UInt32? {
        try User.named(name)?.id
    }

    private static func groupNumber(_ name: String) throws(SystemError) -> UInt32? {
        try Group.id(named: name)
    }

    private func privilegedGroup() throws(AccountError) -> UInt32? {
        let name = settings.mailPrivilegedGroup
        guard !name.isEmpty, onlyUser == nil else { return nil }
        return try number([], else: name, "group", Self.groupNumber)
    }

    /// What the passwd-files had to complain about.
    package func takeWarnings() -> [String] {
        var warnings: [String] = []
        for case .passwdFile(let file, _) in databases { warnings += file.takeWarnings() }
        return warnings
    }
}
