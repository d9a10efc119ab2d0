import Bytes

/// A set of octets.
struct OctetSet: Equatable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    static func == (left: OctetSet, right: OctetSet) -> Bool { left.words == right.words }

    init() {}

    init(_ octets: some Sequence<UInt8>) { for octet in octets { insert(octet) } }

    func contains(_ octet: UInt8) -> Bool {
        let bit = UInt64(1) << UInt64(octet & 63)
        return switch octet >> 6 {
        case 0: words.0 & bit != 0
        case 1: words.1 & bit != 0
        case 2: words.2 & bit != 0
        default: words.3 & bit != 0
        }
    }

    mutating func insert(_ octet: UInt8) {
        let bit = UInt64(1) << UInt64(octet & 63)
        switch octet >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    mutating func remove(_ octet: UInt8) {
        guard contains(octet) else { return }
        let bit = UInt64(1) << UInt64(octet & 63)
        switch octet >> 6 {
        case 0: words.0 &= ~bit
        case 1: words.1 &= ~bit
        case 2: words.2 &= ~bit
        default: words.3 &= ~bit
        }
    }

    /// Every octet that is not in the set.
    var inverted: OctetSet {
        var other = self
        other.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return other
    }

    /// With the other case of every letter in it.
    var folded: OctetSet {
        var other = self
        // Letters stand in the second word, small ones 32 bits above capitals.
        let capitals = words.1 & Self.capitals
        let small = words.1 & (Self.capitals << 32)
        other.words.1 |= capitals << 32 | small >> 32
        return other
    }

    /// `A` to `Z` in the second word.
    private static let capitals: UInt64 = 0x07FF_FFFE

    /// The smallest octet in the set.
    var first: UInt8? {
        if words.0 != 0 { return UInt8(words.0.trailingZeroBitCount) }
        if words.1 != 0 { return UInt8(64 + words.1.trailingZeroBitCount) }
        if words.2 != 0 { return UInt8(128 + words.2.trailingZeroBitCount) }
        return words.3 != 0 ? UInt8(192 + words.3.trailingZeroBitCount) : nil
    }

    /// What `.` matches.
    static let anyButNewline: OctetSet = {
        var all = OctetSet().inverted
        all.remove(.lf)
        return all
    }()

    /// What `\<` and `\>` match: an octet that cannot be part of a word, or a newline.
    static let wordEdge: OctetSet = {
        var word = OctetSet()
        for octet in UInt8(0)..<128 where octet.isAlphanumeric { word.insert(octet) }
        word.insert(UInt8(ascii: "_"))
        return word.inverted
    }()

    static let newline = OctetSet([.lf])
}
