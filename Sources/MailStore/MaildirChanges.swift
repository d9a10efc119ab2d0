import Maildir
import Posix

/// Changing flags and removing messages.
extension MaildirFolder {
    /// Changes flags durably and yields each named message that exists with its flags afterwards.
    func store(
        _ change: FlagChange, to uids: [UInt32]
    ) throws(StoreError) -> [MessageSummary] {
        guard !isReadOnly else { throw .readOnly }
        try ensureLetters(for: change.newKeywords)
        let wasClean = try isClean()
        var changed: [MessageSummary] = []
        var renamed = false
        for uid in Set(uids).sorted() {
            do throws(StoreError) {
                let (flags, isOther) = try store(change, to: uid)
                renamed = renamed || isOther
                changed.append(MessageSummary(uid: uid, flags: flags))
            } catch {
                if case .expunged = error { continue }
                try finish(wasClean, renamed)
                throw error
            }
        }
        try finish(wasClean, renamed)
        return changed
    }

    /// The flags afterwards, and whether the file has another name for it.
    private func store(
        _ change: FlagChange, to uid: UInt32
    ) throws(StoreError) -> (Flags, isOther: Bool) {
        // Against the name that is there: what others set meanwhile is in it, and is kept.
        let (file, flags) = try withFile(uid) { (directory, file) throws(SystemError) in
            var info = file.name.info
            let wanted = change.applied(to: info.imapFlags(table))
            info.set(wanted, table)
            let target = MaildirName(base: file.name.base, info: info)
            if wanted == file.name.info.imapFlags(table) { return (file, wanted) }
            try directory.rename(file.name.path, toNew: maildir.current, target.path)
            return (MaildirFile(name: target, isNew: false), wanted)
        }
        let isOther = files[file.name.key] != file
        files[file.name.key] = file
        return (flags, isOther)
    }

    /// Removes messages durably; what is gone already is passed over.
    ///
    /// After an error, some may be gone and no other.
    func expunge(_ uids: [UInt32]) throws(StoreError) {
        guard !isReadOnly else { throw .readOnly }
        let wasClean = try isClean()
        let quota = try translating { () throws(SystemError) in try MaildirQuota(in: root) }
        var removed = (octets: 0, messages: 0)
        var failure: StoreError?
        for uid in Set(uids).sorted() {
            do throws(StoreError) {
                try withFile(uid) { (directory, file) throws(SystemError) in
                    let size =
                        quota == nil ? 0 : try file.name.size(of: file.name.path, in: directory)
                    try directory.unlink(file.name.path)
                    removed = (removed.octets + size, removed.messages + 1)
                }
                if let base = base(of: uid) { files[base] = nil }
                gone.insert(uid)
            } catch {
                if case .expunged = error { continue }
                failure = error
            }
        }
        quota?.note(octets: -removed.octets, messages: -removed.messages)
        try finish(wasClean, true)
        if let failure { throw failure }
    }

    /// Nothing has changed since the last reading.
    private func isClean() throws(StoreError) -> Bool {
        guard let stamp, Clock.monotonic < stampTrustedUntil else { return false }
        return try currentStamp() == stamp
    }

    /// Forces names to the disk after a change of ours, and takes what it did to the directories'
    /// times as known.
    ///
    /// What another program did in the same moment would be hidden by that, so the directories are
    /// read again a little later in any case.
    private func finish(_ wasClean: Bool, _ changed: Bool) throws(StoreError) {
        guard changed else { return }
        try translating { () throws(SystemError) in
            try maildir.current.syncNames()
            if access == .maildrop { try maildir.new.syncNames() }
        }
        stamp = wasClean ? try currentStamp() : nil
        stampTrustedUntil = min(stampTrustedUntil, Clock.monotonic + Self.ownChangeTrust)
        hasOwnChanges = true
    }

    /// Milliseconds.
    private static let ownChangeTrust = 1000
}
