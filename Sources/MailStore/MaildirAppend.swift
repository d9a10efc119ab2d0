import Maildir
import Posix

/// Messages being added to a Maildir: files in `tmp/` until they are committed together.
final class MaildirAppend {
    private let folder: MaildirFolder
    private var draft: MaildirDraft?
    private var draftInfo = MaildirInfo()
    private var arrival = 0
    private var pending: [PendingFile] = []

    init(_ folder: MaildirFolder) { self.folder = folder }

    func beginMessage(flags: Flags, internalDate: Int) throws(StoreError) {
        draftInfo = try info(flags)
        arrival = internalDate
        draft = try translating { () throws(SystemError) in
            try MaildirDraft(in: folder.maildir, names: &folder.names)
        }
    }

    func write(_ bytes: [UInt8]) throws(StoreError) {
        try translating { () throws(SystemError) in try draft?.write(bytes[...]) }
    }

    /// Syncs the message's file; it stays in `tmp/`.
    func endMessage() throws(StoreError) {
        guard var finished = draft.take() else { return }
        try translating { () throws(SystemError) in try finished.finish(arrival: arrival) }
        finished.keep()
        pending.append(
            PendingFile(
                folder, temporary: Path(finished.name), base: finished.base, info: draftInfo,
                size: finished.sizes.stored))
    }

    /// Adds a message of another Maildir on the same file system: one more name for its file.
    ///
    /// False when the file system cannot do that; then the octets have to be copied.
    func link(_ uid: UInt32, of source: MaildirFolder) throws(StoreError) -> Bool {
        let name = try translating { () throws(SystemError) in try folder.names.next() }
        let file: MaildirFile
        do throws(StoreError) {
            file = try source.withFile(uid) { (directory, file) throws(SystemError) in
                try directory.link(
                    file.name.path, to: folder.maildir.temporary, Path(name))
                return file
            }
        } catch {
            guard Self.cannotLink(error) else { throw error }
            return false
        }
        var base = name
        if let stored = file.name.storedSize { base += Array(",S=\(stored)".utf8) }
        if let network = file.name.networkSize { base += Array(",W=\(network)".utf8) }
        let size = try translating { () throws(SystemError) in
            try file.name.size(of: Path(name), in: folder.maildir.temporary)
        }
        let linked = PendingFile(
            folder, temporary: Path(name), base: base, info: file.name.info, size: size)
        // The letters of the source stand for other keywords here.
        let flags = linked.info.imapFlags(source.table)
        try folder.ensureLetters(for: flags.keywords)
        linked.info.keywords = 0
        linked.info.set(flags, folder.table)
        pending.append(linked)
        return true
    }

    private static func cannotLink(_ error: StoreError) -> Bool {
        switch error {
        case .denied: true
        case .failed(let failure):
            [SystemError.crossDevice, SystemError.tooManyLinks].contains(failure.code)
        case .missing, .exists, .notSelectable, .hasChildren, .invalidName, .readOnly, .inUse,
            .busy, .overQuota, .limit, .expunged, .replaced, .corrupt, .notSupported:
            false
        }
    }

    /// The letters for some flags in this folder.
    func info(_ flags: Flags) throws(StoreError) -> MaildirInfo {
        try folder.ensureLetters(for: flags.keywords)
        var info = MaildirInfo()
        info.set(flags, folder.table)
        return info
    }

    /// Makes the messages visible with UIDs, durably: all or none.
    func commit() throws(StoreError) -> AppendResult {
        try UidlistFile.locked(folder.maildir.path) { () throws(StoreError) in
            try folder.loadList()
            let added = pending.reduce(0) { $0 + $1.size }
            let quota = try translating { () throws(SystemError) in
                let quota = try MaildirQuota(in: folder.root)
                try quota?.check(adding: added, messages: pending.count)
                return quota
            }
            do throws(StoreError) {
                try translating { () throws(SystemError) in
                    for file in pending { try file.publish() }
                    try folder.maildir.new.syncNames()
                    try folder.maildir.current.syncNames()
                }
                try folder.addEntries(pending.map { BaseName($0.base) })
            } catch {
                for file in pending { file.withdraw() }
                throw error
            }
            quota?.note(octets: added, messages: pending.count)
        }
        let uids = pending.compactMap { folder.uids[BaseName($0.base)] }
        pending = []
        return AppendResult(uidValidity: folder.list.uidValidity, uids: uids)
    }

    /// Removes what was written; harmless after `commit`.
    func abandon() {
        draft = nil
        pending = []
    }
}

/// A finished file in `tmp/`, removed with its owner; once it is published it has another name.
private final class PendingFile {
    let base: [UInt8]
    let size: Int
    private let folder: MaildirFolder
    private let temporary: Path
    var info: MaildirInfo
    /// The name under which readers see it; nil while it is in `tmp/`.
    private var published: Path?

    init(
        _ folder: MaildirFolder, temporary: Path, base: [UInt8], info: MaildirInfo, size: Int
    ) {
        self.folder = folder
        self.size = size
        self.temporary = temporary
        self.base = base
        self.info = info
    }

    /// Into `new/` without flags, as a delivered message, and into `cur/` with them.
    func publish() throws(SystemError) {
        if info.isEmpty {
            let name = Path(base)
            try folder.maildir.publish(temporary, in: folder.maildir.new, as: name)
            published = name
        } else {
            let name = MaildirName(base: base, info: info).path
            try folder.maildir.publish(temporary, in: folder.maildir.current, as: name)
            published = name
        }
    }

    /// Takes the message away again: it was not acknowledged.
    func withdraw() {
        guard let name = published else { return }
        do throws(SystemError) {
            if info.isEmpty {
                try folder.maildir.new.unlinkIfPresent(name)
            } else {
                try folder.maildir.current.unlinkIfPresent(name)
            }
        } catch {
            // The disk refuses both: the message stays, without an answer that promised it.
        }
    }

    deinit {
        do throws(SystemError) {
            try folder.maildir.temporary.unlinkIfPresent(temporary)
        } catch {
            // Litter in `tmp/`, removed after 36 hours.
        }
    }
}
