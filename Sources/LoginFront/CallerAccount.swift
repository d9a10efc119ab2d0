import Accounts
import Bytes
import Posix
import Settings

/// The account of the ordinary user who started the program.
enum CallerAccount {
    /// HOME is where the user says that home is; where the mail lies is still what the settings say.
    static func account(
        _ settings: AccessSettings, service: String
    ) throws(AccountError) -> Account {
        let user: User?
        do throws(SystemError) { user = try User.withID(Rights.effectiveUser) } catch {
            throw .unavailable(error.description)
        }
        guard let user else { throw .unknown }
        let home = Environment["HOME"].map { Path($0) } ?? user.home
        let name = Array(user.name.utf8)
        do throws(ExpansionError) {
            let expansion = NameExpansion(user: name, home: home, service: service, for: .path)
            return Account(
                name: name, user: user.id, group: Rights.effectiveGroup, groups: [],
                home: home.isAbsolute ? home : user.home,
                mailLocation: try expansion.expand(Array(settings.mailLocation.utf8)))
        } catch { throw .unavailable("mail_location: \(error.text)") }
    }
}
