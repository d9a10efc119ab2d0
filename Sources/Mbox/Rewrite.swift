import Bytes
import Posix

/// A part of the file and what shall stand in its place.
package struct Edit: Equatable, Sendable {
    package let range: Range<Int>
    package let bytes: [UInt8]

    package init(_ range: Range<Int>, _ bytes: [UInt8] = []) {
        self.range = range
        self.bytes = bytes
    }

    var keepsSize: Bool { range.count == bytes.count }

    /// All of it lies in one sector, which a disk writes whole or not at all.
    var isAtomic: Bool {
        keepsSize && !range.isEmpty
            && range.lowerBound / Self.sector == (range.upperBound - 1) / Self.sector
    }

    /// The smallest of any disk.
    private static let sector = 512
}

/// Changing an mbox in place, so that others may hold it open, through a redo journal: what shall
/// stand there is on the disk before the first octet changes.
extension LockedMbox {
    /// Makes all the changes, durably, or none; `edits` are in ascending order and do not overlap.
    ///
    /// A full disk is found before the mailbox changes. When this throws in the middle, the side
    /// file holds the change and the next opener completes it.
    package mutating func apply(_ edits: [Edit]) throws(MboxError) {
        guard !edits.isEmpty else { return }
        let before = try status()
        if edits.count == 1, edits[0].isAtomic {
            try replace(edits[0])
            keepNewMailMark(before)
            return
        }
        guard
            var side = try SideFile.open(for: path, owner: before.owner, create: true, rights)
        else {
            throw .failed(SystemError(SystemError.denied, "create \(SideFile.path(for: path))"))
        }
        try apply(edits, before, &side)
        try side.remove(durably: true)
        keepNewMailMark(before)
    }

    /// Puts octets in the place of as many others, where neither a kill nor a power cut can part
    /// them: there is nothing to write down first.
    private func replace(_ edit: Edit) throws(MboxError) {
        try system { () throws(SystemError) in
            try descriptor.write(edit.bytes, at: edit.range.lowerBound)
            try descriptor.sync()
        }
    }

    /// As `apply`, with the side file open; the record is pending afterwards.
    mutating func apply(
        _ edits: [Edit], _ before: FileStatus, _ side: inout SideFile
    ) throws(MboxError) {
        let plan = RewritePlan(edits, size: before.size)
        let table = try RewriteTable(plan, descriptor)
        let start = plan.extents.first?.range.lowerBound ?? plan.newSize
        let record = JournalRecord(
            kind: side.pending == nil ? .rewrite : .repair, of: before, newSize: plan.newSize,
            contextChecksum: try contextChecksum(before: start))
        do throws(MboxError) {
            let (count, checksum) = try writePayload(table, plan, side)
            // Space for what the file grows by, before a byte of it changes.
            try system { () throws(SystemError) in
                try descriptor.reserve(max(0, plan.newSize - before.size), at: before.size)
            }
            try side.commit(record, payload: count, checksum: checksum)
        } catch {
            side.abandon()
            throw error
        }
        guard let committed = side.pending else { return }
        try perform(committed, table, side)
    }

    /// Writes the table and the new content to the side file.
    private func writePayload(
        _ table: RewriteTable, _ plan: RewritePlan, _ side: borrowing SideFile
    ) throws(MboxError) -> (count: Int, checksum: UInt64) {
        var payload = PayloadWriter()
        try payload.put(table.encoded(), to: side)
        for extent in plan.extents {
            for piece in extent.pieces {
                switch piece {
                case .bytes(let bytes): try payload.put(bytes, to: side)
                case .file(let range):
                    var offset = range.lowerBound
                    while offset < range.upperBound {
                        let end = min(range.upperBound, offset + SideFile.chunk)
                        let part = try descriptor.bytes(offset..<end)
                        guard part.count == end - offset else {
                            throw .damaged("\(path): shorter than it was")
                        }
                        try payload.put(part, to: side)
                        offset = end
                    }
                }
            }
        }
        try payload.flush(to: side)
        return (payload.count, payload.checksum.value)
    }

    /// Copies what the side file holds to its place and syncs: can be repeated at will.
    func perform(
        _ record: JournalRecord, _ table: RewriteTable, _ side: borrowing SideFile,
        mayCut: Bool = true
    ) throws(MboxError) {
        do throws(MboxError) {
            try copyExtents(record, table, side, mayCut)
        } catch {
            // The content is safe in the side file, so one more attempt costs nothing.
            try copyExtents(record, table, side, mayCut)
        }
        try system { () throws(SystemError) in try descriptor.sync() }
    }

    private func copyExtents(
        _ record: JournalRecord, _ table: RewriteTable, _ side: borrowing SideFile, _ mayCut: Bool
    ) throws(MboxError) {
        // At once to its new size, so that what another program adds later can be told apart.
        // Synced, lest a power cut keeps what is written below and forgets the size.
        if try status().size < record.newSize {
            try system { () throws(SystemError) in
                try descriptor.truncate(to: record.newSize)
                try descriptor.syncData()
            }
        }
        var source = record.payload.lowerBound + table.encodedCount
        for extent in table.extents {
            var offset = extent.lowerBound
            while offset < extent.upperBound {
                let end = min(extent.upperBound, offset + SideFile.chunk)
                let part = try side.descriptor.bytes(source..<source + (end - offset))
                let place = offset
                try system { () throws(SystemError) in try descriptor.write(part, at: place) }
                source += part.count
                offset = end
            }
        }
        if mayCut, try status().size == record.oldSize {
            try system { () throws(SystemError) in try descriptor.truncate(to: record.newSize) }
        }
    }

    /// After a change of ours: new mail stays new, and what was read does not become new.
    private func keepNewMailMark(_ before: FileStatus) {
        do throws(SystemError) {
            let modified = try descriptor.status().modified
            let accessed =
                before.accessed < before.modified
                ? min(before.accessed, FileTime(seconds: modified.seconds - 1)) : modified
            try descriptor.setTimes(accessed: accessed, modified: nil)
        } catch {
            // Only a notice of new mail depends on it.
        }
    }
}

/// Gathers small pieces of a payload, so that they are written in large ones.
private struct PayloadWriter {
    private var held: [UInt8] = []
    private(set) var count = 0
    private(set) var checksum = Checksum()

    mutating func put(_ bytes: [UInt8], to side: borrowing SideFile) throws(MboxError) {
        held += bytes
        count += bytes.count
        if held.count >= SideFile.chunk { try flush(to: side) }
    }

    mutating func flush(to side: borrowing SideFile) throws(MboxError) {
        checksum.update(held)
        try side.write(held, at: count - held.count)
        held = []
    }
}

/// What a list of edits means for the file: parts replaced in place, and from the first change of
/// length on everything.
struct RewritePlan {
    enum Piece {
        case bytes([UInt8])
        case file(Range<Int>)
    }
    struct Extent {
        var range: Range<Int>
        var pieces: [Piece]
    }

    private(set) var extents: [Extent] = []
    let newSize: Int

    init(_ edits: [Edit], size: Int) {
        let inPlace = edits.prefix(while: \.keepsSize)
        for edit in inPlace where !edit.range.isEmpty {
            extents.append(Extent(range: edit.range, pieces: [.bytes(edit.bytes)]))
        }
        let moving = edits.dropFirst(inPlace.count)
        guard let first = moving.first else {
            newSize = size
            return
        }
        var pieces: [Piece] = []
        var (source, count) = (first.range.lowerBound, 0)
        for edit in moving {
            pieces += [.file(source..<edit.range.lowerBound), .bytes(edit.bytes)]
            count += edit.range.lowerBound - source + edit.bytes.count
            source = edit.range.upperBound
        }
        pieces.append(.file(source..<size))
        count += size - source
        let start = first.range.lowerBound
        newSize = start + count
        if count > 0 { extents.append(Extent(range: start..<newSize, pieces: pieces)) }
    }
}

/// The parts of the file that a rewrite replaces, and what stood there: so that recovery can tell
/// its own half-done work from what another program did meanwhile.
struct RewriteTable: Equatable {
    let extents: [Range<Int>]
    /// Of each part of an extent that lies in one `chunk` of the file, as it was before.
    let oldChecksums: [UInt64]
    /// Of what the file loses at its end.
    let remainderChecksum: UInt64

    /// A page of the file: the disk gets each whole, but in any order.
    static let chunk = 4096

    init(_ plan: RewritePlan, _ descriptor: borrowing FileDescriptor) throws(MboxError) {
        extents = plan.extents.map(\.range)
        let size = try system { () throws(SystemError) in try descriptor.status().size }
        var checksums: [UInt64] = []
        for extent in extents {
            // Many chunks at once: a mailbox has thousands.
            let step = Self.chunk * 256
            var start = extent.lowerBound
            while start < extent.upperBound {
                let part = start..<min((start / step + 1) * step, extent.upperBound)
                let bytes = try descriptor.bytes(part.clamped(to: 0..<size))
                for chunk in Self.chunks([part]) {
                    let old = bytes.dropFirst(chunk.lowerBound - start).prefix(chunk.count)
                    checksums.append(Checksum(old).value)
                }
                start = part.upperBound
            }
        }
        oldChecksums = checksums
        remainderChecksum =
            plan.newSize < size
            ? try descriptor.checksum(of: plan.newSize..<size) ?? 0 : Checksum().value
    }

    static func chunks(_ extents: [Range<Int>]) -> [Range<Int>] {
        extents.flatMap { extent in
            stride(from: extent.lowerBound / chunk * chunk, to: extent.upperBound, by: chunk).map {
                max($0, extent.lowerBound)..<min($0 + chunk, extent.upperBound)
            }
        }
    }

    func encoded() -> [UInt8] {
        var fields = FieldWriter()
        fields.put(extents) {
            $1.put($0.lowerBound)
            $1.put($0.upperBound)
        }
        fields.put(oldChecksums) { $1.put(Int(bitPattern: UInt($0))) }
        fields.put(Int(bitPattern: UInt(remainderChecksum)))
        var whole = FieldWriter()
        whole.put(fields.bytes)
        return whole.bytes
    }

    var encodedCount: Int { 8 + 8 + extents.count * 16 + 8 + oldChecksums.count * 8 + 8 }

    /// Reads the table at the beginning of a payload; nil when it is not one.
    init?(_ payload: [UInt8]) {
        var whole = FieldReader(payload)
        do throws(MalformedFrame) {
            var fields = FieldReader(try whole.octets())
            extents = try fields.list { (each) throws(MalformedFrame) in
                let (start, end) = (try each.number(), try each.number())
                guard start >= 0, end >= start, end < 1 << 48 else { throw MalformedFrame() }
                return start..<end
            }
            oldChecksums = try fields.list { (each) throws(MalformedFrame) in
                UInt64(UInt(bitPattern: try each.number()))
            }
            remainderChecksum = UInt64(UInt(bitPattern: try fields.number()))
        } catch { return nil }
    }
}
