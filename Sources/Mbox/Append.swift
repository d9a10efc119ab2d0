import Bytes
import Posix

/// Adding letters at the end of an mbox, so that a kill or power cut at any point can be repaired.
extension LockedMbox {
    /// How much of what is appended the side file keeps, to tell our torn octets from others'.
    static let headLimit = 4096

    /// Appends the letters of `text`, durably.
    ///
    /// When this returns, the letters and, for a new file, its name are on the disk. When it
    /// throws, the mailbox holds what it held before.
    package mutating func append(_ text: LetterText) throws(MboxError) {
        let before = try status()
        let padding = try missingSeparator(before.size)
        var checksum = Checksum(padding)
        if padding.isEmpty {
            checksum = text.checksum
        } else {
            text.pieces.forEach { checksum.update($0) }
        }
        let newSize = before.size + padding.count + text.count
        var side = try SideFile.open(for: path, owner: before.owner, create: true, rights)
        let record = JournalRecord(
            kind: .append(checksum: checksum.value), of: before, newSize: newSize,
            contextChecksum: try contextChecksum(before: before.size))
        let head = Array((padding + text.head(Self.headLimit)).prefix(Self.headLimit))
        try side?.note(record, head)
        do throws(SystemError) {
            try write(text, behind: padding, at: before.size)
            // More is another program's, which knows none of our locks.
            guard try descriptor.status().size >= newSize else {
                throw SystemError(SystemError.inputOutput, "write \(path)")
            }
            // The name of an empty file is perhaps not on the disk; a side file's coming has synced it.
            if side == nil, before.size == 0 { try path.parent.syncDirectory() }
        } catch {
            try undoAppend(to: before.size, &side)
            throw .failed(error)
        }
        markAsNewMail(before)
        // Not synced: in the same run of the machine it counts at once, and after a power cut the
        // record is found done, or is only believed where nobody changed the mailbox later.
        try side?.remove(durably: false)
    }

    private func write(
        _ text: LetterText, behind padding: [UInt8], at start: Int
    ) throws(SystemError) {
        var offset = start
        for piece in [padding] + text.pieces where !piece.isEmpty {
            try descriptor.write(piece, at: offset)
            offset += piece.count
        }
        try descriptor.sync()
    }

    /// The file as it was, on the same descriptor and under the same locks.
    private func undoAppend(to size: Int, _ side: inout SideFile?) throws(MboxError) {
        do throws(SystemError) {
            try descriptor.truncate(to: size)
            try descriptor.sync()
        } catch {
            // The record stays: the next opener undoes what could not be undone here.
            return
        }
        try side?.remove(durably: false)
    }

    /// What lacks before a From_ line: an earlier writer may have been killed in the middle of a
    /// line, and then the next letter would be part of its letter.
    package func missingSeparator(_ size: Int) throws(MboxError) -> [UInt8] {
        guard size > 0 else { return [] }
        let end = try descriptor.bytes(max(0, size - 2)..<size)
        if end == [.lf, .lf] { return [] }
        if end.last != .lf { return [.lf, .lf] }
        return try lastLetterIsMeasured(size) ? [] : [.lf]
    }

    /// The last letter has a Content-Length that holds and ends before the file's last line end:
    /// another one would make the length untrue to its writer's eyes.
    private func lastLetterIsMeasured(_ size: Int) throws(MboxError) -> Bool {
        let start = max(0, size - Self.lookBack)
        let window = try descriptor.bytes(start..<size)
        var line = window.endIndex
        while line > 0 {
            line = window[..<line].dropLast().lastIndex(of: .lf).map { $0 + 1 } ?? 0
            // The window may begin in the middle of a line.
            if line == 0, start > 0 { break }
            guard window[line] == UInt8(ascii: "F"),
                FromLine(window[line...].prefix { $0 != .lf }) != nil
            else { continue }
            var scanner = LetterScanner(from: start + line, to: size)
            // Without such a length a letter ends with the file, or before an empty line.
            if let last = try scanner.next(descriptor), last.end == size - 1 { return true }
        }
        return false
    }

    /// How far back a last letter's beginning is looked for.
    private static let lookBack = 1 << 16

    /// The checksum of the octets just before `offset`.
    func contextChecksum(before offset: Int) throws(MboxError) -> UInt64 {
        let start = max(0, offset - JournalRecord.contextSize)
        return Checksum(try descriptor.bytes(start..<offset)).value
    }

    /// Lets the file look unread since it was written, which is how shells and mail readers see
    /// that there is new mail.
    func markAsNewMail(_ before: FileStatus) {
        do throws(SystemError) {
            let modified = try descriptor.status().modified
            let accessed = min(
                before.accessed, FileTime(seconds: modified.seconds - 1, nanoseconds: 0))
            try descriptor.setTimes(accessed: accessed, modified: nil)
        } catch {
            // The letter is there; only the notice of it may be missing.
        }
    }
}

extension LetterText {
    /// The first octets, at most `limit`.
    func head(_ limit: Int) -> [UInt8] {
        var head: [UInt8] = []
        for piece in pieces where head.count < limit { head += piece.prefix(limit - head.count) }
        return head
    }
}

extension SideFile {
    /// Writes down an append before it is made, or leaves no record of it.
    fileprivate mutating func note(_ record: JournalRecord, _ head: [UInt8]) throws(MboxError) {
        do throws(MboxError) {
            try write(head, at: 0)
            try commit(record, payload: head.count, checksum: Checksum(head).value)
        } catch {
            abandon()
            throw error
        }
    }
}
