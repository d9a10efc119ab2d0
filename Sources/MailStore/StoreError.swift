package import Posix

/// Why a store did not do what it was asked; each case is something that its caller does next.
package enum StoreError: Error, Equatable, Sendable {
    /// The folder does not exist: `NO [NONEXISTENT]`, or `[TRYCREATE]` for APPEND and COPY.
    case missing
    /// The folder exists already.
    case exists
    /// The folder only holds other folders and cannot be opened.
    case notSelectable
    /// The folder has children, which must go first.
    case hasChildren
    /// The name cannot be a folder's name here; the text says why.
    case invalidName(String)
    /// The file system forbids it.
    case denied(String)
    /// The mailbox was opened without the right to change it.
    case readOnly
    /// Another session holds the maildrop: POP3's `[IN-USE]`.
    case inUse
    /// A lock did not come in time; trying later may help.
    case busy(String)
    /// Disk, quota or file size limit; nothing was changed.
    case overQuota(String)
    /// A limit of ours or of the format, such as the 26 keywords of a Maildir.
    case limit(String)
    /// The message with this UID is no more: another session has expunged it.
    case expunged(UInt32)
    /// The mailbox was replaced or renumbered by another program: the session must end (`BYE`).
    case replaced
    /// What is on the disk cannot be understood; the text says which file and why.
    case corrupt(String)
    /// Not built yet; the text names the thing.
    case notSupported(String)
    /// A system call failed in a way that none of the other cases names.
    case failed(SystemError)
}

extension StoreError {
    /// The case that a failed system call stands for.
    package init(_ error: SystemError) {
        if error.isOutOfSpace {
            self = .overQuota(error.description)
        } else if error.isDenied {
            self = .denied(error.description)
        } else {
            self = .failed(error)
        }
    }
}

extension StoreError: CustomStringConvertible {
    /// One line for the log; never content of a message.
    package var description: String {
        switch self {
        case .missing: "no such folder"
        case .exists: "folder exists already"
        case .notSelectable: "folder only holds other folders"
        case .hasChildren: "folder has children"
        case .invalidName(let why): "invalid folder name: \(why)"
        case .denied(let what): "permission denied: \(what)"
        case .readOnly: "mailbox is open read-only"
        case .inUse: "mailbox is in use by another session"
        case .busy(let what): "lock not available: \(what)"
        case .overQuota(let what): "out of space: \(what)"
        case .limit(let what): "limit reached: \(what)"
        case .expunged(let uid): "message with UID \(uid) was expunged"
        case .replaced: "mailbox was replaced by another program"
        case .corrupt(let what): "damaged: \(what)"
        case .notSupported(let what): "not supported yet: \(what)"
        case .failed(let error): error.description
        }
    }
}

/// Runs `body` and translates a failed system call at the module's door.
func translating<Result: ~Copyable>(
    _ body: () throws(SystemError) -> Result
) throws(StoreError) -> Result {
    do throws(SystemError) { return try body() } catch { throw StoreError(error) }
}
