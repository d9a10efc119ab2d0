import Bytes
import Maildir
import Posix

/// Bringing a Maildir's files and its list of UIDs together.
extension MaildirFolder {
    /// Whether what is in `new/` is moved to `cur/` and so becomes recent here.
    private var claims: Bool { access == .readWrite && !isReadOnly }

    func currentStamp() throws(StoreError) -> Stamp {
        try translating { () throws(SystemError) in
            Stamp(
                new: try maildir.new.status().modified,
                current: try maildir.current.status().modified,
                list: try maildir.root.statusIfPresent(of: UidlistFile.name).map(FileMark.init),
                table: try maildir.root.statusIfPresent(of: KeywordTable.fileName)
                    .map(FileMark.init))
        }
    }

    /// Reads everything anew and gives UIDs to the messages that have none.
    func scan() throws(StoreError) {
        try loadList()
        try loadTable()
        let times = try scanFiles()
        let unknown = files.keys.filter(lacksUID)
        if !unknown.isEmpty || listMark == nil { try assign(unknown) }
        let isFresh = MaildirScan.isFresh(times.new) || MaildirScan.isFresh(times.current)
        stamp =
            isFresh
            ? nil
            : Stamp(
                new: times.new, current: times.current, list: listMark, table: tableMark)
        stampTrustedUntil = .max
    }

    /// Reads the directories until it is certain which of the listed messages are gone.
    private func scanFiles() throws(StoreError) -> (new: FileTime, current: FileTime) {
        var found = try readDirectories()
        for _ in 0..<Self.scanPasses where !found.isSteady && hasMissing(found) {
            Process.sleep(milliseconds: Self.scanPause)
            var again = try readDirectories()
            if !again.isSteady { again.add(found) }
            found = again
        }
        files = found.files
        for entry in list.entries where files[entry.base] == nil { gone.insert(entry.uid) }
        return (found.newTime, found.currentTime)
    }

    /// As often as a directory that changes all the time is read for messages that seem gone.
    private static let scanPasses = 20
    /// Milliseconds between two readings: a tick of the file system's clock passes in a few.
    private static let scanPause = 5

    private func readDirectories() throws(StoreError) -> MaildirScan {
        do throws(SystemError) {
            let found = try MaildirScan(maildir, claims: claims, names: &names)
            recent.formUnion(found.claimed)
            return found
        } catch {
            guard claims, error.isDenied else { throw StoreError(error) }
            isReadOnly = true
        }
        return try readDirectories()
    }

    private func hasMissing(_ found: MaildirScan) -> Bool {
        list.entries.contains { found.files[$0.base] == nil && !gone.contains($0.uid) }
    }

    /// No entry, or one of a message that was reported gone: then it has come back and is a new
    /// message, for a UID never shows up again.
    private func lacksUID(_ base: BaseName) -> Bool {
        guard let uid = uids[base] else { return true }
        return gone.contains(uid)
    }

    /// Gives UIDs to files, under the lock, in the order in which the messages arrived.
    private func assign(_ bases: [BaseName]) throws(StoreError) {
        do throws(StoreError) {
            try UidlistFile.locked(maildir.path) { () throws(StoreError) in
                try loadList()
                try addEntries(MaildirArrival.sorted(bases.filter(lacksUID)))
            }
        } catch {
            guard case .denied = error else { throw error }
            // The Maildir cannot be written: the UIDs hold for this session only.
            isReadOnly = true
            if listMark == nil, !isVolatile { list = Uidlist(uidValidity: nextValidity()) }
            isVolatile = true
            for base in MaildirArrival.sorted(bases.filter(lacksUID)) {
                if let entry = list.add(base: base) { uids[base] = entry.uid }
            }
        }
    }

    /// Gives UIDs to the messages with these base names, in this order: with the lock held and the
    /// list just read.
    func addEntries(_ bases: [BaseName]) throws(StoreError) {
        if listMark == nil {
            list = Uidlist(uidValidity: nextValidity())
            uids = [:]
        }
        let returned = Set(bases)
        let dead = list.entries.count { gone.contains($0.uid) || returned.contains($0.base) }
        // Dovecot's measure: rewrite when more than a quarter of the lines is of no use.
        if bases.contains(where: { uids[$0] != nil }) || dead * 4 > list.entries.count {
            list.remove { gone.contains($0.uid) || returned.contains($0.base) }
        }
        var added: [Uidlist.Entry] = []
        for base in bases {
            guard let entry = list.add(base: base) else { throw .limit("no UIDs left") }
            added.append(entry)
        }
        guard !added.isEmpty || listMark == nil || !list.isAppendable else { return }
        try saveList(added)
    }

    /// Writes the list with the lock held, and remembers it as read.
    func saveList(_ added: [Uidlist.Entry]) throws(StoreError) {
        listMark = try translating { () throws(SystemError) in
            try UidlistFile.save(list, added: added, to: maildir)
            return FileMark(try maildir.root.status(of: UidlistFile.name))
        }
        for entry in added { uids[entry.base] = entry.uid }
        list.markSaved()
    }

    private func nextValidity() -> UInt32 {
        let previous = told?.uidValidity ?? list.uidValidity
        do throws(SystemError) {
            let directory = try FileDescriptor.open(root, .readOnly, .directory)
            return UidValidity.next(in: directory, after: previous)
        } catch {
            return max(UInt32(truncatingIfNeeded: Clock.now), previous &+ 1)
        }
    }

    // MARK: The list and the keywords

    /// Reads the list when it has changed.
    func loadList() throws(StoreError) {
        let mark = try translating { () throws(SystemError) in
            try maildir.root.statusIfPresent(of: UidlistFile.name).map(FileMark.init)
        }
        if let mark, mark == listMark { return }
        let (loaded, status) = try translating { () throws(SystemError) in
            try UidlistFile.load(from: maildir)
        }
        switch loaded {
        case .list(let new):
            try take(new)
            listMark = status.map(FileMark.init)
        case .missing, .damaged:
            if isVolatile { return }
            // UIDs that were told cannot be kept without the list.
            if told != nil { throw .replaced }
            listMark = nil
        }
    }

    /// Makes `new` the list, unless it contradicts what the session was told.
    private func take(_ new: Uidlist) throws(StoreError) {
        if let told {
            guard new.uidValidity == told.uidValidity else { throw .replaced }
            try checkUnchanged(new)
        }
        list = new
        if let told { list.raiseNext(to: told.uidNext) }
        uids = [:]
        uids.reserveCapacity(new.entries.count)
        for entry in new.entries { uids[entry.base] = entry.uid }
    }

    /// No UID may have come to mean another message.
    private func checkUnchanged(_ new: Uidlist) throws(StoreError) {
        var index = 0
        for entry in list.entries {
            while index < new.entries.count, new.entries[index].uid < entry.uid { index += 1 }
            guard index < new.entries.count else { return }
            let other = new.entries[index]
            if other.uid == entry.uid, other.base != entry.base { throw .replaced }
        }
    }

    func loadTable() throws(StoreError) {
        let mark = try translating { () throws(SystemError) in
            try maildir.root.statusIfPresent(of: KeywordTable.fileName).map(FileMark.init)
        }
        if mark == tableMark { return }
        let file = try translating { () throws(SystemError) in
            try UidlistFile.read(
                KeywordTable.fileName, in: maildir, limit: KeywordTable.sizeLimit)
        }
        table = KeywordTable(parsing: file?.bytes ?? [])
        tableMark = file.map { FileMark($0.status) }
    }

    /// Gives a letter to each keyword; `.limit` when there are too few letters, nothing changed.
    func ensureLetters(for keywords: Set<Keyword>) throws(StoreError) {
        try loadTable()
        if table.covers(keywords) { return }
        try UidlistFile.locked(maildir.path) { () throws(StoreError) in
            try loadTable()
            var new = table
            guard new.add(keywords) else {
                throw .limit("\(MaildirInfo.keywordLimit) keywords in a Maildir")
            }
            try translating { () throws(SystemError) in
                try LockedFile.replace(
                    KeywordTable.fileName, with: new.text, in: maildir.root)
            }
            try loadTable()
        }
    }
}

/// The order in which messages came: by the time in their names.
enum MaildirArrival {
    static func sorted(_ names: [BaseName]) -> [BaseName] {
        // Each name is read once, not at every comparison.
        let keyed = names.map { (key: key($0.bytes), name: $0) }
        return keyed.sorted { left, right in
            left.key == right.key
                ? left.name.bytes.lexicographicallyPrecedes(right.name.bytes) : left.key < right.key
        }.map(\.name)
    }

    /// Seconds and, where the name has them, microseconds.
    private static func key(_ name: [UInt8]) -> FileTime {
        var cursor = ByteCursor(name)
        let seconds = cursor.takeNumber(Int.self) ?? 0
        guard cursor.take(.dot), cursor.take(UInt8(ascii: "M")) else {
            return FileTime(seconds: seconds)
        }
        return FileTime(seconds: seconds, nanoseconds: cursor.takeNumber(Int.self) ?? 0)
    }
}
