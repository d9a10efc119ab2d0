import Bytes
import Posix

/// The kinds of values that main.cf has, read from their text.
package enum ParameterValue {
    /// A number of seconds with a unit: s, m, h, d or w.
    ///
    /// `unit` is the one of a number without a unit. nil: not a time, negative, or beyond what
    /// Postfix can hold.
    package static func seconds(_ text: String, unit: UInt8) -> Int? {
        var digits = Array(text.utf8)
        var unit = unit
        if let last = digits.last, last.isLetter {
            unit = last.lowercased
            digits.removeLast()
        }
        guard let factor = factors[unit], let count = Int32(decimal: digits) else { return nil }
        let (seconds, over) = count.multipliedReportingOverflow(by: factor)
        return over ? nil : Int(seconds)
    }

    private static let factors: [UInt8: Int32] = [
        UInt8(ascii: "s"): 1, UInt8(ascii: "m"): 60, UInt8(ascii: "h"): 3600,
        UInt8(ascii: "d"): 86400, UInt8(ascii: "w"): 604_800,
    ]

    /// The unit that a default such as `300s` ends in; seconds when it ends in none.
    package static func unit(of defaultText: String) -> UInt8 {
        guard let last = defaultText.utf8.last, factors[last] != nil else {
            return UInt8(ascii: "s")
        }
        return last
    }

    /// `yes` or `no`, in either case.
    package static func flag(_ text: String) -> Bool? {
        let bytes = Array(text.utf8)
        if bytes.equalsIgnoringCase("yes") { return true }
        return bytes.equalsIgnoringCase("no") ? false : nil
    }

    /// The words between commas and white space; `{` … `}` holds a word together.
    package static func words(_ text: String) -> [String] {
        var cursor = ByteCursor(Array(text.utf8))
        var words: [String] = []
        while true {
            _ = cursor.take { $0.isSpace || $0 == UInt8(ascii: ",") }
            guard !cursor.isAtEnd else { return words }
            var depth = 0
            let word = cursor.take { byte in
                if byte == UInt8(ascii: "{") { depth += 1 }
                if byte == UInt8(ascii: "}") { depth -= 1 }
                return depth > 0 || !(byte.isSpace || byte == UInt8(ascii: ","))
            }
            words.append(String(decoding: word, as: UTF8.self))
        }
    }

    /// The words of a list, where `/file` stands for the words in that file and `!/file` for each
    /// of them with `!` in front.
    package static func list(_ text: String) throws(ConfigurationError) -> [String] {
        try list(words(text), depth: 0)
    }

    /// How deep files may include each other.
    private static let inclusionLimit = 10
    /// The largest file that a list may include: 16 MiB, more than a table should hold as text.
    private static let fileLimit = 1 << 24

    private static func list(_ words: [String], depth: Int) throws(ConfigurationError) -> [String] {
        var out: [String] = []
        for word in words {
            let signs = word.prefix { $0 == "!" }
            let name = word.dropFirst(signs.count)
            guard name.utf8.first == UInt8(ascii: "/") else {
                out.append(word)
                continue
            }
            let file = Path(name)
            guard depth < inclusionLimit else {
                throw ConfigurationError(file: file, "too many files include each other")
            }
            let inner = try list(try contents(of: file), depth: depth + 1)
            out += signs.isEmpty ? inner : inner.map { signs + $0 }
        }
        return out
    }

    private static func contents(of file: Path) throws(ConfigurationError) -> [String] {
        do throws(SystemError) {
            let bytes = try FileDescriptor.open(file).readAll(limit: fileLimit)
            return LogicalLines(bytes).flatMap { words(String(decoding: $0.bytes, as: UTF8.self)) }
        } catch {
            throw ConfigurationError("open file \(file): \(error.reason)")
        }
    }
}
