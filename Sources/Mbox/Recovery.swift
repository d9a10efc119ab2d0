import Bytes
import Posix

/// Completing or undoing a change that a kill or a power cut has left half done.
///
/// Octets that somebody else may have written are never removed: what cannot stay in the mailbox
/// goes to a file `.NAME.torn.TIME` beside it.
extension LockedMbox {
    /// How long after a change began, by the clock, a mailbox may have been written by that change,
    /// when the machine has started anew since.
    private static let believedSeconds = 120

    /// A change was interrupted and is neither completed nor undone.
    var hasPendingChange: Bool {
        do throws(MboxError) {
            let owner = try status().owner
            guard let side = try SideFile.open(for: path, owner: owner, create: false, rights)
            else { return false }
            return side.pending != nil
        } catch {
            return false
        }
    }

    /// Does what the side file asks for; to be called with every lock held.
    mutating func recover() throws(MboxError) {
        let now = try status()
        guard
            var side = try SideFile.open(for: path, owner: now.owner, create: false, rights)
        else { return }
        guard let record = side.pending else {
            // Its maker was cut off before anything depended on it.
            try side.remove(durably: false)
            return
        }
        switch record.kind {
        case .append(let checksum): try recoverAppend(record, checksum, now, &side)
        case .rewrite, .repair: try recoverRewrite(record, now, &side)
        }
        try side.remove(durably: true)
    }

    /// The record speaks of this file, and no other run of the machine has changed it since.
    private func isBelievable(_ record: JournalRecord, _ now: FileStatus) -> Bool {
        guard record.inode == now.inode else { return false }
        return record.boot == JournalRecord.bootIdentifier
            || now.modified.seconds <= record.time + Self.believedSeconds
    }

    // MARK: Appending

    private mutating func recoverAppend(
        _ record: JournalRecord, _ checksum: UInt64, _ now: FileStatus, _ side: inout SideFile
    ) throws(MboxError) {
        guard isBelievable(record, now), now.size > record.oldSize,
            try contextChecksum(before: record.oldSize) == record.contextChecksum
        else { return }
        let whole = record.oldSize..<max(record.oldSize, record.newSize)
        if try descriptor.checksum(of: whole) == checksum { return }
        let head = try side.descriptor.bytes(record.payload)
        let tail = record.oldSize..<now.size
        switch try judge(tail, head: head) {
        case .notOurs: return
        case .torn(let foreign):
            let end = foreign ?? now.size
            let aside = try setAside(tail.lowerBound..<end)
            notes.append(
                "\(path): \(end - tail.lowerBound) octets of an interrupted delivery moved to \(aside)"
            )
            try apply([Edit(tail.lowerBound..<end)], now, &side)
        }
    }

    private enum Tail {
        /// Another program has written it whole.
        case notOurs
        /// It begins with octets of ours; `foreign` is where another program's letter begins.
        case torn(foreign: Int?)
    }

    private func judge(_ tail: Range<Int>, head: [UInt8]) throws(MboxError) -> Tail {
        let start = try descriptor.bytes(tail.lowerBound..<tail.lowerBound + head.count)
            .clamped(to: tail.count)
        let common = zip(start, head).prefix { $0 == $1 }.count
        // Blocks that never reached the disk read as zeros.
        let isBlank = start.dropFirst(common).first == 0
        let foreign = try firstFromLine(in: tail, after: common, ours: head)
        if common == start.count || isBlank { return .torn(foreign: foreign) }
        // It goes on otherwise than ours: behind a torn beginning of ours there must be a letter
        // right there, else all of it is a letter of somebody else that only begins alike.
        guard let foreign, foreign <= tail.lowerBound + common else { return .notOurs }
        return .torn(foreign: foreign)
    }

    /// Where a From_ line begins behind the first octet of the tail: the torn octets need not end
    /// in a line end.
    ///
    /// What is quoted is none, nor is our own behind octets that never reached the disk.
    private func firstFromLine(
        in tail: Range<Int>, after common: Int, ours head: [UInt8]
    ) throws(MboxError) -> Int? {
        let from = Array("From ".utf8)
        // The torn part may share its last octets with the beginning of the line.
        var offset = tail.lowerBound + max(1, common - from.count)
        while offset < tail.upperBound {
            let end = min(tail.upperBound, offset + SideFile.chunk)
            let window = try descriptor.bytes(offset..<end)
            for place in window.indices where window[place] == from[0] {
                guard window[place...].starts(with: from) else { continue }
                if place > 0, window[place - 1] == .greater { continue }
                let line = window[place...].prefix(FromLine.lengthLimit).prefix { $0 != .lf }
                let isOurs = head.dropFirst(offset + place - tail.lowerBound).starts(with: line)
                if FromLine(line) != nil, !isOurs { return offset + place }
            }
            // A line that crosses the end of the window is found in the next.
            if end == tail.upperBound { return nil }
            offset = max(offset + 1, end - FromLine.lengthLimit)
        }
        return nil
    }

    // MARK: Rewriting

    private mutating func recoverRewrite(
        _ record: JournalRecord, _ now: FileStatus, _ side: inout SideFile
    ) throws(MboxError) {
        let limit = JournalRecord.headerSize + SideFile.chunk * 64
        let payload = record.payload.lowerBound..<min(record.payload.upperBound, limit)
        guard let table = RewriteTable(try side.descriptor.bytes(payload)) else { return }
        let state = try compare(record, table, side)
        guard isBelievable(record, now), !state.isForeign else {
            if state.isComplete { return }
            let aside = try setAside(side, record.payload)
            notes.append(
                "\(path): changed by another program after an interrupted change of ours,"
                    + " whose content was kept in \(aside)")
            return
        }
        let isRepair = record.kind == .repair
        if state.isUntouched, now.size == record.oldSize, !isRepair { return }
        if try hasGrownOtherwise(record, table, side) { return }
        let foreign = try foreignTail(record, table, now)
        let mayCut = try isUncut(record, table)
        try perform(record, table, side, mayCut: mayCut)
        if let foreign {
            // Behind what this change has removed, another program has added a letter.
            try apply([Edit(record.newSize..<foreign)], try status(), &side)
        }
        notes.append("\(path): an interrupted change was completed")
    }

    /// How the replaced parts look now.
    private struct Comparison {
        var old = 0
        var new = 0
        var neither = 0
        /// Blocks that never reached the disk read as zeros.
        var blank = 0

        var isUntouched: Bool { new == 0 && neither == 0 && blank == 0 }
        var isComplete: Bool { old == 0 && neither == 0 && blank == 0 }
        /// One chunk may be cut in the middle, and after a power cut a few; more is somebody
        /// else's doing.
        var isForeign: Bool { neither > 1 + (old + new + neither) / 8 }
    }

    private func compare(
        _ record: JournalRecord, _ table: RewriteTable, _ side: borrowing SideFile
    ) throws(MboxError) -> Comparison {
        var result = Comparison()
        var source = record.payload.lowerBound + table.encodedCount
        for (chunk, old) in zip(RewriteTable.chunks(table.extents), table.oldChecksums) {
            let wanted = try side.descriptor.bytes(source..<source + chunk.count)
            source += chunk.count
            let present = try descriptor.bytes(chunk)
            let before = present.prefix(max(0, record.oldSize - chunk.lowerBound))
            let isOld = Checksum(before).value == old
            if present == wanted {
                // Repeated lines may look the same before and after: such a chunk says nothing.
                result.new += isOld ? 0 : 1
            } else if isOld {
                // What lies beyond the old end is judged by hasGrownOtherwise.
                result.old += 1
            } else if present.contains(where: { $0 != 0 }) {
                result.neither += 1
            } else {
                result.blank += 1
            }
        }
        return result
    }

    /// Where octets begin that another program has added behind what the change was to remove.
    private func foreignTail(
        _ record: JournalRecord, _ table: RewriteTable, _ now: FileStatus
    ) throws(MboxError) -> Int? {
        guard record.newSize < record.oldSize, now.size > record.oldSize,
            try descriptor.checksum(of: record.newSize..<record.oldSize) == table.remainderChecksum
        else { return nil }
        return record.oldSize
    }

    /// What the change was to remove at the end is still there: else the file was cut already, and
    /// has only by chance its old size again.
    private func isUncut(
        _ record: JournalRecord, _ table: RewriteTable
    ) throws(MboxError) -> Bool {
        guard record.newSize < record.oldSize else { return true }
        let tail = record.newSize..<record.oldSize
        return try descriptor.checksum(of: tail) == table.remainderChecksum
    }

    /// Whether another program has added a letter where this change was to let the file grow, and
    /// had not begun to.
    private func hasGrownOtherwise(
        _ record: JournalRecord, _ table: RewriteTable, _ side: borrowing SideFile
    ) throws(MboxError) -> Bool {
        let size = record.oldSize
        guard let extent = table.extents.last, extent.contains(size) else { return false }
        let earlier = table.extents.dropLast().reduce(0) { $0 + $1.count }
        let place =
            record.payload.lowerBound + table.encodedCount + earlier
            + (size - extent.lowerBound)
        let count = min(RewriteTable.chunk, extent.upperBound - size)
        let present = try descriptor.bytes(size..<size + count)
        let wanted = try side.descriptor.bytes(place..<place + count)
        let common = zip(present, wanted).prefix { $0 == $1 }.count
        // Blocks that never reached the disk read as zeros.
        guard common < present.count, present[common] != 0 else { return false }
        return FromLine(present.drop { $0 == .lf }.prefix { $0 != .lf }) != nil
    }

    // MARK: Setting aside

    private func setAside(_ range: Range<Int>) throws(MboxError) -> Path {
        try copyAside(of: descriptor, range)
    }

    private func setAside(
        _ side: borrowing SideFile, _ range: Range<Int>
    ) throws(MboxError) -> Path {
        try copyAside(of: side.descriptor, range)
    }

    /// Copies octets to a new file beside the mailbox, durably.
    private func copyAside(
        of source: borrowing FileDescriptor, _ range: Range<Int>
    ) throws(MboxError) -> Path {
        let base = Array(".".utf8) + path.name.bytes + Array(".torn.\(Clock.now)".utf8)
        var serial = 0
        while true {
            let name = path.parent / Path(serial == 0 ? base : base + Array(".\(serial)".utf8))
            do throws(SystemError) {
                let file = try rights.perform { () throws(SystemError) in
                    try FileDescriptor.open(name, .readWrite, .exclusive, mode: 0o600)
                }
                if Rights.effectiveUser == 0 {
                    try file.setOwner(try descriptor.status().owner, group: .max)
                }
                try file.copy(from: source, at: range.lowerBound, count: range.count)
                try file.sync()
                try path.parent.syncDirectory()
                return name
            } catch {
                guard error.code == SystemError.exists, serial < 1000 else { throw .failed(error) }
                serial += 1
            }
        }
    }
}

extension [UInt8] {
    fileprivate func clamped(to count: Int) -> ArraySlice<UInt8> { prefix(count) }
}
