import Bytes
import Diagnostics
import LocalSubmission
import Posix
import SMTPGrammar

/// The way of users of this machine.
final class DropSinks: MessageSinks {
    func open(
        _ session: Session, _ transaction: Session.Transaction, _ environment: SMTPEnvironment
    ) -> (any MessageSink)? {
        DropSink(
            sender: transaction.sender, sizeLimit: session.rules.sizeLimit, environment.log)
    }
}

/// Hands the message of a user of this machine to `postdrop`: `sendmail -bs`.
final class DropSink: MessageSink {
    private let drop: DropProcess
    private let sizeLimit: Int
    private var size = 0
    let queueID: String

    /// Nil when `postdrop` cannot be started or can make no file, which it or the log has said.
    init?(sender: [UInt8], sizeLimit: Int, _ log: Log) {
        self.sizeLimit = sizeLimit
        do throws(SystemError) {
            let programs = try CompanionPrograms()
            drop = try DropProcess.start(namesFile: true) { arguments in
                log.error("\(programs.execute("postdrop", arguments))")
                Process.leave(1)
            }
        } catch {
            log.warning("start postdrop: \(error)")
            return nil
        }
        guard !drop.name.isEmpty else { return nil }
        queueID = String(printable: drop.name)
        drop.put(.sender(sender))
    }

    func add(_ recipient: [UInt8]) { drop.put(.recipient(recipient)) }

    func content(_ piece: [UInt8]) {
        size += piece.count
        guard !isTooBig else { return }
        var rest = piece[...]
        while !rest.isEmpty {
            drop.put(.content(Array(rest.prefix(MaildropRecord.pieceLimit))))
            rest = rest.dropFirst(MaildropRecord.pieceLimit)
        }
    }

    private var isTooBig: Bool { sizeLimit > 0 && size > sizeLimit }

    func finish() -> Reply {
        if isTooBig { return Reply(552, "5.3.4", "Error: message file too big") }
        do throws(SystemError) {
            if try drop.finish() == .exited(0) {
                return Reply(250, "2.0.0", "Ok: queued as \(queueID)")
            }
        } catch {
            // What became of the message is not known, so it was not taken.
        }
        return Reply(451, "4.3.0", "Error: queue file write error")
    }
}
