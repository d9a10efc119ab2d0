import Bytes
import MailStore
import Wire

/// How a command ended: the tagged response (RFC 3501 section 7.1).
enum Completion: Equatable {
    /// `code` is what stands in brackets.
    case ok(code: String? = nil, String)
    case no(code: String? = nil, String)
    case bad(String)

    /// The line behind the tag.
    var text: String {
        switch self {
        case .ok(let code, let text): "OK " + Self.coded(code) + text
        case .no(let code, let text): "NO " + Self.coded(code) + text
        case .bad(let text): "BAD " + text
        }
    }

    private static func coded(_ code: String?) -> String { code.map { "[\($0)] " } ?? "" }
}

/// Why a command, or the whole session, goes no further.
enum Interruption: Error {
    /// The command is answered with this; the session goes on.
    case refused(Completion)
    /// The client is told `BYE` and the session ends.
    case bye(String)
    /// The client is gone, or does not take what is sent.
    case wire(WireError)
}

extension StoreError {
    /// What the client is told; details of the machine stay in the log.
    var interruption: Interruption {
        switch self {
        case .missing: .refused(.no(code: "NONEXISTENT", "No such mailbox"))
        case .exists: .refused(.no(code: "ALREADYEXISTS", "Mailbox exists already"))
        case .notSelectable: .refused(.no(code: "CANNOT", "Mailbox only holds other mailboxes"))
        case .hasChildren:
            .refused(.no(code: "HASCHILDREN", "Mailbox has other mailboxes below it"))
        case .invalidName(let why): .refused(.no(code: "CANNOT", "Invalid mailbox name: \(why)"))
        case .denied: .refused(.no(code: "NOPERM", "Permission denied"))
        case .readOnly: .refused(.no(code: "NOPERM", "Mailbox is read-only"))
        case .inUse: .refused(.no(code: "INUSE", "Mailbox is in use"))
        case .busy: .refused(.no(code: "INUSE", "Mailbox is locked by another program"))
        case .overQuota: .refused(.no(code: "OVERQUOTA", "No space left"))
        case .limit(let what): .refused(.no(code: "LIMIT", "Limit reached: \(what)"))
        case .expunged: .refused(.no(code: "EXPUNGEISSUED", "Message was expunged"))
        case .replaced: .bye("Mailbox was replaced by another program")
        case .corrupt: .refused(.no(code: "CORRUPTION", "Mailbox is damaged"))
        case .notSupported(let what): .refused(.no(code: "CANNOT", "not supported yet: \(what)"))
        case .failed: .refused(.no(code: "UNAVAILABLE", "Internal error"))
        }
    }

    /// The administrator should hear of it.
    var isForTheLog: Bool {
        switch self {
        case .denied, .busy, .overQuota, .corrupt, .failed, .replaced: true
        case .missing, .exists, .notSelectable, .hasChildren, .invalidName, .readOnly, .inUse,
            .limit, .expunged, .notSupported:
            false
        }
    }
}
