import Bytes
import Posix

/// Reads a file line by line through a window, without changing the file's position.
struct LineReader {
    /// The window; a line is a range of it until the next call.
    private(set) var bytes: [UInt8] = []
    /// Where in the file the window begins.
    private(set) var base: Int
    private(set) var position = 0
    private var openEnd: UInt8?
    /// Where reading ends.
    let end: Int
    /// The last octet of the piece before, when the present one goes on with its line.
    private(set) var continued: UInt8?

    private static let windowSize = 1 << 20
    /// A longer line is handed out in pieces: no program needs it whole.
    private static let lineLimit = 1 << 16

    init(from offset: Int, to end: Int) {
        base = offset
        self.end = end
    }

    /// Where in the file the next line begins.
    var offset: Int { base + position }

    /// The next line with its LF, as a range of the window; a piece without LF when it is too long
    /// or the file's last; nil at the end.
    mutating func next(
        _ descriptor: borrowing FileDescriptor
    ) throws(MboxError) -> Range<Int>? {
        while true {
            if let end = bytes[position...].firstIndex(of: .lf) { return take(to: end + 1) }
            let held = bytes.count - position
            if held >= Self.lineLimit { return take(to: bytes.count) }
            let start = base + bytes.count
            guard start < end else { return held > 0 ? take(to: bytes.count) : nil }
            let part = try system { () throws(SystemError) in
                try descriptor.read(limit: min(Self.windowSize, end - start), at: start)
            }
            guard !part.isEmpty else { throw .damaged("mailbox is shorter than it was") }
            base += position
            bytes = position == bytes.count ? part : bytes[position...] + part
            position = 0
        }
    }

    /// The next line begins at `position`, not in the middle of a long one.
    var isAtLineStart: Bool { openEnd == nil }

    /// Goes on at `place` of the window, where a line begins: the lines before it were taken.
    mutating func advance(to place: Int) {
        continued = nil
        position = place
    }

    private mutating func take(to end: Int) -> Range<Int> {
        continued = openEnd
        openEnd = bytes[end - 1] == .lf ? nil : bytes[end - 1]
        defer { position = end }
        return position..<end
    }
}
