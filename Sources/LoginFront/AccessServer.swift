package import Accounts
package import Diagnostics
package import Monitor
package import Settings
package import Wire

/// What makes one access server of what all of them share: the words of its protocol.
package struct AccessServer: Sendable {
    /// `ipop3d` or `imapd`.
    package let program: String
    /// The protocol's name in settings and in PAM: `pop3` or `imap`.
    package let service: String
    /// Whether an ordinary user who starts the program from a shell is served without a login.
    package let servesItsCaller: Bool
    /// Says, as a greeting, that there is no service, and why.
    package let refusal: @Sendable (_ reason: String) -> String
    /// Speaks with a stranger until the login; runs without rights.
    package let front: @Sendable (Front) -> Void
    /// Serves a user; runs as that user.
    package let session: @Sendable (SessionStart) -> Void

    package init(
        program: String, service: String, servesItsCaller: Bool,
        refusal: @escaping @Sendable (_ reason: String) -> String,
        front: @escaping @Sendable (Front) -> Void,
        session: @escaping @Sendable (SessionStart) -> Void
    ) {
        self.program = program
        self.service = service
        self.servesItsCaller = servesItsCaller
        self.refusal = refusal
        self.front = front
        self.session = session
    }
}

/// What a session begins with.
package struct SessionStart {
    /// The connection; what the client sent behind its login is in its buffer.
    package let stream: ByteStream
    package let account: Account
    package let client: Client
    package let settings: AccessSettings
    package let log: Log
    package let entry: Entry

    /// What the client must be told first.
    package enum Entry: Equatable, Sendable {
        /// The greeting of a session without a login.
        case preauthenticated
        /// The answer to the command that asked for the login; `tag` is IMAP's.
        case loggedIn(tag: [UInt8])
    }

    package init(
        stream: ByteStream, account: Account, client: Client, settings: AccessSettings, log: Log,
        entry: Entry
    ) {
        self.stream = stream
        self.account = account
        self.client = client
        self.settings = settings
        self.log = log
        self.entry = entry
    }
}
