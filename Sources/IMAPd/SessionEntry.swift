import Accounts
import Bytes
import Diagnostics
import LoginFront
import MailStore
import Monitor
import Posix
import Wire

/// From a login to its session.
extension IMAPSession {
    /// Serves a client that is logged in; the process has become its user.
    static func run(_ start: SessionStart) {
        let user = String(decoding: start.account.name, as: UTF8.self)
        let entry: Entry =
            switch start.entry {
            case .preauthenticated: .preauthenticated(user: String(printable: start.account.name))
            case .loggedIn(let tag): .loggedIn(tag: tag)
            }
        do throws(StoreError) {
            let store = try start.openStore()
            let who = "user=\(String(printable: start.account.name)) host=\(start.client.text)"
            // The lines that UW's imapd writes.
            switch start.entry {
            case .preauthenticated: start.log.info("Preauthenticated \(who)")
            case .loggedIn: start.log.info("Login \(who)")
            }
            defer { start.log.info("Logout \(who)") }
            run(stream: start.stream, store: store, log: start.log, entry: entry)
        } catch {
            start.log.error("user=\(user): cannot open the mail store: \(error)")
            refuse(start.stream)
        }
    }

    private static func refuse(_ stream: ByteStream) {
        do throws(WireError) {
            stream.deadline = .after(seconds: 60)
            try stream.write("* BYE [UNAVAILABLE] Mail cannot be opened\r\n")
            try stream.flush()
        } catch {
            // The client is gone as well.
        }
    }
}
