import Mbox

/// Plans what a change of messages means for the file: which octets come where.
///
/// The mailbox's base stands in its first letter, so a change of the base, or of who is first, is a
/// change of that letter too. The pseudo letter goes when there are messages, and comes when the
/// last one goes.
struct MboxChange {
    let index: MboxIndex
    var base: StatusHeader.Base
    /// New notes of messages, by place.
    private var notes: [Int: MboxNotes] = [:]
    private var removed: Set<Int> = []

    init(_ index: MboxIndex) {
        self.index = index
        base = index.base
    }

    /// The notes of a message as they are to become.
    func notes(at place: Int) -> MboxNotes {
        if let changed = notes[place] { return changed }
        let entry = index.entries[place]
        return MboxNotes(
            uid: entry.uid, flags: index.flags(of: entry), isOld: entry.letter.status.has("O"),
            base: nil)
    }

    mutating func set(_ changed: MboxNotes, at place: Int) { notes[place] = changed }

    mutating func remove(at place: Int) { removed.insert(place) }

    /// Writes down every UID that is not in the file yet.
    mutating func recordUIDs() {
        for (place, entry) in index.entries.enumerated() where !entry.isRecorded {
            set(notes(at: place), at: place)
        }
    }

    /// The edits of the file, in order; `appended` is put at its end, which is at `size`, and
    /// `carriesBase` when its first letter has the base.
    func edits(
        size: Int, appending appended: [UInt8] = [], carriesBase: Bool = false
    ) -> [Edit] {
        let first = index.entries.indices.first { !removed.contains($0) }
        var edits: [Edit] = []
        if let pseudo = index.pseudo {
            if first != nil || carriesBase {
                edits.append(Edit(pseudo.start..<pseudo.next))
            } else if base != index.base || !index.hasBase {
                edits += PseudoLetter.edits(for: pseudo, base)
            }
        }
        for place in touchedPlaces(first) {
            let letter = index.entries[place].letter
            if removed.contains(place) {
                edits.append(Edit(letter.start..<letter.next))
            } else if let wanted = wantedNotes(at: place, isFirst: place == first) {
                edits += wanted.edits(for: letter)
            }
        }
        let isEmptied = first == nil && index.pseudo == nil && !index.entries.isEmpty
        if isEmptied, !carriesBase {
            // One edit of the whole: the last letter's end is the file's.
            return [Edit(0..<size, PseudoLetter.text(base) + appended)]
        }
        if !appended.isEmpty { edits.append(Edit(size..<size, appended)) }
        return edits
    }

    /// The places that may need an edit, in order; `first` is the first that stays.
    private func touchedPlaces(_ first: Int?) -> [Int] {
        var places = removed.union(notes.keys)
        if let first { places.insert(first) }
        // A base that stands elsewhere is a stranger's, or a leftover.
        places.formUnion(index.strayBases)
        return places.sorted()
    }

    private func wantedNotes(at place: Int, isFirst: Bool) -> MboxNotes? {
        let letter = index.entries[place].letter
        // The base must stand in the first letter, and only there.
        let hasBase = letter.status.base != nil
        let needsBase = isFirst && (base != letter.status.base || index.pseudo != nil)
        guard notes[place] != nil || needsBase || (hasBase && !isFirst) else { return nil }
        var wanted = notes(at: place)
        wanted.base = isFirst ? base : nil
        return wanted
    }
}
