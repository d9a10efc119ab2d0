import Bytes

/// Quotes lines that begin with `From ` as procmail and Postfix do: `>` in front of them, nothing in
/// front of `>From `.
///
/// Pieces may be cut anywhere; every octet counts, NULs too, so no line escapes.
package struct MboxoQuoting: Sendable {
    private static let from = Array("From ".utf8)

    /// How many octets of `From ` at the beginning of a line have been held back; nil in a line.
    private var held: Int?
    /// The last octet that was put out.
    package private(set) var last: UInt8?

    /// `atLineStart` is false where the first octets must not be quoted: a From_ line of the letter's
    /// own.
    package init(atLineStart: Bool = true) { held = atLineStart ? 0 : nil }

    package mutating func quote(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + 16)
        for octet in bytes { step(octet, &out) }
        last = out.last ?? last
        return out
    }

    private mutating func step(_ octet: UInt8, _ out: inout [UInt8]) {
        if let held {
            if octet == Self.from[held] {
                guard held + 1 == Self.from.count else {
                    self.held = held + 1
                    return
                }
                out.append(.greater)
                out += Self.from
                self.held = nil
                return
            }
            out += Self.from[..<held]
        }
        out.append(octet)
        held = octet == .lf ? 0 : nil
    }

    /// What was held back when the text ends in the middle of `From `.
    package mutating func end() -> [UInt8] {
        let rest = Array(Self.from[..<(held ?? 0)])
        held = nil
        last = rest.last ?? last
        return rest
    }
}
