import Bytes

/// Searches areas of text with one `Pattern`: in time linear in the area, whatever the expression and
/// the text are.
package final class PatternSearch {
    /// What a search found, in octets of the area.
    package struct Found: Equatable, Sendable {
        /// Where the shortest match that ends first ends, with `\/` the longest.
        ///
        /// It is one past the area when its closing newline was taken.
        package let end: Int
        /// The text for MATCH.
        package let match: Range<Int>?
    }

    let pattern: Pattern
    private let prefix: PatternPrefix
    private var sets: PatternSets
    /// For `\/`: how far what has begun goes on, without new attempts.
    lazy var ends = PatternSets(pattern, restarts: false)
    var now: MarkThreads
    var next: MarkThreads
    var waiting: [(state: Int, start: Int)] = []
    /// Octets gone over behind the ends of matches, in the hope of longer ones.
    var vainSteps = 0
    /// Octets that begin nothing: a search for `\/` leaves them out.
    let idle: [Bool]
    /// Octets and states looked at, for tests: how long a search takes without a clock.
    private var octetSteps = 0
    var threadSteps = 0
    package var steps: Int {
        octetSteps + threadSteps + sets.steps + (pattern.hasMark ? ends.steps : 0)
    }

    package init(_ pattern: Pattern) {
        self.pattern = pattern
        prefix = PatternPrefix(pattern)
        sets = PatternSets(pattern, restarts: true)
        let count = pattern.hasMark ? pattern.states.count : 0
        now = MarkThreads(count: count)
        next = MarkThreads(count: count)
        idle = pattern.hasMark ? pattern.idleOctets : []
    }

    /// Whether and where the expression occurs in `area` from `origin` on.
    ///
    /// A search that begins behind a newline sees that newline, as procmail's repeated searches do.
    package func search(_ area: Span<UInt8>, from origin: Int = 0) -> Found? {
        guard origin <= area.count, origin >= 0 else { return nil }
        guard let end = end(in: area, from: origin) else { return nil }
        return pattern.hasMark ? searchMark(area, from: origin) : Found(end: end, match: nil)
    }

    private func end(in area: Span<UInt8>, from origin: Int) -> Int? {
        var place = origin
        var set = begin(in: area, at: &place)
        defer { octetSteps += place - origin }
        if PatternSets.isAccepting(set) { return place }
        while place < area.count {
            set = Self.follow(sets.transitions.span, set, area, &place)
            guard place < area.count else { break }
            if let begun = passIdle(area, set, &place) {
                set = begun
            } else {
                set = sets.step(set, area[place])
                place += 1
            }
            if PatternSets.isAccepting(set) { return place }
        }
        // Behind the last octet, and behind the newline that is thought to follow it.
        if prefix.count > 1, set == sets.entry() { return nil }
        let ended = sets.passingAnchors(set, atStart: area.isEmpty, atEnd: true)
        if PatternSets.isAccepting(ended) { return area.count }
        // What has passed the end can take no newline behind it.
        return PatternSets.isAccepting(sets.step(set, .lf)) ? area.count + 1 : nil
    }

    /// The set in which a search begins at `place`, the newline in front of it taken.
    private func begin(in area: Span<UInt8>, at place: inout Int) -> PatternSets.Place {
        var set = sets.entry()
        let origin = place
        guard !PatternSets.isAccepting(set), origin == 0 || area[origin - 1] == .lf else {
            return set
        }
        if prefix.count > 0, prefix.standsAlone {
            // Nothing but the prefix can begin with that newline.
            guard prefix.isAtLineStart, prefix.stands(in: area, at: origin - 1, from: 1) else {
                return set
            }
            place = origin - 1 + prefix.count
            return sets.place(of: [prefix.next])
        }
        set = sets.step(set, .lf)
        if origin == 0, !PatternSets.isAccepting(set) {
            set = sets.passingAnchors(set, atStart: true, atEnd: false)
        }
        return set
    }

    /// Where nothing has begun, goes on to the next octets that a match can begin with; yields the
    /// set behind them, or nil at the place where to go on octet by octet.
    private func passIdle(
        _ area: Span<UInt8>, _ set: PatternSets.Place, _ place: inout Int
    ) -> PatternSets.Place? {
        // The last octets may be continued by the newline behind the area.
        let last = area.count - prefix.count
        guard prefix.count > 0, place <= last, set == sets.entry() else { return nil }
        guard let found = prefix.find(in: area, from: place) else {
            place = last + 1
            return place < area.count ? nil : set
        }
        place = found
        guard prefix.standsAlone else { return nil }
        place += prefix.count
        return sets.place(of: [prefix.next])
    }

    /// Goes over octets as long as it is known what they lead to; yields the set reached.
    static func follow(
        _ transitions: Span<PatternSets.Place>, _ set: PatternSets.Place, _ area: Span<UInt8>,
        _ place: inout Int
    ) -> PatternSets.Place {
        var (set, at) = (set, place)
        while at < area.count {
            let next = transitions[Int(set) &+ Int(area[at])]
            if next == set {
                // Most octets lead nowhere new: to ask for that lets the processor read ahead.
                at &+= 1
                continue
            }
            guard next >= 0 else { break }
            set = next
            at &+= 1
        }
        place = at
        return set
    }
}

extension Pattern {
    /// Octets that no match can begin with; none when the expression matches without any.
    fileprivate var idleOctets: [Bool] {
        var idle = [Bool](repeating: true, count: 256)
        var seen = [Bool](repeating: false, count: states.count)
        var waiting = [first]
        while let state = waiting.popLast() {
            guard !seen[state] else { continue }
            seen[state] = true
            switch states[state] {
            case .octets(let octets, _):
                for octet in 0..<256 where octets.contains(UInt8(octet)) { idle[octet] = false }
            case .split(let one, let other): waiting += [one, other]
            case .empty(let next), .mark(let next), .start(let next), .end(let next):
                waiting.append(next)
            case .accept: return [Bool](repeating: false, count: 256)
            }
        }
        return idle
    }
}
