import Accounts
import Diagnostics
package import MailStore

/// From an account to its mail.
extension SessionStart {
    /// The user's store.
    ///
    /// The process must be the user's already.
    package func openStore() throws(StoreError) -> MailStore {
        let location = try MailLocation.parse(
            filledIn: account.mailLocation, user: account.name, home: account.home)
        for warning in location.warnings { log.warning("mail_location: \(warning)") }
        let log = log
        return MailStore(
            location, privilegedGroup: account.privilegedGroup, note: { log.warning($0) })
    }
}
