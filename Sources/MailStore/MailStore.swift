import Bytes
import Maildir
import Posix

/// One user's mail: the folders and what can be done with them.
///
/// It acts with the rights that the process has: the session has become its user before. Nothing
/// outside of the location's `root` and `inbox` is touched, whatever a folder is called.
package final class MailStore {
    package let location: MailLocation
    /// The group that may make lock files in the spool directory; nil: none.
    package let privilegedGroup: UInt32?
    /// Takes what must reach the log: an interrupted change that was completed, octets set aside.
    private let note: (String) -> Void
    private let tree: FolderTree

    /// The folders on the disk in one of the two layouts.
    private enum FolderTree {
        case maildir(MaildirTree)
        case mbox(MboxTree)
    }

    package init(
        _ location: MailLocation, privilegedGroup: UInt32? = nil,
        note: @escaping (String) -> Void = { _ in }
    ) {
        self.location = location
        self.note = note
        self.privilegedGroup = privilegedGroup
        switch location.format {
        case .maildir: tree = .maildir(MaildirTree(location))
        case .mbox: tree = .mbox(MboxTree(location))
        }
    }

    /// What separates the levels of a folder's name: `.` in a Maildir++, `/` with mbox files.
    package var separator: UInt8 { FolderNameRules(format: location.format).separator }

    // MARK: Folders

    /// Every folder, INBOX first and then in the order of their names; LIST's patterns are IMAP's.
    ///
    /// Levels that hold folders but are none are among them.
    package func folders() throws(StoreError) -> [FolderEntry] {
        switch tree {
        case .maildir(let tree):
            return FolderListing.entries(
                folders: try tree.names(), levels: [], separator: separator, filesAreLeaves: false)
        case .mbox(let tree):
            let found = try tree.entries()
            return FolderListing.entries(
                folders: found.filter { !$0.isLevel }.map(\.name),
                levels: found.filter(\.isLevel).map(\.name), separator: separator,
                filesAreLeaves: true)
        }
    }

    /// Makes a folder and, where they are missing, the levels above it.
    package func create(_ name: FolderName) throws(StoreError) {
        switch tree {
        case .maildir(let tree): try tree.create(name)
        case .mbox(let tree): try tree.create(name)
        }
    }

    /// Makes a level of the hierarchy that can hold folders: CREATE with a trailing separator.
    ///
    /// In a Maildir++ every folder is also a level, so it is an ordinary folder.
    package func createLevel(_ name: FolderName) throws(StoreError) {
        switch tree {
        case .maildir(let tree): try tree.create(name)
        case .mbox(let tree): try tree.createLevel(name)
        }
    }

    /// Removes a folder and its messages; its children stay.
    package func delete(_ name: FolderName) throws(StoreError) {
        guard !name.isInbox else { throw .invalidName("INBOX cannot be deleted") }
        switch tree {
        case .maildir(let tree): try tree.delete(name)
        case .mbox(let tree): try tree.delete(name)
        }
    }

    /// Renames a folder with its children; renaming INBOX moves its messages to a new folder and
    /// leaves an empty INBOX (RFC 3501 section 6.3.5).
    package func rename(_ name: FolderName, to target: FolderName) throws(StoreError) {
        guard !target.isInbox else { throw .exists }
        if name.isInbox { return try moveInbox(to: target) }
        switch tree {
        case .maildir(let tree): try tree.rename(name, to: target)
        case .mbox(let tree): try tree.rename(name, to: target)
        }
    }

    private func moveInbox(to target: FolderName) throws(StoreError) {
        try create(target)
        let inbox = try open(.inbox, .readWrite)
        let uids = inbox.messages.map(\.uid)
        if !uids.isEmpty {
            do throws(StoreError) { _ = try inbox.copy(uids, to: target) } catch {
                try delete(target)
                throw error
            }
            try inbox.expunge(uids)
        }
        try inbox.close()
    }

    // MARK: Subscriptions

    /// The subscribed names, in the order in which they were subscribed; they need not exist.
    package func subscriptions() throws(StoreError) -> [FolderName] {
        try translating { () throws(SystemError) in try readSubscriptions().names }
    }

    package func subscribe(_ name: FolderName) throws(StoreError) {
        _ = try FolderNameRules(format: location.format).levels(of: name)
        try changeSubscriptions { $0.add(name) }
    }

    /// Unsubscribing a name that is not subscribed is no error.
    package func unsubscribe(_ name: FolderName) throws(StoreError) {
        try changeSubscriptions { $0.remove(name) }
    }

    private func readSubscriptions() throws(SystemError) -> Subscriptions {
        var text: [UInt8]?
        do throws(SystemError) {
            let file = try FileDescriptor.open(
                location.root / location.subscriptions, .readOnly, [.noFollow, .nonBlocking])
            text = try file.readAll(limit: Subscriptions.sizeLimit)
        } catch {
            guard error.isMissing else { throw error }
        }
        return Subscriptions(parsing: text, separator: separator)
    }

    /// Replaces the file under its lock when `change` says that something is different.
    private func changeSubscriptions(
        _ change: (inout Subscriptions) -> Bool
    ) throws(StoreError) {
        switch tree {
        case .maildir(let tree): try tree.makeRoot()
        case .mbox:
            try translating { () throws(SystemError) in
                try location.root.makeDirectories()
            }
        }
        let file = location.root / location.subscriptions
        try LockedFile.perform(on: file) { () throws(StoreError) in
            try translating { () throws(SystemError) in
                var subscriptions = try readSubscriptions()
                guard change(&subscriptions) else { return }
                let root = try FileDescriptor.open(location.root, .readOnly, .directory)
                try LockedFile.replace(
                    location.subscriptions, with: subscriptions.text, in: root)
            }
        }
    }

    // MARK: Messages

    /// The figures of STATUS, without opening the folder for a session: no `\Recent` is used up.
    package func status(of name: FolderName) throws(StoreError) -> FolderStatus {
        guard let state = try backend(name, .readOnly).refresh() else { throw .missing }
        return FolderStatus(
            messages: state.messages.count, recent: state.messages.count { $0.isRecent },
            unseen: state.messages.count { !$0.flags.system.contains(.seen) },
            uidNext: state.uidNext, uidValidity: state.uidValidity)
    }

    /// Opens a folder for a session.
    ///
    /// INBOX is made when it is missing. A folder that cannot be written is opened read-only;
    /// `Mailbox.isReadOnly` tells.
    package func open(
        _ name: FolderName, _ access: MailboxAccess
    ) throws(StoreError) -> Mailbox {
        let wanted: BackendAccess = access == .readWrite ? .readWrite : .readOnly
        return try Mailbox(name, backend(name, wanted), wanted, of: self)
    }

    /// Opens INBOX as a POP3 maildrop: alone (else `.inUse`), and without using up `\Recent`.
    ///
    /// The lock goes with `Mailbox.close()` or the process.
    package func openMaildrop() throws(StoreError) -> Mailbox {
        try Mailbox(.inbox, backend(.inbox, .maildrop), .maildrop, of: self)
    }

    /// Begins to add messages to a folder; `.missing` when there is none.
    package func append(to name: FolderName) throws(StoreError) -> Appender {
        switch tree {
        case .maildir(let tree):
            let folder = try MaildirFolder(
                tree.open(name), root: location.root, access: .readWrite)
            return Appender(folder: name, .maildir(MaildirAppend(folder)))
        case .mbox(let tree):
            let file = try tree.file(of: name)
            return Appender(
                folder: name,
                .mbox(try MboxAppend(file: file, privilegedGroup: privilegedGroup, note: note)))
        }
    }

    private func backend(
        _ name: FolderName, _ access: BackendAccess
    ) throws(StoreError) -> FolderBackend {
        switch tree {
        case .maildir(let tree):
            .maildir(
                try MaildirFolder(tree.open(name), root: location.root, access: access))
        case .mbox(let tree):
            .mbox(
                try MboxFolder(
                    file: tree.file(of: name), access: access, privilegedGroup: privilegedGroup,
                    note: note))
        }
    }
}

/// How a session opens a mailbox.
package enum MailboxAccess: Equatable, Sendable {
    /// SELECT: takes `\Recent` for itself.
    case readWrite
    /// EXAMINE: changes nothing, `\Recent` stays for the next session.
    case readOnly
}
