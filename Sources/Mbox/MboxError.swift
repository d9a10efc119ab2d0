package import Posix

/// Why an mbox could not be opened, locked or changed; each case is something that its caller does
/// next.
///
/// Whatever the case, the mailbox holds what it held before, or the side file holds what the next
/// opener needs to make it so.
package enum MboxError: Error, Equatable, Sendable {
    /// A lock did not come in time; trying later may help. The text names the lock.
    case busy(String)
    /// There is no such file and it was not to be made.
    case missing
    /// The file, or one beside it, breaks the opening rules: mail must wait for the administrator.
    case unsafe(String)
    /// What was read there is not an mbox, or is not what was there before; nothing was changed.
    case damaged(String)
    /// A system call failed; `isOutOfSpace` and `isDenied` of the error tell what kind.
    case failed(SystemError)

    /// Over quota or beyond a file size limit: the recipient's doing, so the letter goes back.
    ///
    /// Every other trouble is worth another attempt.
    package var isForGood: Bool {
        guard case .failed(let error) = self else { return false }
        return error.code == SystemError.overQuota || error.code == SystemError.tooLarge
    }
}

extension MboxError: CustomStringConvertible {
    /// One line for the log.
    package var description: String {
        switch self {
        case .busy(let what): "unable to lock for exclusive access: \(what)"
        case .missing: "no such mailbox"
        case .unsafe(let what): what
        case .damaged(let what): what
        case .failed(let error): error.description
        }
    }
}

/// Runs `body` and translates a failed system call.
func system<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
) throws(MboxError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .failed(error) }
}
