import Bytes
import Posix

/// One letter of an mbox: where it lies in the file and what its header notes about it.
package struct Letter: Equatable, Sendable {
    /// Of the From_ line, of the header behind it, and of what follows the header's empty line.
    package let start: Int
    package let header: Int
    package let body: Int
    /// The end of the content; the empty line that parts letters is behind it.
    package let end: Int
    /// Where the next letter begins, or the file ends.
    package let next: Int
    /// When it arrived, of the From_ line.
    package let date: Int
    package let status: StatusHeader
    /// Lines in the body of the form `>*From ` have one `>` more than the letter had.
    ///
    /// Only where it is known: the letter's From_ line has `FromLine.quotingSender`. Postfix,
    /// procmail, mailx and our own delivery write mboxo, where `>From ` may be a quoted `From ` or
    /// the letter's own line; nobody can tell, so it is given out as it stands, as Dovecot and
    /// mailx do. A letter with a true Content-Length is by a writer that does not quote.
    package let isQuoted: Bool
    /// Its Content-Length says exactly where it ends.
    package let hasTrueLength: Bool
    /// The header's last line has a line end.
    package let headerIsEnded: Bool
    /// What clients are sent: line ends are CRLF, hidden lines and quoting left out.
    package let size: Int

    /// The parts of the file that clients see.
    package var visibleParts: [Range<Int>] {
        var parts: [Range<Int>] = []
        var offset = header
        for line in status.lines {
            if line.range.lowerBound > offset { parts.append(offset..<line.range.lowerBound) }
            offset = line.range.upperBound
        }
        if offset < end { parts.append(offset..<end) }
        return parts
    }

    /// Where further header lines belong: before the empty line that ends the header.
    package let headerEnd: Int
}

extension LockedMbox {
    /// Reads the letters from `offset` on, which is 0 or where a letter begins.
    ///
    /// A letter begins with a From_ line at the start of the file or behind an empty line. What
    /// else stands at `offset` is `.damaged`.
    package func letters(from offset: Int = 0) throws(MboxError) -> [Letter] {
        var scanner = LetterScanner(from: offset, to: try status().size)
        var letters: [Letter] = []
        while let letter = try scanner.next(descriptor) { letters.append(letter) }
        if scanner.isDamaged { throw .damaged("\(path) is not an mbox at octet \(offset)") }
        return letters
    }
}

extension LockedMbox {
    /// Reads a letter again whose header was changed in place.
    package func letter(again letter: Letter) throws(MboxError) -> Letter {
        var scanner = LetterScanner(from: letter.start, to: letter.next)
        guard let again = try scanner.next(descriptor), again.next == letter.next else {
            throw .damaged("\(path): no letter at octet \(letter.start)")
        }
        return again
    }

    /// Whether the letter's From_ line and the lines that mail programs change are as they were
    /// read.
    package func stillHolds(_ letter: Letter) throws(MboxError) -> Bool {
        let end = letter.status.lines.last?.range.upperBound ?? letter.header
        let window = try descriptor.bytes(letter.start..<max(end, letter.header))
        guard window.starts(with: Array("From ".utf8)), window.count >= end - letter.start else {
            return false
        }
        var checksum = Checksum()
        for line in letter.status.lines {
            let (from, to) = (line.range.lowerBound, line.range.upperBound)
            checksum.update(window[(from - letter.start)..<(to - letter.start)])
        }
        return checksum.value == letter.status.checksum
    }
}

/// Reads one letter after the other.
struct LetterScanner {
    private var reader: LineReader
    private var fromLine: (start: Int, line: FromLine)?
    private(set) var isDamaged = false

    init(from offset: Int, to end: Int) { reader = LineReader(from: offset, to: end) }

    mutating func next(_ descriptor: borrowing FileDescriptor) throws(MboxError) -> Letter? {
        if fromLine == nil { try skipToFirst(descriptor) }
        guard let (start, line) = fromLine else { return nil }
        fromLine = nil
        var draft = LetterDraft(start: start, date: line.date, header: reader.offset)
        draft.mayBeQuoted = line.sender == FromLine.quotingSender
        try readHeader(&draft, descriptor)
        try readBody(&draft, descriptor)
        return draft.letter(next: fromLine?.start ?? reader.end)
    }

    /// Empty lines may come first; anything else but a From_ line is no mbox.
    private mutating func skipToFirst(
        _ descriptor: borrowing FileDescriptor
    ) throws(MboxError) {
        while true {
            let start = reader.offset
            guard let range = try reader.next(descriptor) else { return }
            let line = reader.bytes[range]
            if line.isEmptyLine { continue }
            if let from = FromLine(line.withoutLineEnd) {
                fromLine = (start, from)
            } else {
                isDamaged = true
            }
            return
        }
    }

    private mutating func readHeader(
        _ draft: inout LetterDraft, _ descriptor: borrowing FileDescriptor
    ) throws(MboxError) {
        var isContinued = false
        while true {
            if reader.isAtLineStart {
                reader.advance(to: draft.takeHeaderLines(reader, &isContinued))
            }
            let start = reader.offset
            guard let range = try reader.next(descriptor) else { return }
            let line = reader.bytes[range]
            let lineEnds = line.bareLineEnds(behind: reader.continued)
            draft.take(line, lineEnds)
            if reader.continued != nil {
                if isContinued { draft.hideContinuation(line, lineEnds, to: reader.offset) }
                continue
            }
            if line.isEmptyLine {
                draft.headerEnd = start
                draft.body = reader.offset
                return
            }
            let extent = start..<reader.offset
            if line.first?.isBlank == true {
                if isContinued { draft.hideContinuation(line, lineEnds, to: reader.offset) }
            } else if let kind = StatusHeader.kind(of: line) {
                draft.hide(line, lineEnds, kind, extent)
                isContinued = true
            } else {
                isContinued = false
            }
        }
    }

    private mutating func readBody(
        _ draft: inout LetterDraft, _ descriptor: borrowing FileDescriptor
    ) throws(MboxError) {
        guard draft.body != nil else { return }
        let trusted = try trustedEnd(draft, descriptor)
        draft.trustedEnd = trusted
        // The empty line that ends the header also parts a letter without a body from the next.
        draft.lastLineIsEmpty = true
        while true {
            if reader.isAtLineStart {
                reader.advance(to: draft.takeBodyLines(reader, trusted: trusted))
            }
            let start = reader.offset
            guard let range = try reader.next(descriptor) else { return }
            let line = reader.bytes[range]
            if reader.continued == nil, draft.lastLineIsEmpty || trusted == start,
                start >= trusted ?? 0,
                line.first == UInt8(ascii: "F"), let from = FromLine(line.withoutLineEnd)
            {
                fromLine = (start, from)
                return
            }
            draft.takeBody(line, at: start, behind: reader.continued)
        }
    }

    /// The end of the body by its Content-Length, if a letter or the end of the file is exactly
    /// there.
    private func trustedEnd(
        _ draft: LetterDraft, _ descriptor: borrowing FileDescriptor
    ) throws(MboxError) -> Int? {
        guard let length = draft.status.contentLength, let body = draft.body,
            length <= reader.end - body
        else { return nil }
        let end = body + length
        if end == reader.end { return end }
        let before = end - 1
        let window = try descriptor.bytes(before..<min(reader.end, end + FromLine.lengthLimit + 4))
        var rest = window.dropFirst()
        var isParted = window.first == .lf
        // One empty line parts letters; a second comes from a writer that saw none, as after a
        // length that leaves out the last line end.
        for _ in 0..<2 {
            let next = rest.first == .cr ? rest.dropFirst() : rest
            guard next.first == .lf else { break }
            rest = next.dropFirst()
            isParted = true
        }
        guard isParted else { return nil }
        if rest.isEmpty { return end }
        return FromLine(rest.prefix { $0 != .lf }) == nil ? nil : end
    }
}

extension ArraySlice<UInt8> {
    var isEmptyLine: Bool { count == 1 ? first == .lf : count == 2 && first == .cr && last == .lf }

    var withoutLineEnd: ArraySlice<UInt8> { last == .lf ? dropLast() : self }

    /// 1 when the line ends in LF without CR; `behind` is the octet before it, of the same line.
    func bareLineEnds(behind: UInt8?) -> Int {
        guard last == .lf else { return 0 }
        return (count > 1 ? self[endIndex - 2] : behind) == .cr ? 0 : 1
    }

    /// The line is of the form `>+From `.
    var isQuotedFrom: Bool {
        drop { $0 == .greater }.starts(with: Array("From ".utf8))
    }
}
