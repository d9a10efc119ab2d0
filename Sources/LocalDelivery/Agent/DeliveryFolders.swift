import Bytes
import LocalDelivery
import Maildir
import Mbox
import Posix
import Recipes

/// Names for Maildirs, unique in this process, the directory that was made for the delivery, and what
/// UMASK says.
struct DeliveryNames {
    var unique = UniqueNames()
    var made: [UInt8]?
    /// The directory that the disk did not let us make now.
    var unmade: [UInt8]?
    var umask: UInt32 = 0o077
}

/// Folders: what the recipes' names mean, and putting the letter there.
extension DeliveryHost {
    func deliver(_ delivery: FolderDelivery) -> FolderReport {
        guard let first = delivery.folders.first else {
            return FolderReport(succeeded: false, files: [], octets: 0)
        }
        switch kind(of: first) {
        case .mbox where names.unmade == first.name:
            // A file of this name would keep the directory from ever being made.
            return FolderReport(succeeded: false, files: [], octets: 0)
        case .mbox: return append(delivery, to: first)
        case .maildir, .mh, .directory: return deliverApart(delivery)
        }
    }

    func kind(of folder: FolderDelivery.Folder) -> FolderDelivery.Kind {
        let there = status(of: folder.name)
        if let kind = folder.kind {
            if let there, there.kind != .directory { return .mbox }
            return kind
        }
        return there?.kind == .directory ? .directory(prefix: []) : .mbox
    }

    func make(_ folder: FolderDelivery.Folder) -> [UInt8]? {
        names.made = isThere(folder.name) ? nil : folder.name
        names.unmade = nil
        let path = Path(folder.name)
        let parts = kind(of: folder) == .maildir ? ["new", "cur", "tmp"] : []
        // The umask of the recipes decides about the modes.
        for directory in [path] + parts.map({ path / $0 }) where !make(directory) {
            if directory != path, names.made != nil { Maildir.removeIfEmpty(path) }
            return directory.bytes
        }
        return nil
    }

    private func make(_ directory: Path) -> Bool {
        do throws(SystemError) {
            if let there = try directory.statusIfPresent() { return there.kind == .directory }
            try opening { () throws(SystemError) in try NumberedFolder.make(directory) }
            return true
        } catch {
            hadPassingTrouble = hadPassingTrouble || !error.isMissing
            if !error.isMissing, !error.isDenied { names.unmade = directory.bytes }
            return false
        }
    }

    func isThere(_ name: [UInt8]) -> Bool { status(of: name) != nil }

    private func status(of name: [UInt8]) -> FileStatus? {
        do throws(SystemError) { return try Path(name).statusIfPresent() } catch { return nil }
    }

    // MARK: Files of letters

    private func append(
        _ delivery: FolderDelivery, to folder: FolderDelivery.Folder
    ) -> FolderReport {
        if folder.kind != nil {
            interpreter?.report("Unable to treat as directory", folder.name)
        }
        if folder.name.elementsEqual("/dev/null".utf8) {
            let count = delivery.letter.octets(of: delivery.parts).count
            return FolderReport(succeeded: true, files: [folder.name], octets: count, offset: 0)
        }
        let text = delivery.mboxText(keepsLines: interpreter?.isOn("MBOXRD") == true)
        markUpdated(Path(folder.name))
        do throws(MboxError) {
            let offset = try append(text, to: Path(folder.name), delivery)
            if !delivery.isRaw { markUnread(Path(folder.name)) }
            return FolderReport(
                succeeded: true, files: [folder.name], octets: text.count, offset: offset)
        } catch {
            tell(error, folder.name)
            return FolderReport(succeeded: false, files: [folder.name], octets: 0)
        }
    }

    /// Appends under the kernel's lock; the recipe's lock file is held already.
    ///
    /// While the kernel's lock is busy the lock file is given back: nobody waits for one lock while
    /// holding the other, so programs that take them the other way round cannot wait for us. Yields
    /// where in the file the text begins.
    private func append(
        _ text: LetterText, to path: Path, _ delivery: FolderDelivery
    ) throws(MboxError) -> Int {
        let policy = LockPolicy(methods: [.fcntl], timeoutMilliseconds: 0)
        let rules = OpeningRules(creation: OpeningRules.Creation(mode: 0o667))
        let limit = delivery.timeLimit
        let deadline: Deadline = limit > 0 ? .after(seconds: limit) : .never
        var patience = interpreter?.patience ?? Patience()
        while true {
            do throws(MboxError) {
                var mailbox = try LockedMbox.open(path, for: .writing, rules: rules, locks: policy)
                if delivery.isVerbose { interpreter?.report("Acquiring kernel-lock") }
                try mailbox.append(text)
                for note in mailbox.notes { interpreter?.report(note) }
                return try mailbox.status().size - text.count
            } catch {
                if case .failed(let failure) = error,
                    wait(&patience, after: failure, for: .descriptor)
                {
                    continue
                }
                guard case .busy = error else { throw error }
                try waitForKernelLock(path, delivery, until: deadline, error)
            }
        }
    }

    /// Waits a moment for the kernel's lock, without the lock file; throws `error` when it has taken too
    /// long.
    private func waitForKernelLock(
        _ path: Path, _ delivery: FolderDelivery, until deadline: Deadline, _ error: MboxError
    ) throws(MboxError) {
        if let lock = delivery.lockName { unlock(lock) }
        let isOver = rest(milliseconds: Int.random(in: 100...1000), whilst: "a kernel-lock")
        if let name = delivery.lockName, !lock(name, delivery.timing) {
            throw .busy(String(printable: name))
        }
        guard isOver || deadline.hasPassed else { return }
        interpreter?.report("Timeout, was waiting for", path.bytes)
        throw error
    }

    /// Where UMASK leaves it, others' execute bit says of a folder that it has got mail.
    private func markUpdated(_ path: Path) {
        do throws(SystemError) {
            let mode = try path.status().mode & 0o7777
            if (mode | names.umask) & 0o001 == 0 { try path.setMode(mode | 0o001) }
        } catch {
            // It is another's, or not there.
        }
    }

    /// A mailbox counts as having new mail when it was written in after it was last read: the clock
    /// may not tell the two apart, so the reading is moved back.
    private func markUnread(_ path: Path) {
        do throws(SystemError) {
            let status = try path.status()
            guard status.accessed >= status.modified else { return }
            let earlier = FileTime(seconds: status.modified.seconds - 1)
            try path.setTimes(accessed: earlier, modified: nil)
        } catch {
            // A mark for shells, no more.
        }
    }

    private func tell(_ error: MboxError, _ name: [UInt8]) {
        let shown = String(printable: name)
        switch error {
        case .failed(let failure):
            tell(failure, shown)
            if failure.isOutOfSpace { interpreter?.report("Truncated file to former size") }
        case .busy, .damaged, .unsafe, .missing:
            hadPassingTrouble = true
            interpreter?.report("Error while writing to \"\(shown)\": \(error)")
        }
    }

    /// A letter that has no place of its own in a directory was not even begun.
    private func tell(_ error: SystemError, _ folder: FolderDelivery.Folder) {
        let name = folder.name + (kind(of: folder) == .mh ? Array("/.".utf8) : [])
        guard error.isDenied || error.isMissing else {
            return tell(error, String(printable: folder.name))
        }
        hadPassingTrouble = hadPassingTrouble || !error.isMissing
        interpreter?.report("Couldn't create or rename temp file", name)
    }

    private func tell(_ error: SystemError, _ shown: String) {
        switch error.code {
        case SystemError.noSpace:
            hadPassingTrouble = true
            interpreter?.report("No space left to finish writing \"\(shown)\"")
        case SystemError.overQuota:
            tellFull()
            interpreter?.report("Quota exceeded while writing \"\(shown)\"")
        default:
            // A mailbox that is closed is for somebody to put right: where nothing else takes the
            // letter it waits. procmail gives it back to its sender.
            hadPassingTrouble = hadPassingTrouble || !error.isMissing
            interpreter?.report("Error while writing to \"\(shown)\"")
        }
    }

    /// Mail for a full mailbox waits, unless the variable QUOTA_FULL_TEMPFAIL is `no`.
    ///
    /// The status goes to standard error first of all: there mail systems look for one.
    private func tellFull() {
        let setting = interpreter?.variables[Array("QUOTA_FULL_TEMPFAIL".utf8)] ?? []
        let waits = !setting.equalsIgnoringCase("no")
        hadPassingTrouble = hadPassingTrouble || waits
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (errors) throws(SystemError) in
                try errors.write(Array("\(waits ? "4.2.2" : "5.2.2") mailbox is full\n".utf8))
            }
        } catch {
            // Nobody listens.
        }
    }

    // MARK: Directories of letters

    /// Writes the letter into the first folder and links it into the others.
    private func deliverApart(_ delivery: FolderDelivery) -> FolderReport {
        var paths: [Path] = []
        var octets = 0
        for folder in delivery.folders {
            if !paths.isEmpty, let failed = make(folder) {
                interpreter?.report("Unable to treat as directory", failed)
                interpreter?.report("Skipped", folder.name)
                continue
            }
            let text = singleText(delivery, kind(of: folder))
            do throws(SystemError) {
                paths.append(try place(text, in: folder, delivery, beside: paths.first))
                markUpdated(Path(folder.name))
                if octets == 0 { octets = text.count }
            } catch {
                tell(error, folder)
                if paths.isEmpty {
                    return FolderReport(succeeded: false, files: [folder.name], octets: 0)
                }
            }
        }
        return FolderReport(succeeded: true, files: paths.map(\.bytes), octets: octets, offset: 0)
    }

    /// The letter as one file: a Maildir's has no From_ line and ends as it ends.
    private func singleText(
        _ delivery: FolderDelivery, _ kind: FolderDelivery.Kind
    ) -> ArraySlice<UInt8> {
        let text = delivery.letter.octets(of: delivery.parts)
        if kind == .maildir {
            return delivery.parts == .body ? text : text.dropFirst(delivery.letter.headerStart)
        }
        return delivery.isRaw || text.endsInEmptyLine ? text : text + [.lf]
    }

    private func place(
        _ text: ArraySlice<UInt8>, in folder: FolderDelivery.Folder,
        _ delivery: FolderDelivery, beside first: Path?
    ) throws(SystemError) -> Path {
        let path = Path(folder.name)
        let isNew = names.made == folder.name
        do throws(SystemError) {
            return try opening { () throws(SystemError) in
                try put(text, path, kind(of: folder), delivery, beside: first)
            }
        } catch {
            if isNew { Maildir.removeIfEmpty(path) }
            throw error
        }
    }

    private func put(
        _ text: ArraySlice<UInt8>, _ path: Path, _ kind: FolderDelivery.Kind,
        _ delivery: FolderDelivery, beside first: Path?
    ) throws(SystemError) -> Path {
        switch kind {
        case .mbox: throw SystemError(SystemError.notDirectory, "deliver")
        case .maildir: return try placeInMaildir(text, path, beside: first)
        case .mh:
            if let first { return try NumberedFolder.linkMH(first, in: path) }
            return try NumberedFolder.deliver(text, toMH: path)
        case .directory:
            let prefix = delivery.prefix
            if let first { return try NumberedFolder.linkPlain(first, in: path, prefix: prefix) }
            return try NumberedFolder.deliver(text, to: path, prefix: prefix)
        }
    }

    private func placeInMaildir(
        _ text: ArraySlice<UInt8>, _ path: Path, beside first: Path?
    ) throws(SystemError) -> Path {
        let quota = try MaildirQuota(governing: path)
        try quota?.check(adding: text.count)
        if names.made == path.bytes { try Maildir.markIfFolder(path) }
        let placed = try putInMaildir(text, path, beside: first)
        quota?.note(octets: text.count, messages: 1)
        return placed
    }

    private func putInMaildir(
        _ text: ArraySlice<UInt8>, _ path: Path, beside first: Path?
    ) throws(SystemError) -> Path {
        if let first, first.parent.name == "new" {
            let target = path / "new" / first.name
            try first.link(to: target)
            try NumberedFolder.confirm(target)
            return target
        }
        let maildir = try Maildir.open(path)
        var draft = try MaildirDraft(in: maildir, names: &names.unique, mode: 0o667)
        try draft.write(text)
        try draft.finish(arrival: nil)
        let name = Path(draft.base)
        try draft.publish(in: maildir.new, as: name)
        let target = path / "new" / name
        try NumberedFolder.confirm(target)
        return target
    }
}
