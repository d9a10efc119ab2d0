import Bytes

/// The octets that every match of a `Pattern` begins with, such as the newline and the name of a
/// field: where they do not stand, nothing has to be looked at with the automaton.
struct PatternPrefix {
    private struct Octet {
        let one: UInt8
        /// The same letter in the other case, or `one` again.
        let other: UInt8
    }

    private var octets: [Octet] = []
    /// The state that a match is in behind them.
    private(set) var next: Int
    /// No end of the prefix begins another: behind it one attempt is under way and no more.
    private(set) var standsAlone = false

    /// Octets of a prefix; a name of a field is shorter, and to compare them all stays cheap.
    private static let limit = 32

    var count: Int { octets.count }
    /// They begin with a newline: the one in front of the area counts.
    var isAtLineStart: Bool { octets.first?.one == .lf }

    init(_ pattern: Pattern) {
        next = pattern.first
        while octets.count < Self.limit, let (octet, following) = Self.step(pattern.states[next]) {
            if let octet { octets.append(octet) }
            next = following
        }
        standsAlone = hasNoBorder
    }

    /// What a state takes, if all it can do is to take one octet or to go on.
    private static func step(_ state: Pattern.State) -> (Octet?, Int)? {
        switch state {
        case .empty(let next): (nil, next)
        case .octets(let set, let next): single(set).map { ($0, next) }
        default: nil
        }
    }

    private static func single(_ set: OctetSet) -> Octet? {
        guard let first = set.first else { return nil }
        let other = first.isLetter ? first ^ 0x20 : first
        return set == OctetSet([first]) || set == OctetSet([first, other])
            ? Octet(one: first, other: set.contains(other) ? other : first) : nil
    }

    private var hasNoBorder: Bool {
        (1..<max(1, count)).allSatisfy { length in
            (0..<length).contains { place in
                let (front, back) = (octets[place], octets[count - length + place])
                return front.one != back.one && front.one != back.other
            }
        }
    }

    /// Where the prefix stands in `area` from `place` on, whole; nil when it does not.
    func find(in area: Span<UInt8>, from place: Int) -> Int? {
        let first = octets[0]
        var at = place
        while at <= area.count - count {
            let octet = area[at]
            if octet == first.one || octet == first.other, stands(in: area, at: at, from: 1) {
                return at
            }
            at += 1
        }
        return nil
    }

    /// Whether the octets of the prefix from its octet `skipped` on stand at `place`.
    func stands(in area: Span<UInt8>, at place: Int, from skipped: Int) -> Bool {
        guard place + count <= area.count else { return false }
        for index in skipped..<count {
            let octet = area[place + index]
            guard octet == octets[index].one || octet == octets[index].other else { return false }
        }
        return true
    }
}
