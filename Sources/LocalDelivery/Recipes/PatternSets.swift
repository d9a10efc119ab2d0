import Bytes

/// The sets of a `Pattern`'s states that a search comes through, each built when it is first reached:
/// from then on an octet costs one look-up.
///
/// Memory is bounded: when too many sets have been kept all are forgotten, and what is reached is
/// built again, at a cost that depends on the expression alone.
struct PatternSets {
    /// A set is told by the place of its 256 transitions; one in which the expression has matched by
    /// the negative number `-2 - place`, so that one comparison finds whatever is not the usual.
    typealias Place = Int32

    /// In the table: not built yet.
    private static let unknown: Place = -1

    static func isAccepting(_ set: Place) -> Bool { set < unknown }
    private static func row(_ set: Place) -> Int { Int(set >= 0 ? set : -2 - set) }

    private let pattern: Pattern
    /// A new attempt begins at every octet; without, only what has begun goes on.
    private let restarts: Bool
    private(set) var transitions: [Place] = []
    private var members: [[Int32]] = []
    private var accepting: [Bool] = []
    /// Where each set lies, once they are too many to look through.
    private var places: [[Int32]: Place] = [:]
    private static let fewSets = 16
    /// The set in which nothing has begun, once it was asked for.
    private var root: Place?
    private var memberCount = 0
    /// How often everything was forgotten.
    private var forgettings = 0
    private var collecting: [Int32] = []
    private var collectsAccept = false
    /// A state is in the set that is being collected when its mark is `round`.
    private var marks: [UInt32]
    private var round: UInt32 = 0
    private var waiting: [Int] = []
    /// States looked at while sets were built, for tests.
    private(set) var steps = 0

    /// Stands in front of the states of a set that accepts, to tell it from one that does not.
    private static let acceptance: Int32 = -1

    /// Sets kept before all are forgotten: 2 MiB of transitions.
    private static let setLimit = 2000
    /// States kept in them: 4 MiB.
    private static let memberLimit = 1 << 20

    init(_ pattern: Pattern, restarts: Bool) {
        self.pattern = pattern
        self.restarts = restarts
        marks = [UInt32](repeating: 0, count: pattern.states.count)
    }

    /// Where a search begins: nothing has been read.
    mutating func entry() -> Place {
        if let root { return root }
        begin()
        visit(pattern.first, atStart: false, atEnd: false)
        let place = collected()
        root = place
        return place
    }

    /// The set of `states`, which a search has come to otherwise.
    mutating func place(of states: [Int]) -> Place {
        begin()
        for state in states { visit(state, atStart: false, atEnd: false) }
        if restarts { visit(pattern.first, atStart: false, atEnd: false) }
        return collected()
    }

    /// The set after `octet`.
    mutating func step(_ set: Place, _ octet: UInt8) -> Place {
        let place = Self.row(set) + Int(octet)
        if transitions[place] != Self.unknown { return transitions[place] }
        begin()
        for state in members[Self.row(set) >> 8] {
            if case .octets(let octets, let next) = pattern.states[Int(state)],
                octets.contains(octet)
            {
                visit(next, atStart: false, atEnd: false)
            }
        }
        if restarts { visit(pattern.first, atStart: false, atEnd: false) }
        let before = forgettings
        let next = collected(after: set)
        // When everything was forgotten meanwhile, `set` is no more.
        if forgettings == before { transitions[place] = next }
        return next
    }

    /// The set with its waiting `^^` passed where the area's ends allow it.
    mutating func passingAnchors(_ set: Place, atStart: Bool, atEnd: Bool) -> Place {
        let states = members[Self.row(set) >> 8]
        begin()
        for state in states { visit(Int(state), atStart: atStart, atEnd: atEnd) }
        return collected()
    }

    /// Nothing is left that could still match.
    func isDead(_ set: Place) -> Bool { !restarts && members[Self.row(set) >> 8].isEmpty }

    private mutating func begin() {
        collecting.removeAll(keepingCapacity: true)
        collectsAccept = false
        round &+= 1
        if round == 0 {
            for place in marks.indices { marks[place] = 0 }
            round = 1
        }
    }

    /// Puts `state` and all that it leads to without consuming into the set being collected; only
    /// states that consume or wait for an end of the area are kept.
    private mutating func visit(_ state: Int, atStart: Bool, atEnd: Bool) {
        waiting.append(state)
        while let state = waiting.popLast() {
            steps += 1
            guard marks[state] != round else { continue }
            marks[state] = round
            switch pattern.states[state] {
            case .octets: collecting.append(Int32(state))
            case .accept: collectsAccept = true
            case .split(let one, let other):
                waiting.append(other)
                waiting.append(one)
            case .empty(let next), .mark(let next): waiting.append(next)
            case .start(let next):
                collecting.append(Int32(state))
                if atStart { waiting.append(next) }
            case .end(let next):
                collecting.append(Int32(state))
                if atEnd { waiting.append(next) }
            }
        }
    }

    /// The place of the set that was collected; most often it is the one before it.
    private mutating func collected(after set: Place? = nil) -> Place {
        collecting.sort()
        if let set, isAgain(set) { return set }
        if let known = known() { return known }
        if members.count >= Self.setLimit || memberCount + collecting.count > Self.memberLimit {
            forget()
        }
        let row = Place(members.count << 8)
        let place = collectsAccept ? -2 - row : row
        members.append(collecting)
        accepting.append(collectsAccept)
        memberCount += collecting.count
        if members.count > Self.fewSets { index(from: places.isEmpty ? 0 : members.count - 1) }
        transitions.append(contentsOf: repeatElement(Self.unknown, count: 256))
        return place
    }

    private func isAgain(_ set: Place) -> Bool {
        collectsAccept == Self.isAccepting(set) && members[Self.row(set) >> 8] == collecting
    }

    private func known() -> Place? {
        if members.count > Self.fewSets { return places[key(collecting, collectsAccept)] }
        for index in members.indices.reversed() {
            let place = place(at: index)
            if isAgain(place) { return place }
        }
        return nil
    }

    private mutating func index(from first: Int) {
        for index in first..<members.count {
            places[key(members[index], accepting[index])] = place(at: index)
        }
    }

    private func place(at index: Int) -> Place {
        let row = Place(index << 8)
        return accepting[index] ? -2 - row : row
    }

    private func key(_ states: [Int32], _ accepts: Bool) -> [Int32] {
        accepts ? [Self.acceptance] + states : states
    }

    private mutating func forget() {
        members.removeAll()
        accepting.removeAll()
        places.removeAll()
        transitions.removeAll(keepingCapacity: true)
        memberCount = 0
        root = nil
        forgettings += 1
    }
}
