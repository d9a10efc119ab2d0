import Bytes

/// A letter as recipes see it: octets with LF line ends, a header that ends with the first empty
/// line, and a body.
package struct Letter: Sendable {
    package private(set) var octets: [UInt8]
    /// Where the body begins: behind the empty line, or at the end when there is none.
    package private(set) var bodyStart: Int
    /// The header as conditions search it: continued fields are one line (RFC 5322 section 2.2.3).
    package private(set) var unfoldedHeader: [UInt8]

    /// Header and body as one text, as conditions search it; made when it is first asked for.
    package private(set) lazy var unfolded: [UInt8] =
        unfoldedHeader.count == bodyStart ? octets : unfoldedHeader + body

    package init(_ octets: [UInt8]) {
        self.octets = octets
        bodyStart = Self.bodyStart(in: octets)
        unfoldedHeader = Self.unfold(octets[..<bodyStart])
    }

    package var header: ArraySlice<UInt8> { octets[..<bodyStart] }
    package var body: ArraySlice<UInt8> { octets[bodyStart...] }

    /// The From_ line in front without its newline; nil when there is none.
    package var fromLine: ArraySlice<UInt8>? {
        octets.starts(with: Self.from) ? octets.prefix { $0 != .lf } : nil
    }

    /// Where the header begins behind the From_ line and the `>From ` lines that follow it.
    package var headerStart: Int {
        guard octets.starts(with: Self.from) else { return 0 }
        var place = Self.nextLine(in: octets, from: 0)
        while octets[place...].starts(with: Self.quotedFrom) {
            place = Self.nextLine(in: octets, from: place)
        }
        return place
    }

    /// The address of the Return-Path field; empty when there is none.
    package var returnPath: [UInt8] {
        let name = Array("return-path:".utf8)
        for line in header.split(separator: .lf) where line.startsIgnoringCase(with: name) {
            return line.dropFirst(name.count).trimmed.filter { $0 != .less && $0 != .greater }
        }
        return []
    }

    /// Puts other octets in the place of the header, the body, or both.
    package mutating func replace(_ parts: LetterParts, with new: [UInt8]) {
        switch parts {
        case .both: self = Letter(new)
        case .header: self = Letter(new + body)
        case .body: self = Letter(header + new)
        }
    }

    package func octets(of parts: LetterParts) -> ArraySlice<UInt8> {
        switch parts {
        case .both: octets[...]
        case .header: header
        case .body: body
        }
    }

    static let from = Array("From ".utf8)
    static let quotedFrom = Array(">From ".utf8)

    private static func nextLine(in octets: [UInt8], from place: Int) -> Int {
        guard let end = octets[place...].firstIndex(of: .lf) else { return octets.count }
        return end + 1
    }

    private static func bodyStart(in octets: [UInt8]) -> Int {
        var place = 0
        while place < octets.count {
            if octets[place] == .lf { return place + 1 }
            place = nextLine(in: octets, from: place)
        }
        return octets.count
    }

    private static func unfold(_ header: ArraySlice<UInt8>) -> [UInt8] {
        let isFolded = zip(header, header.dropFirst()).contains { $0 == .lf && $1.isBlank }
        if !isFolded { return Array(header) }
        var out: [UInt8] = []
        out.reserveCapacity(header.count)
        for place in header.indices {
            let next = place + 1
            let isFold =
                header[place] == .lf && place > header.startIndex && next < header.endIndex
                && header[next].isBlank
            if !isFold { out.append(header[place]) }
        }
        return out
    }
}

extension ArraySlice<UInt8> {
    /// The last line is empty, as mailboxes part their letters.
    package var endsInEmptyLine: Bool { count > 1 && last == .lf && self[endIndex - 2] == .lf }
}

/// Which parts of a letter an action is fed.
package enum LetterParts: Sendable, Equatable {
    case both, header, body
}
