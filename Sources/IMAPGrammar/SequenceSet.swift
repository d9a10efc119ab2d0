import Bytes

/// Message numbers or UIDs as a client names them: `1`, `2:4`, `4:2`, `7:*`, `*`.
package struct SequenceSet: Equatable, Sendable {
    package enum Bound: Equatable, Sendable {
        case number(UInt32)
        /// `*`: the greatest number in use.
        case last
    }

    package struct Range: Equatable, Sendable {
        package let from: Bound
        package let to: Bound

        package init(_ from: Bound, _ to: Bound) {
            self.from = from
            self.to = to
        }
    }

    /// Elements of one set; more do not fit on a line in any case.
    package static let limit = 32_768

    package let ranges: [Range]

    package init(_ ranges: [Range]) { self.ranges = ranges }

    /// `limit` is a matter of the set's elements, not of the numbers that they span.
    package static func parse(_ cursor: inout CommandCursor) throws(SyntaxError) -> SequenceSet {
        var ranges: [Range] = []
        repeat {
            let from = try bound(&cursor)
            let to = cursor.take(.colon) ? try bound(&cursor) : from
            ranges.append(Range(from, to))
            guard ranges.count <= limit else { throw cursor.tooMany("ranges in a set") }
        } while cursor.take(UInt8(ascii: ","))
        return SequenceSet(ranges)
    }

    private static func bound(_ cursor: inout CommandCursor) throws(SyntaxError) -> Bound {
        if cursor.take(UInt8(ascii: "*")) { return .last }
        guard cursor.peek?.isDigit == true else { throw cursor.expected("a message number") }
        return .number(try cursor.nonZeroNumber())
    }

    /// The set in ascending order, without overlaps, `*` being `last`; whatever is in use, `*` and
    /// `n:*` mean `last` (RFC 3501 section 6.4.8).
    ///
    /// Nothing when `last` is 0, that is, when there is no message for `*` to mean, except what is
    /// named by number.
    package func resolved(last: UInt32) -> [ClosedRange<UInt32>] {
        var spans: [ClosedRange<UInt32>] = []
        for range in ranges {
            let (from, to) = (range.from.value(last), range.to.value(last))
            guard from > 0, to > 0 else { continue }
            spans.append(min(from, to)...max(from, to))
        }
        spans.sort { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<UInt32>] = []
        for span in spans {
            if let previous = merged.last, touches(previous, span) {
                merged[merged.count - 1] =
                    previous.lowerBound...max(previous.upperBound, span.upperBound)
            } else {
                merged.append(span)
            }
        }
        return merged
    }

    private func touches(_ left: ClosedRange<UInt32>, _ right: ClosedRange<UInt32>) -> Bool {
        left.upperBound == .max || right.lowerBound <= left.upperBound + 1
    }

    /// The greatest number that is named, `*` not counted; 0 when there is none.
    package var greatestNumber: UInt32 {
        ranges.map { max($0.from.value(0), $0.to.value(0)) }.max() ?? 0
    }

    /// Whether `*` stands in the set.
    package var namesLast: Bool { ranges.contains { $0.from == .last || $0.to == .last } }

    /// UIDs as a server writes them: ascending runs become ranges, other order stays (RFC 4315).
    package static func text(of numbers: [UInt32]) -> String {
        var text = ""
        var index = 0
        while index < numbers.count {
            var end = index
            while end + 1 < numbers.count, numbers[end] < .max,
                numbers[end + 1] == numbers[end] + 1
            {
                end += 1
            }
            if !text.isEmpty { text += "," }
            text += "\(numbers[index])"
            if end > index { text += ":\(numbers[end])" }
            index = end + 1
        }
        return text
    }
}

extension SequenceSet.Bound {
    fileprivate func value(_ last: UInt32) -> UInt32 {
        switch self {
        case .number(let number): number
        case .last: last
        }
    }
}
