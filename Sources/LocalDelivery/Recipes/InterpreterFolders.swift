import Bytes

/// Actions that are folders.
extension RecipeInterpreter {
    /// Puts the letter into the folders that `words` name.
    func deliver(to words: [[UInt8]], _ line: RecipeLine, _ flags: RecipeFlags) {
        // Words that expand to nothing name no folder: the delivery fails.
        let first = words.first ?? []
        let parts = flags.contains(.filters) ? .both : flags.parts
        let folder = FolderName(first)
        var names = [folder.folder]
        var rest: [[UInt8]] = []
        if host.kind(of: folder.folder) != .mbox {
            names += words.dropFirst().map { FolderName($0).directory }
        } else {
            rest = Array(words.dropFirst())
        }
        let isNull = folder.folder.name == Self.nullDevice
        let isUnlocked = isNull && line.lock == .implicit
        let lock = isUnlocked ? nil : lockName(line.lock, implicit: folder.lockName(host))
        withLock(lock) {
            if !rest.isEmpty { report("Skipped", Array(rest.joined(separator: [.space]))) }
            lastSucceeded = deliverLocked(
                into: names, parts: parts, isRaw: flags.contains(.raw) || isNull,
                isCopy: flags.contains(.copies), lock: lock)
        }
        finish(flags)
    }

    /// Puts the letter into its default folder, with that folder's lock, for a file that ended
    /// without delivery.
    package func deliverByDefault(to name: [UInt8]) -> Bool {
        if name.first == UInt8(ascii: "|") {
            // What stands behind it is no program: our own output gets the letter.
            let input = ended(letter.octets)
            return writeOut(input, as: name, isCopy: false)
        }
        let folder = FolderName(name)
        let isNull = folder.folder.name == Self.nullDevice
        var lock: [UInt8]?
        if !isNull, !folder.isDirectory {
            let wanted = folder.folder.name + (variables[Self.lockExtension] ?? [])
            if wanted != heldLock { lock = wanted }
        }
        // In a spool that only its group may write in, no lock file can be made: the kernel's lock,
        // which every delivery takes besides, must do for a mailbox that is there.
        let isHeld = lock.map { takeLock($0) } ?? false
        defer { if isHeld, let lock { releaseLock(lock) } }
        return deliverLocked(
            into: [folder.folder], parts: .both, isRaw: isNull, isCopy: false,
            lock: isHeld ? lock : nil)
    }

    /// Delivers while `lock`, if there is one, is held.
    private func deliverLocked(
        into folders: [FolderDelivery.Folder], parts: LetterParts, isRaw: Bool, isCopy: Bool,
        lock: [UInt8]?
    ) -> Bool {
        if isAstray, folders.contains(where: { $0.name.first != UInt8(ascii: "/") }) {
            report("Couldn't chdir to \"\(text(of: "MAILDIR"))\"")
            return false
        }
        var folders = folders
        if host.kind(of: folders[0]) != .mbox, let failed = host.make(folders[0]) {
            report("Unable to treat as directory", failed)
            guard failed == folders[0].name else {
                report("Skipped", folders[0].name)
                return false
            }
            // What cannot be a directory is written to as a file.
            folders = [FolderDelivery.Folder(named: failed)]
        }
        let delivery = FolderDelivery(
            folders: folders, letter: letter, parts: parts, isRaw: isRaw,
            prefix: variables[Array("MSGPREFIX".utf8)] ?? [], isVerbose: isVerbose,
            lockName: lock, timing: lockTiming, timeLimit: number(of: "TIMEOUT"))
        let kind = host.kind(of: folders[0])
        if kind == .mbox {
            setLastFolder(folders[0].name)
            if isVerbose { report("Opening", folders[0].name) }
        }
        let outcome = host.deliver(delivery)
        if kind != .mbox { tellFiles(outcome.files, kind) }
        if outcome.octets > 0 { lastOctets = outcome.octets }
        guard outcome.succeeded else { return false }
        notice.offset = outcome.offset
        noteDelivery(octets: outcome.octets, isCopy: isCopy)
        return true
    }

    /// Sets LASTFOLDER to files that did not have their names before, and tells of each.
    private func tellFiles(_ files: [[UInt8]], _ kind: FolderDelivery.Kind) {
        guard let first = files.first else { return }
        setLastFolder(first)
        if isVerbose, kind != .maildir {
            report("Opening", first)
            report("Acquiring kernel-lock")
        }
        if isVerbose { for file in files.dropFirst() { report("Linking to", file) } }
        lastFolder = Array(files.joined(separator: [.space]))
        variables[Self.lastFolderName] = lastFolder
    }
}

/// The name of a folder in a recipe, whose end tells its kind.
struct FolderName {
    let folder: FolderDelivery.Folder
    private let written: [UInt8]

    init(_ name: [UInt8]) {
        written = name
        var name = name
        var kind: FolderDelivery.Kind?
        if name.count > 1, name.suffix(2) == [UInt8(ascii: "/"), .dot] {
            kind = .mh
            name.removeLast(2)
        } else if name.count > 1, name.last == UInt8(ascii: "/") {
            kind = .maildir
        }
        while name.count > 1, name.last == UInt8(ascii: "/") { name.removeLast() }
        folder = FolderDelivery.Folder(name: name, kind: kind)
    }

    var isDirectory: Bool { folder.kind != nil }

    /// The name that an implicit lock file's begins with: as written, for a directory that is there;
    /// the lock of one that must be made first could not lie in it.
    func lockName(_ host: any RecipeHost) -> [UInt8] {
        isDirectory && host.isThere(folder.name) ? written : folder.name
    }

    /// The same as a directory of letters, where the name alone does not say what it is.
    var directory: FolderDelivery.Folder {
        folder.kind == nil
            ? FolderDelivery.Folder(name: folder.name, kind: .directory(prefix: [])) : folder
    }
}
