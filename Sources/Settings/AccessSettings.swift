/// What the access servers `ipop3d` and `imapd`, and `mda --lmtp`, are told: the part of Dovecot's
/// configuration that they honour, each setting with Dovecot's name and, where this file does not say
/// otherwise, its default.
package struct AccessSettings: Sendable {
    /// The lists of passwords and of users; empty lists stand for the machine's accounts.
    package var passwordDatabases: [DatabaseSettings] = []
    package var userDatabases: [DatabaseSettings] = []
    package var protocols = ["imap", "pop3"]
    /// Where mail lies; empty: found out for each user.
    package var mailLocation = ""
    package var mailHome = ""
    package var mailUser = ""
    package var mailGroup = ""
    /// The group whose right to make lock files in the spool is kept.
    package var mailPrivilegedGroup = ""
    package var firstValidUser = 500
    /// 0: no upper limit.
    package var lastValidUser = 0
    package var firstValidGroup = 1
    package var usernameFormat = "%Lu"
    package var usernameCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890.-_@"
    package var mechanisms = ["plain"]
    /// Seconds that the answer to a wrong password takes at least.
    ///
    /// UW waits 3, Dovecot 2.
    package var failureDelay = 3
    package var disablePlaintext = true
    /// The account under which strangers' octets are read before login.
    package var loginUser = "nobody"
    /// What the greeting says; empty: the host's name and the version.
    package var greeting = ""
    package var listen = ["*", "::"]
    package var pop3UIDLFormat = UIDLFormat.standard
    /// RETR leaves the \Seen flag alone.
    package var pop3LeavesFlags = false
    /// `syslog` or a file.
    package var logPath = "syslog"
    package var ssl = "no"
    /// The octets that may part a recipient's name from an extension.
    package var recipientDelimiter = "+"
    /// Mail for a full mailbox waits; Dovecot's default is that it goes back.
    package var quotaFullIsTemporary = true
    /// What was found but is not honoured, each with file and line.
    package var warnings: [String] = []

    package init() {}
}

/// A `passdb { … }` or `userdb { … }`.
package struct DatabaseSettings: Equatable, Sendable {
    package let driver: String
    package let arguments: String
    package let place: DovecotPlace

    package init(driver: String, arguments: String, place: DovecotPlace) {
        self.driver = driver
        self.arguments = arguments
        self.place = place
    }
}
