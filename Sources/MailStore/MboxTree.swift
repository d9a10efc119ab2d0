import Bytes
import Mbox
import Posix

/// The folders of a user with mbox files: a tree of directories and files below the mail root.
struct MboxTree {
    private let location: MailLocation
    private let rules = FolderNameRules(format: .mbox)

    /// A folder or a level as found on the disk.
    struct Entry {
        let name: FolderName
        let isLevel: Bool
    }

    init(_ location: MailLocation) { self.location = location }

    /// The path of a name below the root.
    private func path(_ name: FolderName) throws(StoreError) -> Path {
        _ = try rules.levels(of: name)
        return Path(name.bytes)
    }

    /// The mbox file of a folder; it exists, but for INBOX.
    func file(of name: FolderName) throws(StoreError) -> Path {
        if name.isInbox { return location.inbox }
        switch try kind(of: name) {
        case .regular: return location.root.appending(try path(name))
        case .directory: throw .notSelectable
        case .symbolicLink, .fifo, .socket, .other, nil: throw .missing
        }
    }

    /// What a name is; nil when there is nothing, or it lies behind a link.
    func kind(of name: FolderName) throws(StoreError) -> FileStatus.Kind? {
        let path = try path(name)
        do throws(StoreError) {
            let root = try location.openRoot()
            let parent = try translating { () throws(SystemError) in
                try directory(above: path, in: root)
            }
            guard let parent else { return nil }
            return try translating { () throws(SystemError) in
                try parent.statusIfPresent(of: path.name)?.kind
            }
        } catch {
            if error == .missing { return nil }
            throw error
        }
    }

    /// The directory that holds the last level; nil when it is missing or lies behind a link.
    private func directory(
        above path: Path, in root: borrowing FileDescriptor
    ) throws(SystemError) -> FileDescriptor? {
        do throws(SystemError) {
            return try root.openBeneath(path.parent, .readOnly, .directory)
        } catch {
            let leadsOut = [SystemError.loop, SystemError.crossDevice].contains(error.code)
            guard error.isMissing || leadsOut else { throw error }
            return nil
        }
    }

    /// Every folder and level but INBOX, sorted.
    func entries() throws(StoreError) -> [Entry] {
        guard let root = try location.openRootIfPresent() else { return [] }
        let inbox = try translating { () throws(SystemError) in
            try location.inbox.statusIfPresent()
        }
        return try translating { () throws(SystemError) in
            var found: [Entry] = []
            var waiting: [Path] = ["."]
            while let directory = waiting.popLast() {
                guard let opened = try self.directory(above: directory / "x", in: root) else {
                    continue
                }
                for name in try opened.names() {
                    let path = directory == "." ? name : directory / name
                    guard let entry = try entry(path, name, in: opened, inbox) else { continue }
                    found.append(entry)
                    if entry.isLevel { waiting.append(path) }
                }
            }
            return found.sorted { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }
        }
    }

    /// Nil for what is no folder: other kinds of files, names that break the rules, and INBOX.
    private func entry(
        _ path: Path, _ name: Path, in directory: borrowing FileDescriptor, _ inbox: FileStatus?
    ) throws(SystemError) -> Entry? {
        let folder = FolderName(path.bytes)
        do throws(StoreError) { _ = try rules.levels(of: folder) } catch { return nil }
        guard !folder.isInbox, path != location.subscriptions,
            let status = try directory.statusIfPresent(of: name)
        else { return nil }
        if let inbox, status.isSameFile(as: inbox) { return nil }
        switch status.kind {
        case .regular: return Entry(name: folder, isLevel: false)
        case .directory: return Entry(name: folder, isLevel: true)
        case .symbolicLink, .fifo, .socket, .other: return nil
        }
    }

    /// Makes an empty folder and the levels above it, durably.
    func create(_ name: FolderName) throws(StoreError) {
        let path = try path(name)
        guard !name.isInbox, try kind(of: name) == nil else { throw .exists }
        let parent = try makeLevels(Array(path.components.dropLast()))
        try translating { () throws(SystemError) in
            try parent.open(path.name, .writeOnly, .exclusive, mode: 0o600).closeChecked()
            try parent.syncNames()
        }
    }

    func createLevel(_ name: FolderName) throws(StoreError) {
        let path = try path(name)
        guard !name.isInbox, try kind(of: name) == nil else { throw .exists }
        _ = try makeLevels(path.components)
    }

    /// Makes directories where they are missing and opens the last one.
    private func makeLevels(_ levels: [Path]) throws(StoreError) -> FileDescriptor {
        try translating { () throws(SystemError) in try location.root.makeDirectories() }
        var directory = try location.openRoot()
        for level in levels {
            do throws(SystemError) {
                if try directory.statusIfPresent(of: level) == nil {
                    try directory.makeDirectory(level)
                    try directory.syncNames()
                }
                directory = try directory.openBeneath(level, .readOnly, .directory)
            } catch {
                guard error.code == SystemError.notDirectory || error.code == SystemError.loop
                else { throw StoreError(error) }
                throw .invalidName("a folder that holds messages cannot hold folders")
            }
        }
        return directory
    }

    /// Removes a folder with its messages, or an empty level.
    func delete(_ name: FolderName) throws(StoreError) {
        let path = try path(name)
        guard let kind = try kind(of: name), [.regular, .directory].contains(kind) else {
            throw .missing
        }
        let root = try location.openRoot()
        let parent = try translating { () throws(SystemError) in
            try directory(above: path, in: root)
        }
        guard let parent else { throw .missing }
        do throws(SystemError) {
            if kind == .directory {
                try parent.removeDirectory(path.name)
            } else {
                try parent.unlink(path.name)
                try parent.unlinkIfPresent(Self.journal(path.name))
            }
            try parent.syncNames()
        } catch {
            throw error.code == SystemError.notEmpty ? .hasChildren : StoreError(error)
        }
    }

    /// Renames a folder, or a level with all below it.
    func rename(_ name: FolderName, to target: FolderName) throws(StoreError) {
        let (source, destination) = (try path(name), try path(target))
        guard !target.bytes.starts(with: name.bytes + [rules.separator]) else {
            throw .invalidName("a folder cannot move below itself")
        }
        let found = try kind(of: name)
        guard found == .regular || found == .directory else {
            throw .missing
        }
        guard !target.isInbox, try kind(of: target) == nil else { throw .exists }
        let newParent = try makeLevels(Array(destination.components.dropLast()))
        let root = try location.openRoot()
        let oldParent = try translating { () throws(SystemError) in
            try directory(above: source, in: root)
        }
        guard let oldParent else { throw .missing }
        // What an earlier crash left is repaired before: its side file goes by the old name.
        let mailbox = found == .regular ? try locked(source) : nil
        try translating { () throws(SystemError) in
            try oldParent.rename(source.name, toNew: newParent, destination.name)
            try newParent.syncNames()
            try oldParent.syncNames()
        }
        _ = consume mailbox
    }

    private func locked(_ path: Path) throws(StoreError) -> LockedMbox {
        try mbox { () throws(MboxError) in
            try LockedMbox.open(
                location.root / path, for: .writing,
                locks: LockPolicy(timeoutMilliseconds: MboxFolder.lockMilliseconds))
        }
    }

    /// The side file of an mbox (module Mbox).
    private static func journal(_ name: Path) -> Path {
        Path([.dot] + name.bytes + Array(".journal".utf8))
    }
}
