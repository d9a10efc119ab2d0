import Bytes
import Posix

/// What a folder may be called: nothing that could lead out of the mail root, be mistaken for a
/// file of ours, or be written in two ways.
struct FolderNameRules {
    let format: MailLocation.Format

    /// The longest name of a file on common file systems.
    private static let componentLimit = 255
    /// Levels of a hierarchy: more than anybody has, fewer than could exhaust a path.
    static let levelLimit = 32

    var separator: UInt8 { format == .maildir ? .dot : UInt8(ascii: "/") }

    /// The levels of the name; `.invalidName` when it breaks a rule.
    func levels(of name: FolderName) throws(StoreError) -> [[UInt8]] {
        let levels = name.bytes.split(separator: separator, omittingEmptySubsequences: false)
            .map { Array($0) }
        guard levels.count <= Self.levelLimit else { throw .invalidName("too many levels") }
        // In a Maildir++ all levels are one file name, with a dot in front.
        guard format == .mbox || name.bytes.count < Self.componentLimit else {
            throw .invalidName("too long")
        }
        guard name.bytes.first != UInt8(ascii: "~") else { throw .invalidName("begins with ~") }
        for level in levels { try check(level) }
        return levels
    }

    private func check(_ level: [UInt8]) throws(StoreError) {
        guard !level.isEmpty else { throw .invalidName("empty level") }
        guard level.allSatisfy(\.isPrintable) else {
            throw .invalidName("octets that modified UTF-7 does not have")
        }
        guard ModifiedUTF7.isValid(level) else { throw .invalidName("not modified UTF-7") }
        switch format {
        case .maildir:
            guard !level.contains(UInt8(ascii: "/")) else { throw .invalidName("contains /") }
        case .mbox:
            // Room for `.lock` and the like behind it.
            guard level.count <= Self.componentLimit - 20 else { throw .invalidName("too long") }
            guard level.first != .dot else { throw .invalidName("level begins with a dot") }
            guard !level.lowercased.reversed().starts(with: Self.lockSuffix.reversed()) else {
                throw .invalidName("the name of a lock file")
            }
        }
    }

    private static let lockSuffix = Array(".lock".utf8)
}

/// The form of folder names in IMAP4rev1 (RFC 3501 section 5.1.3).
enum ModifiedUTF7 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)

    /// Whether the text is the one way to write some name: printable ASCII for itself, `&-` for
    /// `&`, everything else as base64 of UTF-16 without padding, and no control character.
    static func isValid(_ text: [UInt8]) -> Bool {
        var cursor = ByteCursor(text)
        var afterShift = false
        while let byte = cursor.next() {
            guard byte.isPrintable else { return false }
            guard byte == UInt8(ascii: "&") else {
                afterShift = false
                continue
            }
            let encoded = cursor.take { $0 != UInt8(ascii: "-") }
            guard cursor.take(UInt8(ascii: "-")) else { return false }
            if encoded.isEmpty {
                afterShift = false
                continue
            }
            // Two shifts in a row would be one.
            guard !afterShift, let units = units(encoded), isCanonical(units) else { return false }
            afterShift = true
        }
        return true
    }

    /// The UTF-16 units; nil when there are odd bits or strange octets.
    private static func units(_ encoded: ArraySlice<UInt8>) -> [UInt16]? {
        var units: [UInt16] = []
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for byte in encoded {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            guard held >= 16 else { continue }
            held -= 16
            units.append(UInt16(truncatingIfNeeded: bits >> held))
            bits &= (1 << held) - 1
        }
        return held < 6 && bits == 0 ? units : nil
    }

    /// No character that must stand for itself, no control character, no half of a pair.
    private static func isCanonical(_ units: [UInt16]) -> Bool {
        var decoder = UTF16()
        var iterator = units.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                let value = scalar.value
                guard value > 0x7E, !(0x7F...0x9F).contains(value) else { return false }
            case .emptyInput: return true
            case .error: return false
            }
        }
    }
}
