import Bytes

/// The text of a `dovecot-uidlist`: which UID each base name has, as Dovecot 2 writes it (version
/// 3) and as older ones and Courier did (version 1, read only).
///
/// What it does not know, in the first line and in the entries, it keeps.
struct Uidlist: Equatable {
    struct Entry: Equatable {
        let uid: UInt32
        /// Fields between UID and name, such as `S123 Pabc`.
        var fields: [UInt8]
        let base: BaseName

        init(uid: UInt32, fields: [UInt8] = [], base: BaseName) {
            self.uid = uid
            self.fields = fields
            self.base = base
        }

        /// The value of the field that begins with `key`, as `P` for POP3's UIDL.
        func field(_ key: UInt8) -> [UInt8]? {
            fields.split(separator: .space).first { $0.first == key }.map { Array($0.dropFirst()) }
        }
    }

    var uidValidity: UInt32
    /// Greater than every UID that was ever given.
    private(set) var uidNext: UInt32
    /// Other fields of the first line, such as `G` and the mailbox's identifier.
    var fields: [[UInt8]]
    /// In ascending order of UIDs; messages that are gone may be among them.
    private(set) var entries: [Entry]
    /// The text ends with a whole line and is version 3: lines may be appended.
    private(set) var isAppendable: Bool

    /// An empty list for a new mailbox.
    init(uidValidity: UInt32, fields: [[UInt8]] = []) {
        self.uidValidity = uidValidity
        self.fields = fields
        uidNext = 1
        entries = []
        isAppendable = false
    }

    /// Reads a list; nil when it cannot be trusted: then UIDs must be given anew under another
    /// UIDVALIDITY.
    ///
    /// A last line without its end was torn off by a crash, before its UID was told to anybody, and
    /// does not count.
    init?(parsing text: [UInt8]) {
        var cursor = ByteCursor(text)
        guard let first = cursor.takeLine(), text.contains(.lf) else { return nil }
        let words = first.split(separator: .space)
        let version = words.first.flatMap { Int(decimal: $0) }
        uidValidity = 0
        uidNext = 0
        fields = []
        entries = []
        isAppendable = version == 3 && text.last == .lf
        switch version {
        case 1:
            guard words.count >= 3 else { return nil }
            uidValidity = UInt32(decimal: words[1]) ?? 0
            uidNext = UInt32(decimal: words[2]) ?? 0
        case 3: readFirstLine(words.dropFirst())
        default: return nil
        }
        guard uidValidity > 0, uidNext > 0 else { return nil }
        while let line = cursor.takeLine() {
            if cursor.isAtEnd, text.last != .lf { break }
            guard let entry = Self.entry(line, isVersion1: version == 1), take(entry) else {
                return nil
            }
        }
    }

    private mutating func readFirstLine(_ words: some Sequence<ArraySlice<UInt8>>) {
        for word in words {
            switch word.first {
            case UInt8(ascii: "V"): uidValidity = UInt32(decimal: word.dropFirst()) ?? 0
            case UInt8(ascii: "N"): uidNext = UInt32(decimal: word.dropFirst()) ?? 0
            default: fields.append(Array(word))
            }
        }
    }

    private static func entry(_ line: ArraySlice<UInt8>, isVersion1: Bool) -> Entry? {
        guard let space = line.firstIndex(of: .space),
            let uid = UInt32(decimal: line[..<space]), uid > 0, uid < .max
        else { return nil }
        let rest = line[(space + 1)...]
        if isVersion1 {
            return rest.isEmpty ? nil : Entry(uid: uid, base: BaseName(ofFile: rest))
        }
        // The name follows the first colon that begins a word.
        var fields = rest
        if rest.first == .colon {
            fields = rest.prefix(0)
        } else {
            guard
                let colon = rest.indices.dropFirst().first(where: {
                    rest[$0] == .colon && rest[$0 - 1] == .space
                })
            else { return nil }
            fields = rest[..<(colon - 1)]
        }
        let name = rest.dropFirst(fields.isEmpty ? 1 : fields.count + 2)
        return name.isEmpty
            ? nil : Entry(uid: uid, fields: Array(fields), base: BaseName(ofFile: name))
    }

    /// Adds an entry at the end; false when its UID is not greater than those before.
    private mutating func take(_ entry: Entry) -> Bool {
        if let last = entries.last, last.uid >= entry.uid { return false }
        entries.append(entry)
        uidNext = max(uidNext, entry.uid + 1)
        return true
    }

    /// Gives the next UID to a message; nil when there are no more.
    mutating func add(base: BaseName) -> Entry? {
        guard uidNext < .max else { return nil }
        let entry = Entry(uid: uidNext, base: base)
        return take(entry) ? entry : nil
    }

    /// The entry with this UID.
    func entry(of uid: UInt32) -> Entry? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].uid < uid { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].uid == uid ? entries[low] : nil
    }

    /// The text on the disk is now `text`.
    mutating func markSaved() { isAppendable = true }

    /// Forgets the entries for which `isGone` holds; their UIDs are never given again.
    mutating func remove(where isGone: (Entry) -> Bool) {
        entries.removeAll(where: isGone)
        isAppendable = false
    }

    /// The UIDs below `uid` are never given again.
    mutating func raiseNext(to uid: UInt32) { uidNext = max(uidNext, uid) }

    /// The lines of some entries, to be appended to the file.
    static func lines(_ entries: some Sequence<Entry>) -> [UInt8] {
        var out: [UInt8] = []
        for entry in entries {
            out += "\(entry.uid) "
            if !entry.fields.isEmpty {
                out += entry.fields
                out.append(.space)
            }
            out.append(.colon)
            out += entry.base.bytes
            out.append(.lf)
        }
        return out
    }

    /// The whole text, version 3.
    var text: [UInt8] {
        var first: [UInt8] = []
        first += "3 V\(uidValidity) N\(uidNext)"
        for field in fields {
            first.append(.space)
            first += field
        }
        first.append(.lf)
        return first + Self.lines(entries)
    }
}
