import Bytes

/// Counts a message's size as Postfix does for `size=` and for the queue's list.
///
/// Postfix counts what its own queue file takes: for each line a letter, the length in groups of
/// seven bits and the line itself without its LF, and a line of more than line_length_limit octets
/// as several. Programs that sum up sizes from logs see the same figures.
package struct LoggedSize: Sendable {
    /// Postfix's default line_length_limit: longer lines take more than one record.
    private static let recordLimit = 2048

    /// Octets of whole lines so far.
    private var whole = 0
    /// Octets of the line that is not ended yet; nil between lines.
    private var open: Int?

    package init() {}

    package var value: Int { whole + (open.map(Self.cost) ?? 0) }

    package mutating func add(_ bytes: some Collection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: .lf) else {
                open = (open ?? 0) + rest.count
                return
            }
            whole += Self.cost((open ?? 0) + rest.distance(from: rest.startIndex, to: end))
            open = nil
            rest = rest[rest.index(after: end)...]
        }
    }

    private static func cost(_ line: Int) -> Int {
        let (full, last) = line.quotientAndRemainder(dividingBy: recordLimit)
        return full * recordCost(recordLimit) + recordCost(last)
    }

    private static func recordCost(_ octets: Int) -> Int { octets + (octets < 128 ? 2 : 3) }
}
