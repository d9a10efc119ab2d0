import Bytes

/// The flags of a recipe line.
struct RecipeFlags: OptionSet {
    let rawValue: UInt32

    static let header = RecipeFlags(rawValue: 1 << 0)
    static let body = RecipeFlags(rawValue: 1 << 1)
    static let distinguishesCase = RecipeFlags(rawValue: 1 << 2)
    static let alsoIfMatched = RecipeFlags(rawValue: 1 << 3)
    static let alsoIfSucceeded = RecipeFlags(rawValue: 1 << 4)
    static let elseIfNotMatched = RecipeFlags(rawValue: 1 << 5)
    static let elseIfFailed = RecipeFlags(rawValue: 1 << 6)
    static let feedsHeader = RecipeFlags(rawValue: 1 << 7)
    static let feedsBody = RecipeFlags(rawValue: 1 << 8)
    static let filters = RecipeFlags(rawValue: 1 << 9)
    static let copies = RecipeFlags(rawValue: 1 << 10)
    static let waits = RecipeFlags(rawValue: 1 << 11)
    static let waitsQuietly = RecipeFlags(rawValue: 1 << 12)
    static let ignoresWriteErrors = RecipeFlags(rawValue: 1 << 13)
    static let raw = RecipeFlags(rawValue: 1 << 14)

    /// The flag that `letter` stands for.
    init?(letter: UInt8) {
        switch letter {
        case UInt8(ascii: "H"): self = .header
        case UInt8(ascii: "B"): self = .body
        case UInt8(ascii: "D"): self = .distinguishesCase
        case UInt8(ascii: "A"): self = .alsoIfMatched
        case UInt8(ascii: "a"): self = .alsoIfSucceeded
        case UInt8(ascii: "E"): self = .elseIfNotMatched
        case UInt8(ascii: "e"): self = .elseIfFailed
        case UInt8(ascii: "h"): self = .feedsHeader
        case UInt8(ascii: "b"): self = .feedsBody
        case UInt8(ascii: "f"): self = .filters
        case UInt8(ascii: "c"): self = .copies
        case UInt8(ascii: "w"): self = .waits
        case UInt8(ascii: "W"): self = .waitsQuietly
        case UInt8(ascii: "i"): self = .ignoresWriteErrors
        case UInt8(ascii: "r"): self = .raw
        default: return nil
        }
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// What an action is fed: both unless exactly one of `h` and `b` is given.
    var parts: LetterParts {
        switch (contains(.feedsHeader), contains(.feedsBody)) {
        case (true, false): .header
        case (false, true): .body
        case (true, true), (false, false): .both
        }
    }

    /// A chain flag, which makes the old style `:` ask for no condition.
    var isChained: Bool {
        !isDisjoint(with: [.alsoIfMatched, .alsoIfSucceeded, .elseIfNotMatched, .elseIfFailed])
    }
}

/// The lock file that a recipe line asks for.
enum RecipeLock: Equatable {
    case none
    /// `:0:` alone: the name follows from the action.
    case implicit
    case named([UInt8])
}

/// A recipe line, read.
struct RecipeLine: Equatable {
    var flags: RecipeFlags = []
    var lock = RecipeLock.none
    /// What could not be understood.
    var skipped: [UInt8] = []

    static func == (left: RecipeLine, right: RecipeLine) -> Bool {
        left.flags.rawValue == right.flags.rawValue && left.lock == right.lock
            && left.skipped == right.skipped
    }

    /// Reads the expanded words of a line, what stands before them removed.
    init(_ words: [[UInt8]]) {
        for (place, word) in words.enumerated() {
            for (index, octet) in word.enumerated() {
                if octet == .colon {
                    takeLock(after: Array(word[(index + 1)...]), Array(words[(place + 1)...]))
                    return
                }
                guard let flag = RecipeFlags(letter: octet) else {
                    skipped = Array(
                        ([Array(word[index...])] + words[(place + 1)...]).joined(
                            separator: [.space]))
                    return
                }
                flags.insert(flag)
            }
        }
    }

    private mutating func takeLock(after rest: [UInt8], _ words: [[UInt8]]) {
        let names = (rest.isEmpty ? [] : [rest]) + words
        guard let name = names.first else {
            lock = .implicit
            return
        }
        lock = .named(name)
        skipped = Array(names.dropFirst().joined(separator: [.space]))
    }
}
