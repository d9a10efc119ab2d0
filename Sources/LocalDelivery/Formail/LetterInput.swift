import Bytes
import Posix

/// The input as lines, in pieces: nothing is held but what was asked for.
struct LetterInput {
    private let host: any FormailHost
    private var bytes: [UInt8] = []
    private var place = 0
    private var isDone = false

    init(_ host: any FormailHost) { self.host = host }

    /// Reads until at least `count` octets are there, or the input ends.
    private mutating func fill(_ count: Int) throws(SystemError) {
        while bytes.count - place < count, !isDone {
            let more = try host.read()
            isDone = more.isEmpty
            bytes = place == bytes.count ? more : bytes[place...] + more
            place = 0
        }
    }

    /// The next octet, not consumed; nil at the end.
    mutating func peek() throws(SystemError) -> UInt8? {
        if place == bytes.count { try fill(1) }
        return place < bytes.count ? bytes[place] : nil
    }

    mutating func begins(with text: [UInt8]) throws(SystemError) -> Bool {
        try fill(text.count)
        return bytes[place...].starts(with: text)
    }

    mutating func next() throws(SystemError) -> UInt8? {
        let octet = try peek()
        if octet != nil { place += 1 }
        return octet
    }

    mutating func skipEmptyLines() throws(SystemError) {
        while try peek() == .lf { place += 1 }
    }

    /// At most `count` octets that are there; none at the end.
    mutating func piece(_ count: Int) throws(SystemError) -> ArraySlice<UInt8> {
        guard try peek() != nil else { return [] }
        let end = place + min(count, bytes.count - place)
        defer { place = end }
        return bytes[place..<end]
    }

    /// A line or a part of it, up to its LF where that is there; none at the end.
    mutating func linePiece() throws(SystemError) -> ArraySlice<UInt8> {
        guard try peek() != nil else { return [] }
        let end = bytes[place...].firstIndex(of: .lf).map { $0 + 1 } ?? bytes.count
        defer { place = end }
        return bytes[place..<end]
    }

    /// The next line with its LF, which is added when the input ends without; at the end an empty
    /// line.
    mutating func line() throws(SystemError) -> [UInt8] {
        var line: [UInt8] = []
        while line.last != .lf {
            let piece = try linePiece()
            line += piece.isEmpty ? [.lf] : piece
        }
        return line
    }
}
