import Bounces
import Cleanup
import Pickup
import QueueManager
import SMTPServer
import Services
import Transports

/// The names of `minimta`, and what each does.
enum ProgramTable {
    enum Role {
        /// What a person or script runs.
        case command(@Sendable ([String]) -> Never)
        /// What master starts.
        case daemon(@Sendable (Daemon) -> Never)
        /// A program of Postfix's that does not exist here yet.
        case notYet
    }

    struct Entry {
        let name: String
        let role: Role
    }

    private static let entries: [Entry] = [
        Entry(name: "pickup", role: .daemon { PickupDaemon.run($0) }),
        Entry(name: "postmap", role: .command(TableCommand.runMap)),
        Entry(name: "postalias", role: .command(TableCommand.runAlias)),
        Entry(name: "postfix", role: .command(PostfixCommand.run)),
        Entry(name: "bounce", role: .daemon { BounceDaemon.run($0) }),
        Entry(name: "showq", role: .daemon { ShowqDaemon.run($0) }),
        Entry(name: "local", role: .daemon { LocalDaemon.run($0) }),
        Entry(name: "qmgr", role: .daemon { QueueManagerDaemon.run($0) }),
        Entry(name: "smtpd", role: .daemon { SMTPServerDaemon.run($0) }),
        Entry(name: "cleanup", role: .daemon { CleanupDaemon.run($0) }),
        Entry(name: "postcat", role: .command(PostcatCommand.run)),
        Entry(name: "postsuper", role: .command(PostsuperCommand.run)),
    ]

    /// Programs of Postfix's that do not exist here yet, each to be told from a mistyped name.
    private static let later = [
        "postconf", "postlog", "postlock", "postkick", "postmulti", "posttls-finger", "anvil",
        "discard", "dnsblog", "error", "flush", "lmtp", "oqmgr", "pipe", "postlogd", "postscreen",
        "proxymap", "qmqpd", "scache", "smtp", "spawn", "tlsmgr", "tlsproxy", "trivial-rewrite",
        "verify", "virtual",
    ]

    static func entry(named name: String) -> Entry? {
        entries.first { $0.name == name }
            ?? (later.contains(name) ? Entry(name: name, role: .notYet) : nil)
    }

    /// Why a name that is not in the table cannot be run.
    static func refusal(of name: String) -> String {
        "no such program: \(name); there are \(entries.map(\.name).sorted().joined(separator: ", "))"
    }
}
