import Mbox

/// Changes of an mbox under its locks, and the index with them.
extension MboxFolder {
    /// Writes the UIDs of new messages and takes what is recent, when somebody may.
    func writeNotes(_ mailbox: inout LockedMbox) throws(StoreError) {
        guard !isReadOnly, let index, needsNotes(index) else { return }
        var change = MboxChange(index)
        change.recordUIDs()
        if access == .readWrite {
            for (place, entry) in index.entries.enumerated() where isNew(entry) {
                var notes = change.notes(at: place)
                notes.isOld = true
                change.set(notes, at: place)
                recent.insert(entry.uid)
            }
        }
        try apply(change, change.edits(size: index.end), to: &mailbox)
    }

    /// Changes the file and the index with it.
    func apply(
        _ change: MboxChange, _ edits: [Edit], to mailbox: inout LockedMbox
    ) throws(StoreError) {
        guard let first = edits.first, let index else { return }
        MboxUIDNote.write(change.base, mailbox.descriptor)
        do throws(MboxError) { try mailbox.apply(edits) } catch {
            forget()
            throw StoreError(error)
        }
        let inPlace = edits.allSatisfy { $0.range.count == $0.bytes.count }
        if inPlace, edits.count == 1, try again(first, in: mailbox) { return remember(mailbox) }
        let letters = index.letters
        // The letter right before is read again: an empty line may have come behind it.
        let kept = letters.prefix { $0.next < first.range.lowerBound }
        do throws(MboxError) {
            if inPlace {
                var places = edits.map(\.range.lowerBound)[...]
                try adoptOrForget(
                    try letters.map { (letter) throws(MboxError) in
                        guard let place = places.first, place < letter.next else { return letter }
                        places = places.drop { $0 < letter.next }
                        return try mailbox.letter(again: letter)
                    })
            } else {
                try adoptOrForget(
                    kept + (try mailbox.letters(from: kept.last?.next ?? 0)))
            }
        } catch {
            forget()
            throw StoreError(error)
        }
        remember(mailbox)
    }

    /// Reads the one letter again that an edit in place has changed; false when more than its flags
    /// may be different.
    private func again(
        _ edit: Edit, in mailbox: borrowing LockedMbox
    ) throws(StoreError) -> Bool {
        guard let place = index?.place(at: edit.range.lowerBound), let index else { return false }
        do throws(MboxError) {
            let letter = try mailbox.letter(again: index.entries[place].letter)
            return self.index?.replace(at: place, with: letter) ?? false
        } catch {
            forget()
            throw StoreError(error)
        }
    }

    private func adoptOrForget(_ letters: [Letter]) throws(MboxError) {
        do throws(StoreError) { try adopt(letters) } catch {
            throw .damaged("\(file): renumbered by its own change")
        }
    }
}
