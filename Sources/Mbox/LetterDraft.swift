import Bytes

/// A letter while it is read.
struct LetterDraft {
    let start: Int
    let date: Int
    let header: Int
    /// Its writer is one that says that it quotes.
    var mayBeQuoted = false
    var status = StatusHeader()
    /// Nil while the header goes on.
    var body: Int?
    var headerEnd: Int?
    /// Where the body ends by a Content-Length that holds.
    var trustedEnd: Int?
    var lastLineIsEmpty = false
    var headerIsEnded = true
    var end: Int
    var hidden = 0
    var lineEnds = 0
    var quoted = 0
    var lastLineEnds = 0
    /// What the last line adds when it turns out to be content.
    var emptyLine: (start: Int, lineEnds: Int)?

    init(start: Int, date: Int, header: Int) {
        self.start = start
        self.date = date
        self.header = header
        end = header
    }

    /// A line of the header.
    mutating func take(_ line: ArraySlice<UInt8>, _ lineEnds: Int) {
        end += line.count
        headerIsEnded = line.last == .lf
        self.lineEnds += lineEnds
    }

    mutating func hide(
        _ line: ArraySlice<UInt8>, _ lineEnds: Int, _ kind: StatusHeader.Kind, _ range: Range<Int>
    ) {
        hidden += line.count
        self.lineEnds -= lineEnds
        status.add(line, kind, at: range)
    }

    mutating func hideContinuation(_ line: ArraySlice<UInt8>, _ lineEnds: Int, to end: Int) {
        hidden += line.count
        self.lineEnds -= lineEnds
        status.extendLast(line, to: end)
    }

    /// A line of the body, or a piece of one that goes on `behind` an octet.
    mutating func takeBody(_ line: ArraySlice<UInt8>, at start: Int, behind: UInt8?) {
        if let empty = emptyLine {
            lineEnds += empty.lineEnds
            emptyLine = nil
        }
        end = start + line.count
        let count = line.bareLineEnds(behind: behind)
        lastLineIsEmpty = behind == nil && line.isEmptyLine
        if lastLineIsEmpty {
            // Perhaps the one that parts letters: it counts when more content follows.
            emptyLine = (start, count)
        } else {
            lineEnds += count
            lastLineEnds = count
            if behind == nil, line.first == .greater, line.isQuotedFrom { quoted += 1 }
        }
    }

    func letter(next: Int) -> Letter {
        var (content, lineEnds) = (end, lineEnds)
        if let emptyLine {
            if emptyLine.start < trustedEnd ?? 0 {
                lineEnds += emptyLine.lineEnds
            } else {
                content = emptyLine.start
            }
        }
        if let trustedEnd, trustedEnd < content {
            // The length leaves out the last line end, which parts the letter from the next.
            lineEnds -= min(lastLineEnds, content - trustedEnd)
            content = trustedEnd
        }
        // A length that is true says that its writer had no need to quote.
        let isQuoted = mayBeQuoted && quoted > 0 && trustedEnd == nil
        let visible = content - header - hidden
        return Letter(
            start: start, header: header, body: body ?? content, end: content, next: next,
            date: date, status: status, isQuoted: isQuoted,
            hasTrueLength: trustedEnd != nil, headerIsEnded: headerIsEnded,
            size: visible + lineEnds - (isQuoted ? quoted : 0),
            headerEnd: headerEnd ?? content)
    }
}

/// Whole lines at a time, for the many lines in which nothing is to be seen.
///
/// Each function takes what `LetterScanner` would take line by line, and stops at the first line
/// that it must look at, or that the window does not hold whole.
extension LetterDraft {
    /// Takes header lines and yields the place of the first that was not taken; `isContinued` tells
    /// whether the last line is hidden.
    mutating func takeHeaderLines(_ reader: LineReader, _ isContinued: inout Bool) -> Int {
        let bytes = reader.bytes.span
        var line = reader.position
        while line < bytes.count {
            let first = bytes[line]
            if first == .lf || first == .cr || (first.isBlank && isContinued) { break }
            let end = Self.lineEnd(bytes, line)
            guard end < bytes.count else { break }
            if StatusHeader.mayBegin(with: first),
                StatusHeader.kind(of: reader.bytes[line...end]) != nil
            {
                break
            }
            isContinued = false
            lineEnds += bytes[end - 1] == .cr ? 0 : 1
            self.end += end + 1 - line
            headerIsEnded = true
            line = end + 1
        }
        return line
    }

    /// Takes lines of the body and yields the place of the first that was not taken.
    mutating func takeBodyLines(_ reader: LineReader, trusted: Int?) -> Int {
        let bytes = reader.bytes.span
        let (start, base) = (reader.position, reader.base)
        let trustedPlace = (trusted ?? -1) - base
        var line = start
        while line < bytes.count {
            let first = bytes[line]
            if first == UInt8(ascii: "F"), lastLineIsEmpty || line == trustedPlace { break }
            if first == .greater, Self.isQuotedFrom(bytes, line) { break }
            let end = Self.lineEnd(bytes, line)
            guard end < bytes.count else { break }
            if let empty = emptyLine {
                lineEnds += empty.lineEnds
                emptyLine = nil
            }
            let count = end > line && bytes[end - 1] == .cr ? 0 : 1
            lastLineIsEmpty = end == line || (end == line + 1 && first == .cr)
            if lastLineIsEmpty {
                emptyLine = (base + line, count)
            } else {
                lineEnds += count
                lastLineEnds = count
            }
            line = end + 1
        }
        if line > start { end = base + line }
        return line
    }

    /// The place of the line's LF; the window's end when it has none.
    private static func lineEnd(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        var place = start
        while place < bytes.count, bytes[place] != .lf { place &+= 1 }
        return place
    }

    private static func isQuotedFrom(_ bytes: Span<UInt8>, _ start: Int) -> Bool {
        var place = start
        while place < bytes.count, bytes[place] == .greater { place &+= 1 }
        // Cut by the window's end: then it is to be looked at.
        guard place + 5 <= bytes.count else { return true }
        return bytes[place] == UInt8(ascii: "F") && bytes[place + 1] == UInt8(ascii: "r")
            && bytes[place + 2] == UInt8(ascii: "o") && bytes[place + 3] == UInt8(ascii: "m")
            && bytes[place + 4] == .space
    }
}
