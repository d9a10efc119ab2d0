import Bytes

/// The states that a search for `\/` has reached, each with the smallest place where the text for
/// MATCH may begin.
struct MarkThreads {
    /// Of a state in front of the `\/`.
    static let unmarked = Int.max
    private(set) var states: [Int] = []
    private(set) var starts: [Int]

    init(count: Int) { starts = [Int](repeating: -1, count: count) }

    mutating func clear() {
        for state in states { starts[state] = -1 }
        states.removeAll(keepingCapacity: true)
    }

    /// Adds a state unless it is there with no later begin.
    mutating func add(_ state: Int, _ start: Int) -> Bool {
        let known = starts[state]
        if known >= 0, known <= start { return false }
        if known < 0 { states.append(state) }
        starts[state] = start
        return true
    }
}

/// Searches for `\/`: the earliest begin of the part right of it wins, and with it the longest end.
extension PatternSearch {
    /// The best match so far; one that came around the `\/` has no text for MATCH.
    private struct Best {
        let start: Int
        var end: Int
        let isMarked: Bool

        init(_ start: Int, _ end: Int, _ isMarked: Bool) {
            (self.start, self.end, self.isMarked) = (start, end, isMarked)
        }
    }

    /// The match with its text for MATCH; `area` is known to hold one from `origin` on.
    ///
    /// Places count the newline in front: place 0 is before it, 1 is the area's first octet.
    func searchMark(_ area: Span<UInt8>, from origin: Int) -> Found? {
        defer { clearThreads() }
        var best: Best?
        let isAtLineStart = origin == 0 || area[origin - 1] == .lf
        var place = isAtLineStart ? origin : origin + 1
        while place <= area.count + 2 {
            if best == nil {
                if now.states.isEmpty { skipIdle(area, &place) }
                let anchors = (start: place == 1, end: place == area.count + 1)
                add(pattern.first, MarkThreads.unmarked, place, anchors, toNext: false)
            }
            improve(&best, at: place)
            if let found = best {
                vainSteps += 1
                let isSettled =
                    place > 0
                    && now.states.allSatisfy { now.starts[$0] == found.start }
                if isSettled { best?.end = lengthened(found, area, from: place) }
                if isSettled || vainSteps > Self.vainLimit(area.count) { break }
            }
            guard place < area.count + 2 else { break }
            step(area, place, best?.start ?? MarkThreads.unmarked)
            place += 1
        }
        guard let best else { return nil }
        guard best.isMarked else { return Found(end: max(origin, best.end - 1), match: nil) }
        // What lies in the newline behind the area is no text.
        let begin = min(area.count, max(0, best.start - 1))
        let end = max(begin, min(area.count, best.end - 1))
        return Found(end: max(origin, best.end - 1), match: begin..<end)
    }

    /// Octets that may be gone over in vain.
    ///
    /// A weighted condition searches again and again, and must not look through the whole rest each
    /// time: beyond this the shortest end does.
    private static func vainLimit(_ count: Int) -> Int { 16 * (count + 4096) }

    /// Goes on to the next octet that a match can begin with.
    private func skipIdle(_ area: Span<UInt8>, _ place: inout Int) {
        // At the area's start and end there is more to see than octets.
        guard place > 1 else { return }
        while place <= area.count, idle[Int(area[place - 1])] { place += 1 }
    }

    /// Takes a match that ends at `place` if it begins no later than the best.
    private func improve(_ best: inout Best?, at place: Int) {
        for state in now.states {
            guard case .accept = pattern.states[state] else { continue }
            let start = min(now.starts[state], place)
            let isMarked = now.starts[state] != MarkThreads.unmarked
            if start <= best?.start ?? Int.max { best = Best(start, place, isMarked) }
        }
    }

    /// Steps every thread that can still be better than `limit` over the octet at `place`.
    private func step(_ area: Span<UInt8>, _ place: Int, _ limit: Int) {
        let octet = place == 0 || place > area.count ? .lf : area[place - 1]
        let anchors = (start: place == 0, end: place == area.count)
        for state in now.states {
            threadSteps += 1
            guard case .octets(let octets, let following) = pattern.states[state],
                octets.contains(octet)
            else { continue }
            let start = now.starts[state]
            if start <= limit { add(following, start, place + 1, anchors, toNext: true) }
        }
        now.clear()
        swap(&now, &next)
    }

    /// Where the longest match ends once every thread has the same begin.
    private func lengthened(
        _ found: Best, _ area: Span<UInt8>, from place: Int
    ) -> Int {
        let live = now.states.filter { state in
            if case .accept = pattern.states[state] { false } else { true }
        }
        var (end, place, set) = (found.end, place, ends.place(of: live))
        while place <= area.count, !ends.isDead(set), vainSteps <= Self.vainLimit(area.count) {
            set = ends.step(set, place == 0 ? .lf : area[place - 1])
            place += 1
            vainSteps += 1
            threadSteps += 1
            if PatternSets.isAccepting(set) {
                vainSteps -= place - end
                end = place
            }
        }
        guard place == area.count + 1 else { return end }
        let ended = ends.passingAnchors(set, atStart: false, atEnd: true)
        if PatternSets.isAccepting(ended) { end = place }
        return PatternSets.isAccepting(ends.step(set, .lf)) ? place + 1 : end
    }

    private func clearThreads() {
        now.clear()
        next.clear()
    }

    /// Adds a state and those that are reached from it without an octet, in the order of the expression.
    ///
    /// A `\/` that is passed on the way counts for the alternatives behind it, too, as with procmail:
    /// `()\/foo|bar` sets MATCH whichever of the two is found.
    private func add(
        _ state: Int, _ start: Int, _ place: Int, _ anchors: (start: Bool, end: Bool),
        toNext: Bool
    ) {
        var passed = MarkThreads.unmarked
        waiting.append((state, start))
        while let (state, start) = waiting.popLast() {
            let start = min(start, passed)
            threadSteps += 1
            guard toNext ? next.add(state, start) : now.add(state, start) else {
                continue
            }
            switch pattern.states[state] {
            case .octets, .accept: break
            case .split(let one, let other): waiting += [(other, start), (one, start)]
            case .empty(let target): waiting.append((target, start))
            case .mark(let target):
                passed = place
                waiting.append((target, place))
            case .start(let target): if anchors.start { waiting.append((target, start)) }
            case .end(let target):
                if anchors.end { passEnd(target, start, place, toNext: toNext) }
            }
        }
    }

    /// Behind the end of the area nothing is taken any more: only a match can end there.
    private func passEnd(_ state: Int, _ start: Int, _ place: Int, toNext: Bool) {
        var seen: Set<Int> = []
        var waiting = [(state: state, start: start)]
        while let (state, start) = waiting.popLast() {
            threadSteps += 1
            guard seen.insert(state).inserted else { continue }
            switch pattern.states[state] {
            case .octets, .start: break
            case .accept: _ = toNext ? next.add(state, start) : now.add(state, start)
            case .split(let one, let other): waiting += [(other, start), (one, start)]
            case .empty(let target), .end(let target): waiting.append((target, start))
            case .mark(let target): waiting.append((target, place))
            }
        }
    }
}
