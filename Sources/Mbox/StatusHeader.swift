import Bytes

/// What mail programs note in a letter's own header: lines that no client is shown.
package struct StatusHeader: Equatable, Sendable {
    /// One such line with its continuations, and where in the file it stands.
    package struct Line: Equatable, Sendable {
        package let kind: Kind
        package var range: Range<Int>
    }

    package enum Kind: Equatable, Sendable {
        case status, flags, keywords, uid, base, contentLength
    }

    /// `X-IMAPbase` of the first letter, or `X-IMAP` of the pseudo letter that stands for an empty
    /// mailbox: UIDVALIDITY, the last UID given and the mailbox's keywords.
    package struct Base: Equatable, Sendable {
        package var validity: UInt32
        package var lastUID: UInt32
        package var keywords: [[UInt8]]

        package init(validity: UInt32, lastUID: UInt32, keywords: [[UInt8]] = []) {
            self.validity = validity
            self.lastUID = lastUID
            self.keywords = keywords
        }
    }

    package private(set) var lines: [Line] = []
    /// The letters of `Status` (R read, O old) and of `X-Status` (D, F, A, T).
    package private(set) var status: [UInt8] = []
    package private(set) var flags: [UInt8] = []
    package private(set) var keywords: [[UInt8]] = []
    package private(set) var uid: UInt32?
    package private(set) var base: Base?
    /// The letter is c-client's pseudo letter, which is no message.
    package private(set) var isPseudo = false
    package private(set) var contentLength: Int?
    private var sum = Checksum()

    /// Of the octets of all these lines.
    var checksum: UInt64 { sum.value }

    /// Longer values are cut: no program writes them.
    static let valueLimit = 1 << 16
    /// Far more keywords than any program writes; what exceeds it is passed over.
    private static let keywordLimit = 1024

    /// The names, as they are written; another case is hidden too, but says nothing.
    private static let names: [(name: [UInt8], kind: Kind)] = [
        (Array("Status".utf8), .status), (Array("X-Status".utf8), .flags),
        (Array("X-Keywords".utf8), .keywords), (Array("X-UID".utf8), .uid),
        (Array("X-IMAPbase".utf8), .base), (Array("X-IMAP".utf8), .base),
        (Array("Content-Length".utf8), .contentLength),
    ]

    /// A line beginning otherwise is not hidden.
    static func mayBegin(with first: UInt8) -> Bool {
        let letter = first | 0x20
        return letter == UInt8(ascii: "s") || letter == UInt8(ascii: "x")
            || letter == UInt8(ascii: "c")
    }

    /// The kind of a header line; nil when clients may see it.
    static func kind(of line: ArraySlice<UInt8>) -> Kind? {
        guard let first = line.first, mayBegin(with: first),
            let colon = line.prefix(32).firstIndex(of: .colon), colon > line.startIndex
        else { return nil }
        // Most lines go here: no hidden name is so long, and no blank is before the colon.
        if !line[colon - 1].isSpace, ![5, 6, 8, 10, 14].contains(colon - line.startIndex) {
            return nil
        }
        let name = line[..<colon].trimmed
        return names.first { $0.name.equalsIgnoringCase(name) }?.kind
    }

    /// Notes a hidden line; the first of its name counts.
    mutating func add(_ line: ArraySlice<UInt8>, _ kind: Kind, at range: Range<Int>) {
        let isFirst = !lines.contains { $0.kind == kind }
        lines.append(Line(kind: kind, range: range))
        sum.update(line)
        guard isFirst, let colon = line.firstIndex(of: .colon) else { return }
        let name = Array(line[..<colon])
        guard Self.names.contains(where: { $0.name == name }) else { return }
        var value = ByteCursor(line[line.index(after: colon)...].prefix(Self.valueLimit).trimmed)
        switch kind {
        case .status: status = Array(value.rest.prefix(8))
        case .flags: flags = Array(value.rest.prefix(8))
        case .keywords: keywords = Self.words(value.rest)
        case .uid: uid = UInt32(decimal: value.rest)
        case .contentLength: contentLength = Int(decimal: value.rest)
        case .base:
            guard let validity = value.takeNumber(UInt32.self), validity > 0 else { return }
            value.skipBlanks()
            guard let last = value.takeNumber(UInt32.self) else { return }
            base = Base(validity: validity, lastUID: last, keywords: Self.words(value.rest))
            isPseudo = name.count == 6
        }
    }

    /// The last line noted goes on.
    mutating func extendLast(_ line: ArraySlice<UInt8>, to end: Int) {
        sum.update(line)
        guard let last = lines.indices.last else { return }
        lines[last].range = lines[last].range.lowerBound..<end
    }

    private static func words(_ value: ArraySlice<UInt8>) -> [[UInt8]] {
        value.split(whereSeparator: \.isSpace).prefix(keywordLimit).map { Array($0) }
    }

    package func has(_ letter: Unicode.Scalar) -> Bool { status.contains(UInt8(ascii: letter)) }
    package func hasFlag(_ letter: Unicode.Scalar) -> Bool { flags.contains(UInt8(ascii: letter)) }
}
