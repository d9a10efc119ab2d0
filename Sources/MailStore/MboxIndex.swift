import Bytes
import Mbox

/// The letters of an mbox with their UIDs: what its headers say, made whole where they are silent.
///
/// A letter's X-UID counts only when it is greater than the one before and not greater than the
/// last one that the mailbox says it gave: everything else may be a stranger's. From the first
/// letter on that has none, all get new UIDs, so UIDs ascend, none is ever given twice, and
/// UIDVALIDITY stays.
///
/// Another server that shares the mailbox may give a UID that was given here to a letter that is gone:
/// where the first letter has taken the count along, each goes on with its own. Such a letter gets a
/// new UID.
struct MboxIndex: Equatable {
    struct Entry: Equatable {
        var letter: Letter
        let uid: UInt32
        /// The UID stands in the file.
        var isRecorded: Bool
    }

    /// UIDVALIDITY, the last UID given (to the entries here, too) and the keywords.
    private(set) var base: StatusHeader.Base
    /// The last UID that was given before those here that are not recorded.
    let recordedUID: UInt32
    /// The base stands in the file.
    private(set) var hasBase: Bool
    /// The letter that stands for an empty mailbox, in front of all others.
    private(set) var pseudo: Letter?
    private(set) var entries: [Entry] = []
    /// What the headers lack must be written before UIDs are told.
    let isUnrecorded: Bool
    /// The places, but for the first, of letters with a base of their own.
    let strayBases: [Int]
    /// Some message may lack `Status: O`: no session has taken it yet.
    private(set) var hasNew: Bool

    /// Beyond it there is no room for the messages to come: UIDVALIDITY must change.
    static let lastUIDLimit: UInt32 = .max - 10_000_000

    /// What is known of the mailbox from before.
    struct Past {
        /// What this session has told last.
        var told: MboxIndex?
        /// The last UID that anybody is known to have given.
        var lastUID: UInt32 = 0

        /// Whether the letter may have this UID: one that is new to the session, or its own.
        fileprivate func allows(_ uid: UInt32, _ letter: Letter) -> Bool {
            guard let told, uid <= told.recordedUID else { return true }
            return told.place(of: uid).map { told.entries[$0].letter.date == letter.date } ?? false
        }
    }

    /// `fallback` is the base of a mailbox that has none: what was told before, or something new.
    init(_ letters: [Letter], fallback: StatusHeader.Base, past: Past = Past()) {
        let recorded = letters.first?.status.base.flatMap {
            $0.lastUID <= Self.lastUIDLimit ? $0 : nil
        }
        base = recorded ?? fallback
        let recordedLast = base.lastUID
        base.lastUID = max(base.lastUID, past.lastUID, past.told?.recordedUID ?? 0)
        recordedUID = base.lastUID
        hasBase = recorded != nil
        var rest = letters[...]
        if let first = letters.first, first.status.isPseudo {
            pseudo = first
            rest = rest.dropFirst()
        }
        var last: UInt32 = 0
        var isBroken = false
        entries.reserveCapacity(rest.count)
        for letter in rest {
            let uid = letter.status.uid
            if let uid, !isBroken, uid > last, uid <= recordedLast,
                past.allows(uid, letter)
            {
                entries.append(Entry(letter: letter, uid: uid, isRecorded: true))
                last = uid
            } else {
                isBroken = true
                base.lastUID += 1
                entries.append(Entry(letter: letter, uid: base.lastUID, isRecorded: false))
                last = base.lastUID
            }
        }
        isUnrecorded = isBroken || (!hasBase && !entries.isEmpty)
        hasNew = rest.contains { !$0.status.has("O") }
        strayBases = entries.enumerated().dropFirst().filter {
            $0.element.letter.status.base != nil
        }.map(\.offset)
    }

    /// Where the last letter ends; 0 when there is none.
    var end: Int { entries.last?.letter.next ?? pseudo?.next ?? 0 }

    /// The place of the message in whose letter the octet at `offset` is.
    func place(at offset: Int) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].letter.next <= offset { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].letter.start <= offset ? low : nil
    }

    /// Takes over a letter whose flags have changed; false, and nothing done, when its UID or the
    /// mailbox's base has changed as well.
    mutating func replace(at place: Int, with letter: Letter) -> Bool {
        let old = entries[place]
        guard old.isRecorded, letter.status.uid == old.uid,
            letter.status.base == old.letter.status.base
        else { return false }
        entries[place].letter = letter
        hasNew = hasNew || !letter.status.has("O")
        return true
    }

    var uidNext: UInt32 { base.lastUID + 1 }

    /// The base without the UIDs that nobody has written down: they are given again, to the same
    /// numbers, when the file is read.
    var recordedBase: StatusHeader.Base {
        var base = base
        base.lastUID = recordedUID
        return base
    }

    /// The place of the message with `uid`.
    func place(of uid: UInt32) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].uid < uid { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].uid == uid ? low : nil
    }

    /// Every letter of the file, the pseudo letter first.
    var letters: [Letter] { (pseudo.map { [$0] } ?? []) + entries.map(\.letter) }

    func flags(of entry: Entry) -> Flags {
        let status = entry.letter.status
        var system: SystemFlags = []
        if status.has("R") { system.insert(.seen) }
        for (letter, flag) in Self.flagLetters where status.hasFlag(letter) { system.insert(flag) }
        let names = status.keywords.map { Keyword($0) }
        return Flags(system, keywords: Set(names))
    }

    /// The letters of X-Status, in the order in which c-client writes them.
    static let flagLetters: [(Unicode.Scalar, SystemFlags)] = [
        ("D", .deleted), ("F", .flagged), ("A", .answered), ("T", .draft),
    ]

    var keywords: [Keyword] {
        var seen: Set<Keyword> = []
        let used = entries.lazy.flatMap(\.letter.status.keywords)
        return (base.keywords + used).map { Keyword($0) }.filter { seen.insert($0).inserted }
    }
}
