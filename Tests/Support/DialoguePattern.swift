import Bytes

/// What a line of the server must be like: octets and marks (see `Dialogue`).
package struct DialoguePattern: Equatable, Sendable {
    enum Piece: Equatable, Sendable {
        case octets([UInt8])
        case any
        case number(name: String?)
        case word(name: String?)
        case kept(String)
    }

    let pieces: [Piece]
    private let source: [UInt8]

    package init(_ text: [UInt8]) {
        source = text
        var cursor = ByteCursor(text)
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        while let byte = cursor.peek {
            if byte == UInt8(ascii: "{"), let (mark, length) = Self.mark(cursor.rest) {
                if !plain.isEmpty { pieces.append(.octets(plain)) }
                plain = []
                pieces.append(mark)
                _ = cursor.take(length)
            } else {
                plain.append(byte)
                _ = cursor.next()
            }
        }
        if !plain.isEmpty { pieces.append(.octets(plain)) }
        self.pieces = pieces
    }

    var text: String { String(decoding: source, as: UTF8.self) }

    private static func mark(_ rest: ArraySlice<UInt8>) -> (Piece, Int)? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let inner = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
        let length = end - rest.startIndex + 1
        if inner.utf8.first == UInt8(ascii: "$") {
            return (.kept(String(inner.dropFirst())), length)
        }
        let parts = inner.split(separator: "=", maxSplits: 1).map { String($0) }
        let name = parts.count == 2 ? parts[0] : nil
        switch parts.last {
        case "any" where name == nil: return (.any, length)
        case "number": return (.number(name: name), length)
        case "word": return (.word(name: name), length)
        default: return nil
        }
    }

    /// Whether `line` is like this; what named marks stood for is added to `kept`.
    package func matches(_ line: [UInt8], _ kept: inout [String: [UInt8]]) -> Bool {
        guard let found = match(line[...], pieces[...], kept) else { return false }
        kept = found
        return true
    }

    private func match(
        _ line: ArraySlice<UInt8>, _ pieces: ArraySlice<Piece>, _ kept: [String: [UInt8]]
    ) -> [String: [UInt8]]? {
        guard let piece = pieces.first else { return line.isEmpty ? kept : nil }
        let rest = pieces.dropFirst()
        switch piece {
        case .octets(let octets):
            return line.starts(with: octets) ? match(line.dropFirst(octets.count), rest, kept) : nil
        case .kept(let name):
            guard let octets = kept[name], line.starts(with: octets) else { return nil }
            return match(line.dropFirst(octets.count), rest, kept)
        case .any:
            for end in line.startIndex...line.endIndex {
                if let found = match(line[end...], rest, kept) { return found }
            }
            return nil
        case .number(let name):
            return match(line, run: line.prefix(while: \.isDigit), name, rest, kept)
        case .word(let name):
            let run = line.prefix { byte in !byte.isBlank && !"()[]".utf8.contains(byte) }
            return match(line, run: run, name, rest, kept)
        }
    }

    private func match(
        _ line: ArraySlice<UInt8>, run: ArraySlice<UInt8>, _ name: String?,
        _ rest: ArraySlice<Piece>, _ kept: [String: [UInt8]]
    ) -> [String: [UInt8]]? {
        guard !run.isEmpty else { return nil }
        var kept = kept
        if let name { kept[name] = Array(run) }
        return match(line.dropFirst(run.count), rest, kept)
    }

    /// The text with `{$name}` replaced, for what a client sends.
    static func filled(_ text: [UInt8], _ kept: [String: [UInt8]]) -> [UInt8] {
        DialoguePattern(text).pieces.flatMap { piece -> [UInt8] in
            switch piece {
            case .octets(let octets): octets
            case .kept(let name): kept[name] ?? []
            case .any: [UInt8]("{any}")
            case .number: [UInt8]("{number}")
            case .word: [UInt8]("{word}")
            }
        }
    }
}
