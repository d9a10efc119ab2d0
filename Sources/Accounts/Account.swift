package import Posix

/// Whom a session serves and where that user's mail lies.
package struct Account: Equatable, Sendable {
    /// The login name, as it was made whole by `auth_username_format`.
    package let name: [UInt8]
    package let user: UInt32
    package let group: UInt32
    package let groups: [UInt32]
    package let home: Path
    /// The expanded `mail_location`; empty when the place must be found out.
    package let mailLocation: [UInt8]
    /// The group that the session keeps the right to put on for lock files in the spool.
    package let privilegedGroup: UInt32?

    package init(
        name: [UInt8], user: UInt32, group: UInt32, groups: [UInt32], home: Path,
        mailLocation: [UInt8] = [], privilegedGroup: UInt32? = nil
    ) {
        self.name = name
        self.user = user
        self.group = group
        self.groups = groups
        self.home = home
        self.mailLocation = mailLocation
        self.privilegedGroup = privilegedGroup
    }
}

/// What is not an account, and why.
package enum AccountError: Error, Equatable, Sendable {
    /// Nobody of that name.
    case unknown
    /// The account exists and may not be used; the text is for the log.
    case refused(String)
    /// Whether there is one cannot be said now; the text is for the log.
    case unavailable(String)
}
