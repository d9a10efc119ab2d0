import Bytes

/// Turns stored octets into what clients see: CRLF at line ends, 0x80 for NUL and, in an mbox, one
/// `>` less before quoted From_ lines.
///
/// A value of this type is a place in a message: copied, it can be gone on from later.
struct NetworkForm {
    /// What the next octet means at the place reached.
    private enum Place {
        /// Within a line.
        case inLine
        /// At the start of a line, `quotes` octets `>` and `matched` octets of `From ` held back.
        case lineStart(quotes: Int, matched: Int)
    }

    /// Whether quoted From_ lines are to be undone; only behind the header.
    private let unquotes: Bool
    private var place = Place.inLine
    private var inHeader = true
    private var lineIsEmpty = true
    private var afterCR = false

    init(unquotesFromLines: Bool) { unquotes = unquotesFromLines }

    private static let from = Array("From ".utf8)

    /// Appends the network form of the next octets to `out`.
    mutating func convert(_ bytes: [UInt8], into out: inout [UInt8]) {
        out.reserveCapacity(out.count + bytes.count + bytes.count / 16)
        var start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            if case .lineStart = place {
                hold(byte, &out)
                start = index + 1
            } else if byte == .lf {
                out.append(contentsOf: bytes[start..<index])
                endLine(&out)
                start = index + 1
            } else if byte == 0 {
                out.append(contentsOf: bytes[start..<index])
                out.append(Self.insteadOfNUL)
                afterCR = false
                lineIsEmpty = false
                start = index + 1
            } else {
                // A CR before the LF is no content: the line is empty all the same.
                if byte != .cr || afterCR { lineIsEmpty = false }
                afterCR = byte == .cr
            }
        }
        out.append(contentsOf: bytes[start...])
    }

    /// Appends what is held back at the end of the message.
    mutating func finish(into out: inout [UInt8]) {
        if case .lineStart(let quotes, let matched) = place {
            release(quotes: quotes, matched: matched, &out)
        }
        place = .inLine
    }

    private mutating func endLine(_ out: inout [UInt8]) {
        if !afterCR { out.append(.cr) }
        out.append(.lf)
        afterCR = false
        if lineIsEmpty { inHeader = false }
        lineIsEmpty = true
        if unquotes, !inHeader { place = .lineStart(quotes: 0, matched: 0) }
    }

    /// Takes one octet at the start of a line.
    private mutating func hold(_ byte: UInt8, _ out: inout [UInt8]) {
        guard case .lineStart(let quotes, let matched) = place else { return }
        if matched == 0, byte == .greater {
            place = .lineStart(quotes: quotes + 1, matched: 0)
        } else if quotes > 0, byte == Self.from[matched] {
            if matched + 1 == Self.from.count {
                release(quotes: quotes - 1, matched: Self.from.count, &out)
                (place, lineIsEmpty) = (.inLine, false)
            } else {
                place = .lineStart(quotes: quotes, matched: matched + 1)
            }
        } else {
            release(quotes: quotes, matched: matched, &out)
            lineIsEmpty = quotes + matched == 0
            place = .inLine
            convert([byte], into: &out)
        }
    }

    private func release(quotes: Int, matched: Int, _ out: inout [UInt8]) {
        out.append(contentsOf: repeatElement(.greater, count: quotes))
        out.append(contentsOf: Self.from[..<matched])
    }

    /// What a NUL is sent as: no literal but a literal8 may hold one (RFC 3501 section 4.3).
    static let insteadOfNUL: UInt8 = 0x80
}
