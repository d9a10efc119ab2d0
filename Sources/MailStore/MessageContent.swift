import Bytes
import Posix

/// The octets of one message as a client sees them: lines end in CRLF, a NUL is 0x80.
///
/// What is stored with LF gets its CR here; a bare CR stays as it is. Positions count octets of
/// this form. Reading on from where the last read ended costs nothing extra, and going back costs
/// at most one piece.
package final class MessageContent {
    private let stored: StoredMessage
    /// The places of which something is known: the start of each piece that was reached.
    private var pieces: [Piece]
    /// The network form of the piece that was read last.
    private var window: (start: Int, bytes: [UInt8]) = (0, [])
    /// How many octets there are, once the end has been reached.
    private var end: Int?

    /// A place in the stored octets and what it is in the network form.
    private struct Piece {
        /// The octets of the message before this place, as stored.
        let stored: Int
        let network: Int
        let form: NetworkForm
    }

    /// How much is converted at once.
    private static let pieceSize = 65536
    /// Enough for any header that is not an attack.
    package static let headerLimit = 10 << 20

    init(_ stored: consuming StoredMessage) {
        let form = NetworkForm(unquotesFromLines: stored.hasQuotedFromLines)
        end = stored.knownSize
        self.stored = stored
        pieces = [Piece(stored: 0, network: 0, form: form)]
    }

    /// How many octets there are in all; the message is read once to count them.
    package func size() throws(StoreError) -> Int {
        if let end { return end }
        var piece = pieces[pieces.count - 1]
        while let next = try step(from: piece, isLast: true) { piece = next }
        return end ?? piece.network
    }

    /// The header with the empty line that ends it; the whole message when there is no empty line.
    ///
    /// A header of more than `limit` octets is cut there.
    package func header(limit: Int = MessageContent.headerLimit) throws(StoreError) -> [UInt8] {
        var header: [UInt8] = []
        while header.count < limit {
            let part = try read(at: header.count, count: Self.pieceSize)
            if part.isEmpty { break }
            let seen = max(0, header.count - 3)
            header += part
            if let end = Self.headerEnd(in: header, from: seen) {
                return Array(header.prefix(min(end, limit)))
            }
        }
        return Array(header.prefix(limit))
    }

    /// Where the body begins: behind the first empty line.
    private static func headerEnd(in bytes: [UInt8], from start: Int) -> Int? {
        if bytes.starts(with: [.cr, .lf]) { return 2 }
        var index = start
        while index + 3 < bytes.count {
            if bytes[index] == .cr, bytes[index + 1] == .lf, bytes[index + 2] == .cr,
                bytes[index + 3] == .lf
            {
                return index + 4
            }
            index += 1
        }
        return nil
    }

    /// At most `count` octets from `offset` on; fewer only at the end, none behind it.
    package func read(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
        guard offset >= 0, count > 0 else { return [] }
        var out: [UInt8] = []
        var place = offset
        while out.count < count {
            guard try load(place) else { break }
            let from = place - window.start
            let part = window.bytes[from...].prefix(count - out.count)
            out += part
            place += part.count
        }
        return out
    }

    /// All of it; `.limit` when it is more than `limit` octets.
    package func whole(limit: Int) throws(StoreError) -> [UInt8] {
        let bytes = try read(at: 0, count: limit + 1)
        guard bytes.count <= limit else { throw .limit("message of more than \(limit) octets") }
        return bytes
    }

    /// Makes `window` the piece that holds `offset`; false behind the end.
    private func load(_ offset: Int) throws(StoreError) -> Bool {
        if offset >= window.start, offset - window.start < window.bytes.count { return true }
        var low = 0
        var high = pieces.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].network <= offset { low = middle } else { high = middle }
        }
        var piece = pieces[low]
        while true {
            let next = try step(from: piece, isLast: low == pieces.count - 1)
            if offset - window.start < window.bytes.count { return true }
            guard let next else { return false }
            piece = next
            low += 1
        }
    }

    /// Converts the piece into `window` and yields the place behind it; nil at the end.
    ///
    /// With `isLast`, the place is new and remembered.
    private func step(from piece: Piece, isLast: Bool) throws(StoreError) -> Piece? {
        let bytes = try storedOctets(at: piece.stored)
        var form = piece.form
        var out: [UInt8] = []
        form.convert(bytes, into: &out)
        if bytes.isEmpty { form.finish(into: &out) }
        window = (piece.network, out)
        if bytes.isEmpty {
            end = piece.network + out.count
            return nil
        }
        let next = Piece(
            stored: piece.stored + bytes.count, network: piece.network + out.count, form: form)
        if isLast { pieces.append(next) }
        return next
    }

    /// A piece of the message as stored; empty at the end.
    private func storedOctets(at offset: Int) throws(StoreError) -> [UInt8] {
        var skipped = 0
        for part in stored.parts {
            guard offset - skipped >= part.count else {
                let place = part.lowerBound + offset - skipped
                let count = min(Self.pieceSize, part.upperBound - place)
                return try translating { () throws(SystemError) in
                    try stored.descriptor.read(limit: count, at: place)
                }
            }
            skipped += part.count
        }
        return []
    }
}
