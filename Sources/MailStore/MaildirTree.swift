import Bytes
import Maildir
import Posix

/// The folders of a Maildir++: directories `.A.B` beside the INBOX's own, all in one mail root.
struct MaildirTree {
    private let location: MailLocation
    private let rules = FolderNameRules(format: .maildir)

    /// A folder on its way out: no name of a folder begins with two dots.
    private static let trashPrefix = Array("..DELETED-".utf8)

    init(_ location: MailLocation) { self.location = location }

    /// The directory of a folder other than INBOX, below the root.
    private func directory(_ name: FolderName) throws(StoreError) -> Path {
        _ = try rules.levels(of: name)
        return Path([.dot] + name.bytes)
    }

    /// Opens the Maildir of a folder; INBOX is made when it is missing.
    func open(_ name: FolderName) throws(StoreError) -> Maildir {
        do throws(SystemError) {
            if name.isInbox { return try Maildir.openOrCreate(location.inbox) }
        } catch { throw StoreError(error) }
        let path = try directory(name)
        let root = try location.openRoot()
        do throws(SystemError) {
            return try Maildir.open(path, beneath: root, path: location.root)
        } catch {
            throw error.isMissing || error.code == SystemError.loop
                || error.code == SystemError.crossDevice ? .missing : StoreError(error)
        }
    }

    /// The names of all folders but INBOX, sorted.
    func names() throws(StoreError) -> [FolderName] {
        guard let root = try location.openRootIfPresent() else { return [] }
        return try translating { () throws(SystemError) in
            var names: [FolderName] = []
            for entry in try root.names() where entry.bytes.first == .dot {
                let name = FolderName(entry.bytes.dropFirst())
                guard isName(name), try isFolder(entry, in: root) else { continue }
                names.append(name)
            }
            return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        }
    }

    private func isName(_ name: FolderName) -> Bool {
        do throws(StoreError) {
            _ = try rules.levels(of: name)
            return !name.isInbox
        } catch { return false }
    }

    private func isFolder(
        _ entry: Path, in root: borrowing FileDescriptor
    ) throws(SystemError) -> Bool {
        guard try root.statusIfPresent(of: entry)?.kind == .directory else { return false }
        return try root.statusIfPresent(of: entry / "cur")?.kind == .directory
    }

    func exists(_ name: FolderName) throws(StoreError) -> Bool {
        if name.isInbox { return true }
        let path = try directory(name)
        do throws(StoreError) {
            let root = try location.openRoot()
            return try translating { () throws(SystemError) in try isFolder(path, in: root) }
        } catch {
            if error == .missing { return false }
            throw error
        }
    }

    /// Makes a folder, durably.
    func create(_ name: FolderName) throws(StoreError) {
        let path = try directory(name)
        guard !name.isInbox, try !exists(name) else { throw .exists }
        try makeRoot()
        let root = try location.openRoot()
        try translating { () throws(SystemError) in
            // Left by a crash it may be there already, without `cur`.
            if try root.statusIfPresent(of: path) == nil { try root.makeDirectory(path) }
            let folder = try root.openBeneath(path, .readOnly, .directory)
            try folder.open(MaildirQuota.folderMark, .writeOnly, [.create, .noFollow])
                .closeChecked()
            try Maildir.makeParts(in: folder)
            try root.syncNames()
        }
    }

    /// Makes the mail root when it is missing.
    func makeRoot() throws(StoreError) {
        try translating { () throws(SystemError) in
            if location.root == location.inbox {
                _ = try Maildir.openOrCreate(location.root)
            } else {
                try location.root.makeDirectories()
            }
        }
    }

    /// Removes a folder with its messages.
    ///
    /// It loses its name first: from then on it is gone, however long the rest takes.
    func delete(_ name: FolderName) throws(StoreError) {
        let path = try directory(name)
        guard try exists(name) else { throw .missing }
        let root = try location.openRoot()
        try translating { () throws(SystemError) in
            var names = UniqueNames(host: "")
            try root.rename(path, toNew: root, Path(Self.trashPrefix + names.next()))
            try root.syncNames()
            // What earlier deletions could not finish goes as well.
            for entry in try root.names() where entry.bytes.starts(with: Self.trashPrefix) {
                try removeFolder(entry, in: root)
            }
            try MaildirQuota(in: location.root)?.forgetFolder()
        }
    }

    private func removeFolder(
        _ entry: Path, in root: borrowing FileDescriptor
    ) throws(SystemError) {
        let folder: FileDescriptor
        do throws(SystemError) {
            folder = try root.openBeneath(entry, .readOnly, .directory)
        } catch {
            // Another session removes it, or it is a link, which is no folder of ours.
            if error.isMissing || error.code == SystemError.loop { return }
            throw error
        }
        for part in ["cur", "new", "tmp"] as [Path] {
            guard try folder.statusIfPresent(of: part)?.kind == .directory else { continue }
            let directory = try folder.openBeneath(part, .readOnly, .directory)
            for name in try directory.names() { try directory.unlinkIfPresent(name) }
            try folder.removeDirectory(part)
        }
        for name in try folder.names() { try folder.unlinkIfPresent(name) }
        try root.removeDirectory(entry)
    }

    /// Renames a folder and all below it: all or, after an error, none.
    func rename(_ name: FolderName, to target: FolderName) throws(StoreError) {
        _ = try rules.levels(of: name)
        let prefix = name.bytes + [rules.separator]
        guard !target.bytes.starts(with: prefix) else {
            throw .invalidName("a folder cannot move below itself")
        }
        let sources = try names().filter { $0 == name || $0.bytes.starts(with: prefix) }
        guard !sources.isEmpty else { throw .missing }
        var moves: [(from: Path, to: Path)] = []
        for source in sources {
            let renamed = FolderName(target.bytes + source.bytes.dropFirst(name.bytes.count))
            guard try !exists(renamed) else { throw .exists }
            moves.append((try directory(source), try directory(renamed)))
        }
        let root = try location.openRoot()
        try translating { () throws(SystemError) in
            var done: [(from: Path, to: Path)] = []
            do throws(SystemError) {
                for move in moves {
                    try root.rename(move.from, toNew: root, move.to)
                    done.append(move)
                }
            } catch {
                for move in done { try root.rename(move.to, toNew: root, move.from) }
                throw error
            }
            try root.syncNames()
        }
    }
}
