import Bytes

/// Builds the automaton of a `Pattern` from its text, left to right, with a stack of its own for
/// groups: no depth of nesting can exhaust the program's stack.
struct PatternBuilder {
    /// A piece of automaton: where it begins, and the `empty` state that it ends in.
    private struct Fragment {
        let start: Int
        let end: Int
    }

    /// One group, or the whole expression, while it is read.
    private struct Group {
        /// Alternatives that are complete.
        var alternatives: Fragment?
        /// What is complete of the present alternative.
        var sequence: Fragment?
        /// The last atom, which a following `*`, `+` or `?` applies to.
        var atom: Fragment?
        /// The last atom has its `*`, `+` or `?` already: a second one stands for itself.
        var isRepeated = false
    }

    private var text: ByteCursor
    private let folding: Bool
    private var groups = [Group()]
    private(set) var states: [Pattern.State] = []
    private(set) var hasMark = false

    init(_ text: [UInt8], folding: Bool) {
        self.text = ByteCursor(text)
        self.folding = folding
    }

    /// Builds everything and yields the first state.
    mutating func build() throws(PatternError) -> Int {
        while let octet = text.next() { try take(octet) }
        guard groups.count == 1 else { throw PatternError(.unclosedGroup, at: text.position) }
        let whole = finishGroup()
        states[whole.end] = .empty(next: add(.accept))
        return whole.start
    }

    private mutating func take(_ octet: UInt8) throws(PatternError) {
        switch octet {
        case UInt8(ascii: "("): groups.append(Group())
        case UInt8(ascii: ")"):
            guard groups.count > 1 else {
                throw PatternError(.unexpectedClose, at: text.position - 1)
            }
            let inner = finishGroup()
            groups.removeLast()
            push(inner)
        case UInt8(ascii: "|"): finishAlternative()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): repeatAtom(octet)
        case UInt8(ascii: "["): pushOctets(takeSet())
        case UInt8(ascii: "."): pushOctets(.anyButNewline)
        case UInt8(ascii: "$"): pushOctets(.newline)
        case UInt8(ascii: "^"): takeCaret()
        case UInt8(ascii: "\\"): takeEscaped()
        default: pushOctets(OctetSet([octet]))
        }
    }

    /// `^` is a newline, `^^` one of the area's ends: the start where an alternative begins, else
    /// the end.
    private mutating func takeCaret() {
        guard text.take(UInt8(ascii: "^")) else { return pushOctets(.newline) }
        let group = groups[groups.count - 1]
        let isFirst = group.sequence == nil && group.atom == nil
        pushState { isFirst ? .start(next: $0) : .end(next: $0) }
    }

    private mutating func takeEscaped() {
        switch text.next() {
        case UInt8(ascii: "<"), UInt8(ascii: ">"): pushOctets(.wordEdge)
        case UInt8(ascii: "/"):
            hasMark = true
            pushState { .mark(next: $0) }
        case let octet?: pushOctets(OctetSet([octet]))
        case nil: pushOctets(OctetSet([.backslash]))
        }
    }

    /// The set after `[`; a `]` or `-` in front and a `-` at the end stand for themselves.
    private mutating func takeSet() -> OctetSet {
        var set = OctetSet()
        let isInverted = text.take(UInt8(ascii: "^"))
        var isFirst = true
        while let octet = text.next() {
            if octet == UInt8(ascii: "]"), !isFirst {
                let folded = folding ? set.folded : set
                guard isInverted else { return folded }
                var other = folded.inverted
                other.remove(.lf)
                return other
            }
            isFirst = false
            if text.peek == UInt8(ascii: "-"), let last = text.peek(at: 1),
                last != UInt8(ascii: "]")
            {
                text.move(to: text.position + 2)
                if octet <= last { for member in octet...last { set.insert(member) } }
            } else {
                set.insert(octet)
            }
        }
        // A set that nobody closed ends with the expression, as procmail has it.
        return folding ? set.folded : set
    }

    /// Applies `*`, `+` or `?` to the last atom; without one it stands for itself.
    private mutating func repeatAtom(_ octet: UInt8) {
        let last = groups.count - 1
        guard let atom = groups[last].atom, !groups[last].isRepeated else {
            return pushOctets(OctetSet([octet]))
        }
        groups[last].isRepeated = true
        let end = add(.empty(next: -1))
        let choice = add(.split(atom.start, end))
        switch octet {
        case UInt8(ascii: "*"):
            states[atom.end] = .empty(next: choice)
            groups[last].atom = Fragment(start: choice, end: end)
        case UInt8(ascii: "+"):
            states[atom.end] = .empty(next: choice)
            groups[last].atom = Fragment(start: atom.start, end: end)
        default:
            states[atom.end] = .empty(next: end)
            groups[last].atom = Fragment(start: choice, end: end)
        }
    }

    private mutating func pushOctets(_ set: OctetSet) {
        let wanted = folding ? set.folded : set
        pushState { .octets(wanted, next: $0) }
    }

    private mutating func pushState(_ state: (Int) -> Pattern.State) {
        let end = add(.empty(next: -1))
        push(Fragment(start: add(state(end)), end: end))
    }

    /// Makes `atom` the last atom, the one before it part of the sequence.
    private mutating func push(_ atom: Fragment) {
        finishAtom()
        groups[groups.count - 1].atom = atom
        groups[groups.count - 1].isRepeated = false
    }

    private mutating func finishAtom() {
        let last = groups.count - 1
        guard let atom = groups[last].atom else { return }
        groups[last].atom = nil
        guard let sequence = groups[last].sequence else {
            groups[last].sequence = atom
            return
        }
        states[sequence.end] = .empty(next: atom.start)
        groups[last].sequence = Fragment(start: sequence.start, end: atom.end)
    }

    private mutating func finishAlternative() {
        finishAtom()
        let last = groups.count - 1
        let added = groups[last].sequence ?? emptyFragment()
        groups[last].sequence = nil
        guard let before = groups[last].alternatives else {
            groups[last].alternatives = added
            return
        }
        let end = add(.empty(next: -1))
        states[before.end] = .empty(next: end)
        states[added.end] = .empty(next: end)
        let start = add(.split(before.start, added.start))
        groups[last].alternatives = Fragment(start: start, end: end)
    }

    /// The innermost group as one fragment.
    private mutating func finishGroup() -> Fragment {
        finishAlternative()
        return groups[groups.count - 1].alternatives ?? emptyFragment()
    }

    private mutating func emptyFragment() -> Fragment {
        let place = add(.empty(next: -1))
        return Fragment(start: place, end: place)
    }

    private mutating func add(_ state: Pattern.State) -> Int {
        states.append(state)
        return states.count - 1
    }
}
