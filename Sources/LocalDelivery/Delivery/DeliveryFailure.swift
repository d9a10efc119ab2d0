package import Mbox
package import Posix

/// Why a delivery did not happen: whether trying again may help, the enhanced status of RFC 3463, and
/// words for the log and the sender.
package enum DeliveryFailure: Error, Equatable, Sendable {
    case retryLater(status: String, text: String)
    case giveUp(status: String, text: String)

    package var status: String {
        switch self {
        case .retryLater(let status, _), .giveUp(let status, _): status
        }
    }

    package var text: String {
        switch self {
        case .retryLater(_, let text), .giveUp(_, let text): text
        }
    }

    /// The failure whose status says by its first digit whether to try again.
    package init(status: String, text: String) {
        self =
            status.utf8.first == 0x35
            ? .giveUp(status: status, text: text) : .retryLater(status: status, text: text)
    }

    /// The same failure with `words` in front of its text.
    package func prepending(_ words: String) -> DeliveryFailure {
        DeliveryFailure(status: status, text: words + text)
    }

    /// The same failure, but for a full mailbox one that passes when mail is to wait for room.
    package func waiting(whenFull waits: Bool) -> DeliveryFailure {
        waits && status == "5.2.2" ? .retryLater(status: "4.2.2", text: text) : self
    }

    /// What a failed system call on a mailbox means: a full disk passes, a quota is the recipient's.
    ///
    /// Trouble of the machine (a read-only or failing disk, too many open files) is never the
    /// letter's fault, so it is tried again where Postfix gives up.
    package static func mailbox(_ error: SystemError, _ operation: String) -> DeliveryFailure {
        let text = "\(operation): \(error.reason)"
        return switch error.code {
        case SystemError.noSpace: .retryLater(status: "4.3.0", text: text)
        case SystemError.overQuota, SystemError.tooLarge: .giveUp(status: "5.2.2", text: text)
        case SystemError.denied, SystemError.notPermitted, SystemError.notDirectory,
            SystemError.missing, SystemError.isDirectory, SystemError.loop:
            .giveUp(status: "5.2.0", text: text)
        default: .retryLater(status: "4.2.0", text: text)
        }
    }

    package static func mailbox(_ error: MboxError) -> DeliveryFailure {
        switch error {
        case .failed(let failure): mailbox(failure, failure.operation)
        case .busy, .missing, .unsafe, .damaged:
            .retryLater(status: "4.2.0", text: error.description)
        }
    }
}
