import Bytes
import LocalDelivery
import Mbox
import Posix
import Tables

/// Delivery to a command or file that an alias or a .forward file names, as the owner of that
/// list.
///
/// Runs in a process that has become that owner.
struct LocalTargetDelivery {
    let recipient: LocalMessage.Recipient
    let settings: LocalSettings
    let agent: OwnProgram?

    func answer(command: [UInt8], _ message: borrowing LocalMessage) -> FieldWriter {
        answer(message, kind: "command") { (letter) throws(DeliveryFailure) in
            try settings.command(command, message.variables(for: recipient), agent).deliver(letter)
            return "delivered to command: \(String(printable: command))"
        }
    }

    func answer(file: [UInt8], _ message: borrowing LocalMessage) -> FieldWriter {
        answer(message, kind: "file") { (letter) throws(DeliveryFailure) in
            let path = Path(file)
            if file.last == UInt8(ascii: "/") {
                return try settings.deliver(letter, toMaildir: path)
            }
            try append(letter, to: path)
            return "delivered to file: \(path)"
        }
    }

    private func append(
        _ letter: borrowing DeliveredLetter, to path: Path
    ) throws(DeliveryFailure) {
        var locks = settings.lockPolicy(privilegedGroup: nil)
        // A lock file in a directory that is not ours to write in cannot be asked for.
        locks.methods = locks.methods.map { $0 == .dotlock ? .dotlockIfPossible : $0 }
        do throws(DeliveryFailure) {
            _ = try MailboxDelivery.append(
                letter, toMbox: path,
                rules: OpeningRules(creation: OpeningRules.Creation()), locks: locks,
                sizeLimit: settings.mailboxSizeLimit)
        } catch { throw error.prepending("cannot append message to file \(path): ") }
    }

    private func answer(
        _ message: borrowing LocalMessage, kind: String,
        _ deliver: (borrowing DeliveredLetter) throws(DeliveryFailure) -> String
    ) -> FieldWriter {
        do throws(DeliveryFailure) {
            let letter: DeliveredLetter
            do throws(SystemError) {
                letter = try message.letter(
                    for: recipient, hasDelivered: settings.headersPrepended.contains(kind))
            } catch { throw DeliveryFailure.retryLater(status: "4.3.0", text: "\(error)") }
            return LocalAnswer.delivered(try deliver(letter)).encode(notes: [])
        } catch { return LocalAnswer.failed(error).encode(notes: []) }
    }
}
