import Bytes
import LocalSubmission
import Posix

/// Reads a message from standard input in lines with LF, as sendmail's callers write it.
///
/// The lone dot ends it unless that is off; leading From_ lines are left out; CR LF becomes LF as
/// configured. Memory is one block and one line of at most `pieceLimit` octets.
struct MessageInput: ~Copyable {
    /// A longer line comes in pieces.
    static let pieceLimit = 65_536
    private static let block = 65_536

    private let input: FileDescriptor
    private let ignoresDots: Bool
    private let endings: SubmissionSettings.LineEndings
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var isAtLineStart = true
    private var skipsFromLines = true
    /// Whether CR LF is a line end; nil until the first line has told.
    private var stripsCR: Bool?

    init(
        _ input: consuming FileDescriptor, ignoresDots: Bool,
        endings: SubmissionSettings.LineEndings
    ) {
        self.input = input
        self.ignoresDots = ignoresDots
        self.endings = endings
        switch endings {
        case .always: stripsCR = true
        case .never: stripsCR = false
        case .strict: stripsCR = nil
        }
    }

    /// The next line with its LF, or a piece of a long one without; nil at the end.
    ///
    /// A last line without LF gets one.
    mutating func next() throws(SystemError) -> [UInt8]? {
        while let (bytes, isEnded) = try piece() {
            let isWhole = isAtLineStart && isEnded
            let startsLine = isAtLineStart
            isAtLineStart = isEnded
            let line = isEnded ? stripped(bytes) : bytes
            if isWhole, !ignoresDots, line == [.dot] {
                isAtEnd = true
                buffer = []
                start = 0
                return nil
            }
            if startsLine, skipsFromLines, Self.isFromLine(line) { continue }
            skipsFromLines = false
            return isEnded ? line + [.lf] : line
        }
        return nil
    }

    /// `From ` of an mailbox file, with any number of `>` in front.
    private static func isFromLine(_ line: [UInt8]) -> Bool {
        line.drop { $0 == .greater }.starts(with: Array("From ".utf8))
    }

    private mutating func stripped(_ line: [UInt8]) -> [UInt8] {
        let hasCR = line.last == .cr
        if stripsCR == nil { stripsCR = hasCR }
        return hasCR && stripsCR == true ? Array(line.dropLast()) : line
    }

    /// Octets up to an LF, which is not among them, or `pieceLimit` of them.
    private mutating func piece() throws(SystemError) -> (bytes: [UInt8], isEnded: Bool)? {
        var scanned = start
        while true {
            if let end = buffer[scanned...].firstIndex(of: .lf), end - start <= Self.pieceLimit {
                defer { start = end + 1 }
                return (Array(buffer[start..<end]), true)
            }
            if buffer.count - start > Self.pieceLimit {
                // Not between CR and LF: what belongs together stays together.
                let cut = start + Self.pieceLimit - 1
                defer { start = cut }
                return (Array(buffer[start..<cut]), false)
            }
            if isAtEnd {
                guard start < buffer.count || !isAtLineStart else { return nil }
                defer { start = buffer.count }
                return (Array(buffer[start...]), true)
            }
            buffer.removeFirst(start)
            start = 0
            scanned = buffer.count
            let more = try input.read(limit: Self.block)
            isAtEnd = more.isEmpty
            buffer += more
        }
    }
}
