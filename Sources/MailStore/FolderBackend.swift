import Maildir
import Posix

/// How a backend opens a folder: as a session does, or as POP3 does.
enum BackendAccess: Equatable, Sendable {
    case readWrite
    case readOnly
    /// Alone, and without using up `\Recent`.
    case maildrop
}

/// What `refresh` found: the folder as it is on the disk now.
struct FolderState: Equatable, Sendable {
    var uidValidity: UInt32
    /// Greater than every UID that was ever given.
    var uidNext: UInt32
    /// The keywords that the folder knows, in the order of the format.
    var keywords: [Keyword]
    /// Every message, in ascending order of UIDs.
    ///
    /// `isRecent` is what this session may claim.
    var messages: [MessageSummary]
}

/// An open folder in one of the two formats: the set is closed, so the compiler finds every place
/// that a third would touch.
///
/// A backend knows the disk and no view: `Mailbox` holds what the client was told.
enum FolderBackend {
    case maildir(MaildirFolder)
    case mbox(MboxFolder)

    var isReadOnly: Bool {
        switch self {
        case .maildir(let folder): folder.isReadOnly
        case .mbox(let folder): folder.isReadOnly
        }
    }

    /// As many keywords as the format has room for.
    var keywordLimit: Int {
        switch self {
        case .maildir: MaildirInfo.keywordLimit
        case .mbox: .max
        }
    }

    var watchedPaths: [Path] {
        switch self {
        case .maildir(let folder): folder.watchedPaths
        case .mbox(let folder): folder.watchedPaths
        }
    }

    func refresh() throws(StoreError) -> FolderState? {
        switch self {
        case .maildir(let folder): try folder.refresh()
        case .mbox(let folder): try folder.refresh()
        }
    }

    func size(of uid: UInt32) throws(StoreError) -> Int {
        switch self {
        case .maildir(let folder): try folder.size(of: uid)
        case .mbox(let folder): try folder.size(of: uid)
        }
    }

    func internalDate(of uid: UInt32) throws(StoreError) -> Int {
        switch self {
        case .maildir(let folder): try folder.internalDate(of: uid)
        case .mbox(let folder): try folder.internalDate(of: uid)
        }
    }

    func content(of uid: UInt32) throws(StoreError) -> StoredMessage {
        switch self {
        case .maildir(let folder): try folder.content(of: uid)
        case .mbox(let folder): try folder.content(of: uid)
        }
    }

    func uniqueIdentifier(of uid: UInt32) throws(StoreError) -> [UInt8]? {
        switch self {
        case .maildir(let folder): folder.uniqueIdentifier(of: uid)
        case .mbox(let folder): try folder.uniqueIdentifier(of: uid)
        }
    }

    func store(
        _ change: FlagChange, to uids: [UInt32]
    ) throws(StoreError) -> [MessageSummary] {
        switch self {
        case .maildir(let folder): try folder.store(change, to: uids)
        case .mbox(let folder): try folder.store(change, to: uids)
        }
    }

    func expunge(_ uids: [UInt32]) throws(StoreError) {
        switch self {
        case .maildir(let folder): try folder.expunge(uids)
        case .mbox(let folder): try folder.expunge(uids)
        }
    }

    func checkpoint() throws(StoreError) {
        switch self {
        case .maildir: break
        case .mbox(let folder): try folder.checkpoint()
        }
    }

    func close() throws(StoreError) {
        switch self {
        case .maildir(let folder): folder.close()
        case .mbox(let folder): try folder.close()
        }
    }
}

/// Messages being added to a folder in one of the two formats.
enum AppendBackend {
    case maildir(MaildirAppend)
    case mbox(MboxAppend)
}
