import Bytes
import Posix

/// Finds a text in UTF-8 that comes in pieces, in linear time (the method of Knuth, Morris and
/// Pratt); case is ignored as Unicode's lower-case mapping has it.
struct TextMatcher {
    private let wanted: [UInt8]
    /// For each matched prefix the longest shorter one that is also its end.
    private let fallback: [Int]
    private var matched = 0
    private(set) var isFound: Bool

    init(_ text: [UInt8]) {
        wanted = TextFolding.fold(text)
        isFound = wanted.isEmpty
        var fallback = [Int](repeating: 0, count: wanted.count)
        var length = 0
        for index in wanted.indices.dropFirst() {
            while length > 0, wanted[index] != wanted[length] { length = fallback[length - 1] }
            if wanted[index] == wanted[length] { length += 1 }
            fallback[index] = length
        }
        self.fallback = fallback
    }

    /// Looks at the next piece, whose last character is whole.
    mutating func look(at piece: [UInt8]) {
        guard !isFound else { return }
        for byte in TextFolding.fold(piece) {
            while matched > 0, byte != wanted[matched] { matched = fallback[matched - 1] }
            if byte == wanted[matched] { matched += 1 }
            if matched == wanted.count {
                isFound = true
                return
            }
        }
    }

    /// What follows is another text.
    mutating func restart() { matched = 0 }
}

/// Text without differences of case.
enum TextFolding {
    static func fold(_ text: [UInt8]) -> [UInt8] {
        if text.allSatisfy(\.isASCII) { return text.lowercased }
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if scalar.isASCII {
                out.append(UInt8(truncatingIfNeeded: scalar.value).lowercased)
            } else {
                out += scalar.properties.lowercaseMapping
            }
        }
        return out
    }
}

/// Text of messages as UTF-8.
enum DecodedText {
    /// For encoded words.
    static func convert(charset: [UInt8], text: [UInt8]) -> [UInt8]? {
        guard let converter = CharacterSetConverter(from: charset) else { return nil }
        return converter.convert(text) + converter.finish()
    }
}
