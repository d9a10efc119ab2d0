import Bytes

/// Undoes a part's transfer encoding (RFC 2045 section 6) in pieces that may be cut anywhere.
package enum TransferDecoder: Sendable {
    case identity
    case quotedPrintable(QuotedPrintableDecoder)
    case base64(Base64Decoder)

    /// The decoder of an encoding in capitals; unknown ones leave the octets as they are.
    package init(encoding: [UInt8]) {
        if encoding.equalsIgnoringCase("QUOTED-PRINTABLE") {
            self = .quotedPrintable(QuotedPrintableDecoder())
        } else if encoding.equalsIgnoringCase("BASE64") {
            self = .base64(Base64Decoder())
        } else {
            self = .identity
        }
    }

    package mutating func decode(_ piece: [UInt8], into out: inout [UInt8]) {
        switch self {
        case .identity: out += piece
        case .quotedPrintable(var decoder):
            decoder.decode(piece, into: &out)
            self = .quotedPrintable(decoder)
        case .base64(var decoder):
            decoder.decode(piece, into: &out)
            self = .base64(decoder)
        }
    }

    package mutating func finish(into out: inout [UInt8]) {
        switch self {
        case .identity: break
        case .base64(var decoder):
            decoder.finish(into: &out)
            self = .base64(decoder)
        case .quotedPrintable(var decoder):
            decoder.finish(into: &out)
            self = .quotedPrintable(decoder)
        }
    }
}

/// Decodes base64 of a body: octets outside the alphabet are skipped, `=` ends a group.
package struct Base64Decoder: Sendable {
    private var held: [UInt8] = []

    package init() {}

    package mutating func decode(_ piece: [UInt8], into out: inout [UInt8]) {
        for byte in piece {
            if byte == UInt8(ascii: "=") {
                // Padding ends a group; texts put behind each other go on after it.
                out += Base64.decodeLeniently(held)
                held.removeAll(keepingCapacity: true)
            } else if byte.isAlphanumeric || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
            {
                held.append(byte)
                if held.count == Self.block {
                    out += Base64.decodeLeniently(held)
                    held.removeAll(keepingCapacity: true)
                }
            }
        }
        // Whole groups can go; a rest waits for its other half.
        let whole = held.count / 4 * 4
        out += Base64.decodeLeniently(held.prefix(whole))
        held.removeFirst(whole)
    }

    /// A cut last group yields what it can.
    package mutating func finish(into out: inout [UInt8]) {
        out += Base64.decodeLeniently(held)
        held = []
    }

    /// Octets decoded at once; a multiple of a group.
    private static let block = 4096
}
