@testable import Recipes

/// Fuzzes expressions: the search finds what a plain simulation finds, in no more steps than octets times
/// states, and MATCH lies in the text.
///
/// What stands before the first newline is the expression, the rest the text.
@c(LLVMFuzzerTestOneInput)
public func fuzzPattern(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: min(count, 4096)))
    let expression = Array(input.prefix { $0 != 0x0A })
    let area = Array(input.dropFirst(expression.count + 1))
    guard let pattern = try? Pattern(expression) else { return 0 }
    let search = PatternSearch(pattern)
    let found = search.search(area.span)
    if pattern.hasMark {
        if (found != nil) != (plainEnd(pattern, area) != nil) { fatalError("another answer") }
        if let match = found?.match, match.upperBound > area.count { fatalError("outside") }
    } else if found?.end != plainEnd(pattern, area) {
        fatalError("another end")
    }
    // As a weighted condition searches: again and again.
    var place = 0
    while let next = search.search(area.span, from: place), next.end > place { place = next.end }
    let limit = (area.count + 4096) * (pattern.states.count + 4) * 32
    if search.steps > limit { fatalError("\(search.steps) steps, more than \(limit)") }
    return 0
}

/// The end of the shortest match, by sets of states and nothing clever.
private func plainEnd(_ pattern: Pattern, _ area: [UInt8]) -> Int? {
    var now: Set<Int> = []
    let text = [0x0A] + area + [0x0A]
    for place in 0...text.count {
        let atStart = place == 1
        let atEnd = place == area.count + 1
        let entered = closure(pattern, now.union([pattern.first]), atStart, false)
        if entered.contains(where: { isAccept(pattern, $0) }) {
            return min(max(0, place - 1), area.count + 1)
        }
        if atEnd,
            closure(pattern, entered, atStart, true).contains(where: { isAccept(pattern, $0) })
        {
            return area.count
        }
        guard place < text.count else { break }
        now = []
        for state in entered {
            if case .octets(let set, let next) = pattern.states[state], set.contains(text[place]) {
                now.insert(next)
            }
        }
    }
    return nil
}

private func isAccept(_ pattern: Pattern, _ state: Int) -> Bool {
    if case .accept = pattern.states[state] { true } else { false }
}

private func closure(_ pattern: Pattern, _ states: Set<Int>, _ atStart: Bool, _ atEnd: Bool) -> Set<
    Int
> {
    var seen: Set<Int> = []
    var waiting = Array(states)
    while let state = waiting.popLast() {
        guard seen.insert(state).inserted else { continue }
        switch pattern.states[state] {
        case .octets, .accept: break
        case .split(let one, let other): waiting += [one, other]
        case .empty(let next), .mark(let next): waiting.append(next)
        case .start(let next): if atStart { waiting.append(next) }
        case .end(let next): if atEnd { waiting.append(next) }
        }
    }
    return seen
}
