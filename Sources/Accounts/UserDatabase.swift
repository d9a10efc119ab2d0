import Bytes
package import Posix
package import Settings

/// Where it is looked up which user, group and home an account has.
package enum UserDatabase {
    /// The machine's accounts, by the name service.
    case system
    case passwdFile(PasswdFile, nameFormat: [UInt8])
    /// The same for everybody, from templates.
    case fixed(FixedUser)

    /// The templates of `driver = static`.
    package struct FixedUser: Equatable, Sendable {
        package var user: [UInt8] = []
        package var group: [UInt8] = []
        package var home: [UInt8] = []
        package var mail: [UInt8] = []
    }

    package init(_ settings: DatabaseSettings) throws(DovecotError) {
        switch settings.driver {
        case "passwd": self = .system
        case "passwd-file":
            let (file, format) = try settings.passwdFile()
            self = .passwdFile(PasswdFile(file), nameFormat: format)
        case "static": self = .fixed(try settings.fixedUser())
        default:
            throw DovecotError(settings.place, "not supported yet: userdb \(settings.driver)")
        }
    }

    /// What the database says of the user called `name`.
    func fields(_ name: [UInt8], service: String) throws(AccountError) -> UserFields {
        switch self {
        case .system:
            return try UserFields(system: name)
        case .passwdFile(let file, let format):
            let key = try expand(format, name, service, .name)
            let entry = try file.entry(key)
            guard entry.hasUserFields else { throw .unknown }
            return UserFields(
                user: entry.user, group: entry.group, home: entry.home,
                mail: entry.extra("userdb_mail") ?? [])
        case .fixed(let fixed):
            return UserFields(
                user: try expand(fixed.user, name, service, .name),
                group: try expand(fixed.group, name, service, .name),
                home: try expand(fixed.home, name, service, .path), mail: fixed.mail)
        }
    }
}

/// What a user database says: names or numbers, empty where it says nothing.
struct UserFields: Equatable {
    var user: [UInt8]
    var group: [UInt8]
    /// Every group, where the machine's accounts were asked.
    var groups: [UInt32]?
    var home: [UInt8]
    /// A `mail_location` of the user's own.
    var mail: [UInt8]

    init(user: [UInt8], group: [UInt8], home: [UInt8], mail: [UInt8]) {
        self.user = user
        self.group = group
        self.home = home
        self.mail = mail
    }

    init(system name: [UInt8]) throws(AccountError) {
        let user: User?
        do throws(SystemError) {
            user = try String(utf8: name).flatMap { (text) throws(SystemError) in
                try User.named(text)
            }
        } catch { throw .unavailable(error.description) }
        // A name service may fold case; the session would then run under another name.
        guard let user, Array(user.name.utf8) == name else { throw .unknown }
        self.init(
            user: Array(String(user.id)), group: Array(String(user.group)),
            home: user.home.bytes, mail: [])
        groups = user.groups
    }
}

func expand(
    _ template: [UInt8], _ name: [UInt8], _ service: String, _ use: NameExpansion.Use,
    home: Path? = nil
) throws(AccountError) -> [UInt8] {
    do throws(ExpansionError) {
        return try NameExpansion(user: name, home: home, service: service, for: use)
            .expand(template)
    } catch {
        switch error {
        case .unsafeName: throw .refused(error.text)
        case .notSupported, .noHome: throw .unavailable(error.text)
        }
    }
}

extension DatabaseSettings {
    /// The words of `args`.
    private var words: [[UInt8]] {
        Array(arguments.utf8).split { $0.isBlank }.map { Array($0) }
    }

    /// `args` of a passwd-file: options, then the file.
    package func passwdFile() throws(DovecotError) -> (file: Path, nameFormat: [UInt8]) {
        var format = Array("%u".utf8)
        var file: Path?
        for word in words {
            if word.first == UInt8(ascii: "/") {
                file = Path(word)
            } else if let value = value(of: "username_format", in: word) {
                format = value
            } else if value(of: "scheme", in: word) == nil {
                throw DovecotError(
                    place, "not supported yet: passwd-file argument \(String(printable: word))")
            }
        }
        guard let file else { throw DovecotError(place, "a passwd-file without a file in args") }
        guard !file.bytes.contains(UInt8(ascii: "%")) else {
            throw DovecotError(place, "not supported yet: variables in a passwd-file's name")
        }
        return (file, format)
    }

    /// The scheme of passwords without one: `scheme=…` in `args`.
    package var defaultScheme: String {
        let named = words.compactMap { value(of: "scheme", in: $0) }.last
        return named.map { String(printable: $0.uppercased) } ?? "CRYPT"
    }

    fileprivate func fixedUser() throws(DovecotError) -> UserDatabase.FixedUser {
        var fixed = UserDatabase.FixedUser()
        for word in words {
            if let user = value(of: "uid", in: word) {
                fixed.user = user
            } else if let group = value(of: "gid", in: word) {
                fixed.group = group
            } else if let home = value(of: "home", in: word) {
                fixed.home = home
            } else if let mail = value(of: "mail", in: word) {
                fixed.mail = mail
            } else if value(of: "allow_all_users", in: word) == nil {
                throw DovecotError(
                    place, "not supported yet: static argument \(String(printable: word))")
            }
        }
        return fixed
    }

    /// The text behind `key=`.
    private func value(of key: StaticString, in word: [UInt8]) -> [UInt8]? {
        let key = key.octets + "=".utf8
        return word.starts(with: key) ? Array(word.dropFirst(key.count)) : nil
    }
}
