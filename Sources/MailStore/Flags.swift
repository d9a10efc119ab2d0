import Bytes

/// The five flags of RFC 3501 section 2.3.2 that a session can change; `\Recent` is none of
/// them.
package struct SystemFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let draft = SystemFlags(rawValue: 1)
    package static let flagged = SystemFlags(rawValue: 2)
    package static let answered = SystemFlags(rawValue: 4)
    package static let seen = SystemFlags(rawValue: 8)
    package static let deleted = SystemFlags(rawValue: 16)

    /// Every flag, in the order of a FLAGS response.
    package static let all: SystemFlags = [.draft, .flagged, .answered, .seen, .deleted]
}

/// A keyword: an atom that a client has made up, such as `$Forwarded`; ASCII case is not
/// significant but kept.
package struct Keyword: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]
    /// What is compared.
    private let folded: [UInt8]

    package init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes)
        folded = bytes.lowercased
    }

    package static func == (left: Keyword, right: Keyword) -> Bool { left.folded == right.folded }
    package static func < (left: Keyword, right: Keyword) -> Bool {
        left.folded.lexicographicallyPrecedes(right.folded)
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(folded) }
}

/// The flags of one message: system flags and keywords, without `\Recent`.
package struct Flags: Equatable, Sendable {
    package var system: SystemFlags
    package var keywords: Set<Keyword>

    package init(_ system: SystemFlags = [], keywords: Set<Keyword> = []) {
        self.system = system
        self.keywords = keywords
    }

    package var isEmpty: Bool { system.isEmpty && keywords.isEmpty }

    /// The keywords in a fixed order, for whoever prints or writes them.
    package var sortedKeywords: [Keyword] { keywords.sorted() }
}

/// What STORE does with the flags that it names.
package enum FlagChange: Equatable, Sendable {
    case add(Flags)
    case remove(Flags)
    case replace(Flags)

    /// The flags of the message after the change.
    package func applied(to flags: Flags) -> Flags {
        switch self {
        case .add(let added):
            Flags(
                flags.system.union(added.system), keywords: flags.keywords.union(added.keywords))
        case .remove(let removed):
            Flags(
                flags.system.subtracting(removed.system),
                keywords: flags.keywords.subtracting(removed.keywords))
        case .replace(let flags): flags
        }
    }

    /// The keywords that messages may have afterwards and perhaps had not before.
    package var newKeywords: Set<Keyword> {
        switch self {
        case .add(let flags), .replace(let flags): flags.keywords
        case .remove: []
        }
    }
}
