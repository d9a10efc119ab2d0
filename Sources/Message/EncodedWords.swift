import Bytes

/// Turns text in a named character set into UTF-8; nil when it does not know the set.
///
/// Octets that mean nothing in the set become U+FFFD.
package typealias CharacterConverter = (_ charset: [UInt8], _ text: [UInt8]) -> [UInt8]?

/// Encoded words of header values (RFC 2047).
package enum EncodedWords {
    /// The value with its encoded words as UTF-8, in linear time.
    ///
    /// White space between two encoded words goes (section 6.2). A word in a set that `convert`
    /// does not know stays as it is, and so does all other text. The RFC's limit of 75 octets a word
    /// is not asked for: long ones are common.
    package static func decode(
        _ value: some Collection<UInt8>, convert: CharacterConverter
    ) -> [UInt8] {
        let value = Array(value)
        var out: [UInt8] = []
        var position = 0
        var keptUpTo = 0
        var followsWord = false
        while let start = nextOpening(in: value, from: position) {
            guard let word = EncodedWord(in: value, at: start),
                let text = convert(word.charset, word.octets)
            else {
                position = start + 2
                continue
            }
            let between = value[keptUpTo..<start]
            if !(followsWord && between.allSatisfy(\.isSpace)) { out += between }
            out += text
            followsWord = true
            position = word.end
            keptUpTo = word.end
        }
        return out + value[keptUpTo...]
    }

    private static func nextOpening(in value: [UInt8], from position: Int) -> Int? {
        var index = position
        while index + 1 < value.count {
            if value[index] == UInt8(ascii: "="), value[index + 1] == UInt8(ascii: "?") {
                return index
            }
            index += 1
        }
        return nil
    }
}

/// One `=?charset?encoding?text?=`.
private struct EncodedWord {
    /// Octets within which charset, encoding and their marks must come: keeps a search linear.
    private static let markLimit = 80
    /// Octets of text looked at before a word counts as unterminated.
    private static let textLimit = 10_000

    let charset: [UInt8]
    /// The text with its transfer encoding undone, in `charset`.
    let octets: [UInt8]
    /// Behind the closing `?=`.
    let end: Int

    init?(in value: [UInt8], at start: Int) {
        let marks = value[(start + 2)...].prefix(Self.markLimit)
        guard let first = marks.firstIndex(of: UInt8(ascii: "?")), first > start + 2,
            first + 2 < value.count, value[first + 2] == UInt8(ascii: "?"),
            !value[(start + 2)..<first].contains(where: \.isSpace)
        else { return nil }
        let text = value[(first + 3)...].prefix(Self.textLimit)
        guard let question = text.firstIndex(of: UInt8(ascii: "?")), question + 1 < value.count,
            value[question + 1] == UInt8(ascii: "=")
        else { return nil }
        // RFC 2231 section 5: a language may follow the set.
        charset = Array(value[(start + 2)..<first].prefix { $0 != UInt8(ascii: "*") })
        end = question + 2
        let encoded = value[(first + 3)..<question]
        switch value[first + 1].lowercased {
        case UInt8(ascii: "b"): octets = Base64.decodeLeniently(encoded)
        case UInt8(ascii: "q"): octets = QuotedPrintable.decodeWord(encoded)
        default: return nil
        }
    }
}
