import Bytes

/// Quoted-printable (RFC 2045 section 6.7) and its kin in header words (RFC 2047 section 4.2).
package enum QuotedPrintable {
    /// The octets behind a header word's text: `_` is a blank, `=XX` an octet, other text itself.
    package static func decodeWord(_ text: some Collection<UInt8>) -> [UInt8] {
        var cursor = ByteCursor(text)
        var out: [UInt8] = []
        while let byte = cursor.next() {
            if byte == UInt8(ascii: "_") {
                out.append(.space)
            } else if byte == UInt8(ascii: "="), let octet = takeOctet(&cursor) {
                out.append(octet)
            } else {
                out.append(byte)
            }
        }
        return out
    }

    /// Decodes a whole body.
    package static func decode(_ body: some Collection<UInt8>) -> [UInt8] {
        var decoder = QuotedPrintableDecoder()
        var out: [UInt8] = []
        decoder.decode(Array(body), into: &out)
        decoder.finish(into: &out)
        return out
    }

    static func takeOctet(_ cursor: inout ByteCursor) -> UInt8? {
        guard let high = cursor.peek?.hexValue, let low = cursor.peek(at: 1)?.hexValue else {
            return nil
        }
        _ = cursor.take(2)
        return UInt8(truncatingIfNeeded: high << 4 | low)
    }
}

/// Decodes a quoted-printable body in pieces that may be cut anywhere.
///
/// Lenient as mail asks: an `=` that begins nothing is text, lower-case digits count, white space at
/// a line's end goes. Line ends stay as they are.
package struct QuotedPrintableDecoder: Sendable {
    /// An `=` and what followed it so far; blanks that may end a line.
    private var held: [UInt8] = []
    /// Blanks held at most; longer runs are text.
    private static let heldLimit = 1000

    package init() {}

    package mutating func decode(_ piece: some Sequence<UInt8>, into out: inout [UInt8]) {
        for byte in piece { take(byte, into: &out) }
    }

    package mutating func finish(into out: inout [UInt8]) {
        // A `=` at the very end is a soft break without its line end.
        if held.first != UInt8(ascii: "=") || held.count > 1 { out += held }
        held = []
    }

    private mutating func take(_ byte: UInt8, into out: inout [UInt8]) {
        guard let first = held.first else { return start(byte, into: &out) }
        if first == UInt8(ascii: "=") { return continueEscape(byte, into: &out) }
        if byte.isBlank, held.count < Self.heldLimit { return held.append(byte) }
        if byte != .cr, byte != .lf { out += held }
        held = []
        start(byte, into: &out)
    }

    private mutating func start(_ byte: UInt8, into out: inout [UInt8]) {
        if byte == UInt8(ascii: "=") || byte.isBlank { held = [byte] } else { out.append(byte) }
    }

    private mutating func continueEscape(_ byte: UInt8, into out: inout [UInt8]) {
        if byte == .lf {
            // A soft break; blanks before the line end were transport padding.
            held = []
            return
        }
        if held.count == 1, byte.isBlank || byte == .cr || byte.hexValue != nil {
            return held.append(byte)
        }
        if held.count == 2, let high = held[1].hexValue, let low = byte.hexValue {
            out.append(UInt8(truncatingIfNeeded: high << 4 | low))
            held = []
            return
        }
        if held.count > 1, held[1].hexValue == nil, byte.isBlank || byte == .cr,
            held.count < Self.heldLimit
        {
            return held.append(byte)
        }
        out += held
        held = []
        start(byte, into: &out)
    }
}
