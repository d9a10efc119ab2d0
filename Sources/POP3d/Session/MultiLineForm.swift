import Bytes

/// The form in which RETR and TOP send a message (RFC 1939 section 3): a line that begins with a dot
/// gets another one, and `.` alone ends it.
///
/// The message comes in pieces cut anywhere, its lines end in CRLF.
struct MultiLineForm {
    /// How far the current line has come.
    private enum Line: Equatable { case start, afterCR, inside }

    private var line = Line.start
    private var isInHeader = true
    /// Lines of the body that may still be sent; nil: all.
    private var bodyLines: Int?

    init(bodyLines: Int?) { self.bodyLines = bodyLines }

    /// Nothing further of the message is sent.
    var isDone: Bool { !isInHeader && bodyLines == 0 && line == .start }

    /// What is to be sent for the next piece.
    mutating func add(_ piece: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(piece.count + 16)
        var rest = piece[...]
        while !rest.isEmpty, !isDone {
            if line == .start, rest.first == .dot { out.append(.dot) }
            guard let end = rest.firstIndex(of: .lf) else {
                note(rest)
                return out + rest
            }
            let part = rest[...end]
            note(part.dropLast())
            out += part
            endLine()
            rest = rest[(end + 1)...]
        }
        return out
    }

    /// What ends the message.
    func finish() -> [UInt8] {
        (line == .start ? [] : [.cr, .lf]) + [.dot, .cr, .lf]
    }

    /// Octets of the current line, its LF not among them.
    private mutating func note(_ part: ArraySlice<UInt8>) {
        guard !part.isEmpty else { return }
        line = line == .start && part.elementsEqual([.cr]) ? .afterCR : .inside
    }

    private mutating func endLine() {
        if isInHeader {
            if line != .inside { isInHeader = false }
        } else if let lines = bodyLines {
            bodyLines = lines - 1
        }
        line = .start
    }
}
