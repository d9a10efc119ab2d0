import Bytes

/// One header as it came: a name, a colon, a value, and the lines that continue it.
struct HeaderField: Equatable {
    /// What cleanup does with a header depends on this alone.
    enum Kind: Equatable {
        case received, messageID, resentMessageID, date, resentDate, from, resentFrom
        case deliveredTo
        /// Another header with the address of somebody who sends or receives.
        case addresses
        case other
    }

    /// The lines with an LF after each, without blanks before the colon.
    let octets: [UInt8]
    /// The octets before the colon.
    let name: ArraySlice<UInt8>

    /// Nil when the first line is no header (RFC 5322 section 2.2).
    init?(_ octets: [UInt8]) {
        guard let colon = Self.colon(in: octets[...]) else { return nil }
        // RFC 5322 section 4.5.8 allows blanks before the colon, and to nobody to write them.
        let end = octets[..<colon].trimmed.endIndex
        self.octets = Array(octets[..<end]) + octets[colon...]
        name = self.octets[..<end]
    }

    /// The value without blanks and line ends around it.
    var value: ArraySlice<UInt8> {
        guard let colon = octets.firstIndex(of: .colon) else { return [] }
        return octets[(colon + 1)...].trimmed
    }

    /// The place of the colon that makes `line` a header: printable octets before it, perhaps blanks.
    static func colon(in line: ArraySlice<UInt8>) -> Int? {
        guard let first = line.first, first.isPrintable, first != .space else { return nil }
        var hasBlank = false
        for place in line.indices {
            let byte = line[place]
            if byte == .colon { return place == line.startIndex ? nil : place }
            if byte.isBlank {
                hasBlank = true
            } else if hasBlank || !byte.isPrintable {
                return nil
            }
        }
        return nil
    }

    var isResent: Bool { name.startsIgnoringCase(with: Array("Resent-".utf8)) }

    var kind: Kind {
        for (text, kind) in Self.kinds where name.equalsIgnoringCase(Array(text.utf8)) {
            return kind
        }
        return .other
    }

    private static let kinds: [(String, Kind)] = [
        ("Received", .received), ("Delivered-To", .deliveredTo), ("Message-Id", .messageID),
        ("Resent-Message-Id", .resentMessageID), ("Date", .date), ("Resent-Date", .resentDate),
        ("From", .from), ("Resent-From", .resentFrom), ("To", .addresses), ("Cc", .addresses),
        ("Bcc", .addresses), ("Sender", .addresses), ("Reply-To", .addresses),
        ("Resent-To", .addresses), ("Resent-Cc", .addresses), ("Resent-Bcc", .addresses),
        ("Resent-Sender", .addresses), ("Resent-Reply-To", .addresses),
        ("Errors-To", .addresses), ("Return-Receipt-To", .addresses),
        ("Disposition-Notification-To", .addresses), ("Mail-Followup-To", .addresses),
        ("Apparently-To", .addresses),
    ]
}
