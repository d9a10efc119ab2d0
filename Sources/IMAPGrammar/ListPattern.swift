import Bytes

/// A mailbox name with the wildcards `*` (anything) and `%` (anything within one level).
///
/// Matching costs at most the product of both lengths, whatever the wildcards; no backtracking.
package struct ListPattern: Sendable {
    private let pattern: [UInt8]
    private let separator: UInt8

    /// `inbox` at the begin is INBOX in any case, as names have it.
    package init(_ pattern: [UInt8], separator: UInt8) {
        self.pattern = Self.withoutRepeats(pattern)
        self.separator = separator
    }

    /// Side by side wildcards match what the stronger of them does.
    private static func withoutRepeats(_ pattern: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for byte in pattern {
            if byte.isWildcard, let last = out.last, last.isWildcard {
                if byte == UInt8(ascii: "*") { out[out.count - 1] = byte }
            } else {
                out.append(byte)
            }
        }
        return out
    }

    package func matches(_ name: [UInt8]) -> Bool {
        // INBOX compares without case; all other names are octets.
        let isInbox = name.equalsIgnoringCase("INBOX")
        // `reached[i]`: the first i octets of the pattern match what was read of the name.
        var reached = [Bool](repeating: false, count: pattern.count + 1)
        reached[0] = true
        passWildcards(&reached)
        for byte in name {
            var next = [Bool](repeating: false, count: reached.count)
            for index in pattern.indices where reached[index] {
                let wanted = pattern[index]
                if wanted == UInt8(ascii: "*") || (wanted == UInt8(ascii: "%") && byte != separator)
                {
                    next[index] = true
                } else if isInbox
                    ? wanted.lowercased == byte.lowercased : wanted == byte, !wanted.isWildcard
                {
                    next[index + 1] = true
                }
            }
            passWildcards(&next)
            reached = next
        }
        return reached[pattern.count]
    }

    /// A wildcard may match nothing.
    private func passWildcards(_ reached: inout [Bool]) {
        for index in pattern.indices where reached[index] && pattern[index].isWildcard {
            reached[index + 1] = true
        }
    }
}

extension UInt8 {
    fileprivate var isWildcard: Bool {
        self == UInt8(ascii: "*") || self == UInt8(ascii: "%")
    }
}
