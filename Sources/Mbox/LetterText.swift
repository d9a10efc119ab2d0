import Bytes

/// Letters in the form they have in an mbox, ready to be appended: From_ line, quoted content, empty
/// line.
///
/// Quoting is that of mboxrd: a line of the form `>*From ` gets one more `>`, so that every reader
/// sees one letter, and a reader that takes one `>` away sees the letter as it was: ours does for
/// letters whose sender is `FromLine.quotingSender`.
package struct LetterText: Sendable {
    /// What happens to a letter's own lines of the names that mail programs note things under, such
    /// as Status and X-UID, and to its Content-Length.
    package enum Notes: Equatable, Sendable {
        /// They stay: the caller has put them there.
        case kept
        /// They go, for a stranger may have forged them, and these header lines come instead.
        case replaced(by: [UInt8])
    }

    /// The octets in pieces, so that a long letter is not copied while it grows.
    private(set) var pieces: [[UInt8]] = [[]]
    package private(set) var count = 0
    private(set) var checksum = Checksum()
    private var quoting = FromQuoting()
    private var header: HeaderNotes?

    private static let pieceSize = 1 << 17

    package init() {}

    /// Begins a letter with its From_ line.
    ///
    /// An empty `sender` is MAILER-DAEMON; `date` is seconds since 1970.
    package mutating func begin(sender: [UInt8], date: Int, notes: Notes = .kept) {
        put(FromLine.format(sender: sender, date: date))
        quoting = FromQuoting()
        switch notes {
        case .kept: header = nil
        case .replaced(let lines): header = HeaderNotes(lines)
        }
    }

    /// Adds content; lines end in LF, pieces may be cut anywhere.
    package mutating func write(_ bytes: some Collection<UInt8>) {
        if var notes = header {
            let passed = notes.take(Array(bytes))
            header = notes.isDone ? nil : notes
            put(quoting.take(passed))
        } else {
            put(quoting.take(bytes))
        }
    }

    /// Ends the letter: a last LF where it lacks, and the empty line that parts letters.
    package mutating func end() {
        if var notes = header {
            put(quoting.take(notes.finish()))
            header = nil
        }
        put(quoting.finish())
    }

    /// All of it in one piece.
    package var bytes: [UInt8] { Array(pieces.joined()) }

    /// Adds octets that are in the form of an mbox already: of a writer that quotes by other rules.
    package mutating func put(_ bytes: [UInt8]) {
        checksum.update(bytes)
        count += bytes.count
        if pieces[pieces.count - 1].count + bytes.count > Self.pieceSize { pieces.append([]) }
        pieces[pieces.count - 1] += bytes
    }
}

/// Puts one more `>` before each line of the form `>*From `, whatever pieces it comes in.
struct FromQuoting {
    private var line = LinePosition.start
    private var isEmpty = true

    /// Where in a line the writer is.
    private enum LinePosition: Equatable {
        case start
        /// Behind `>*` and so many octets of `From `, which are held back.
        case matching(Int)
        case inside
    }

    private static let from = Array("From ".utf8)

    mutating func take(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + bytes.count / 64)
        for byte in bytes { step(byte, &out) }
        isEmpty = isEmpty && bytes.isEmpty
        return out
    }

    private mutating func step(_ byte: UInt8, _ out: inout [UInt8]) {
        switch line {
        case .inside: break
        case .start:
            if byte == .greater {
                line = .matching(0)
            } else if byte == Self.from[0] {
                line = .matching(1)
                return
            }
        case .matching(let held):
            if held == 0, byte == .greater { break }
            if byte == Self.from[held] {
                guard held + 1 == Self.from.count else {
                    line = .matching(held + 1)
                    return
                }
                out.append(.greater)
                out += Self.from
                line = .inside
                return
            }
            out += Self.from[..<held]
            line = .inside
        }
        out.append(byte)
        if byte == .lf {
            line = .start
        } else if line == .start {
            line = .inside
        }
    }

    /// What was held back, and the line ends that part the letter from the next.
    mutating func finish() -> [UInt8] {
        var out: [UInt8] = []
        if case .matching(let held) = line { out += Self.from[..<held] }
        // A letter without content still has the empty line that ends its header.
        if line != .start || isEmpty { out.append(.lf) }
        out.append(.lf)
        return out
    }
}

/// Takes the hidden lines out of a letter's header and puts others at its end.
struct HeaderNotes {
    private let lines: [UInt8]
    private var line: [UInt8] = []
    private var isHidden = false
    private(set) var isDone = false

    /// A line is held back until its name is known; a longer one has no hidden name.
    private static let lineLimit = 1 << 16

    init(_ lines: [UInt8]) { self.lines = lines }

    mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = bytes[...]
        while !isDone, !rest.isEmpty {
            let end = rest.firstIndex(of: .lf).map { $0 + 1 } ?? rest.endIndex
            line += rest[..<end]
            rest = rest[end...]
            if line.last == .lf || line.count > Self.lineLimit { out += takeLine() }
        }
        return out + rest
    }

    private mutating func takeLine() -> [UInt8] {
        defer { line = [] }
        if line[...].isEmptyLine {
            isDone = true
            return lines + line
        }
        if line.first?.isBlank != true { isHidden = StatusHeader.kind(of: line[...]) != nil }
        return isHidden ? [] : line
    }

    /// The letter has no body: what is held back, and the lines of ours.
    mutating func finish() -> [UInt8] {
        guard !isDone else { return [] }
        isDone = true
        var out = line.isEmpty ? [] : takeLine()
        if let last = out.last, last != .lf { out.append(.lf) }
        return out + lines
    }
}
