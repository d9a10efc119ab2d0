import Bytes

/// A command line in which a shell would find nothing but words, quotes and simple variables: what it
/// would start is known without it.
struct PlainCommand: Equatable {
    let words: [[UInt8]]

    /// nil when the line needs a shell; `value` yields what is safe to put in unquoted, for a name.
    init?(_ line: [UInt8], value: @escaping (ArraySlice<UInt8>) -> [UInt8]?) {
        var reader = Reader(cursor: ByteCursor(line), value: value)
        guard let words = reader.words() else { return nil }
        self.words = words
    }

    private struct Reader {
        var cursor: ByteCursor
        let value: (ArraySlice<UInt8>) -> [UInt8]?
        private var word: [UInt8]?

        init(cursor: ByteCursor, value: @escaping (ArraySlice<UInt8>) -> [UInt8]?) {
            self.cursor = cursor
            self.value = value
        }

        mutating func words() -> [[UInt8]]? {
            var words: [[UInt8]] = []
            while true {
                cursor.skipBlanks()
                guard !cursor.isAtEnd else { break }
                word = nil
                guard takeWord() else { return nil }
                // A variable without value that stands alone is no word.
                if let word { words.append(word) }
            }
            // `exec` says what happens here anyway; `name=value` in front is an assignment.
            if words.first == Array("exec".utf8) { words.removeFirst() }
            guard let first = words.first, !first.isEmpty, !first.contains(UInt8(ascii: "=")) else {
                return nil
            }
            return words
        }

        /// Takes a word; false when it needs a shell.
        private mutating func takeWord() -> Bool {
            while let octet = cursor.peek, !octet.isBlank {
                _ = cursor.next()
                switch octet {
                case UInt8(ascii: "'"):
                    append(cursor.take(upTo: UInt8(ascii: "'")))
                    guard cursor.take(UInt8(ascii: "'")) else { return false }
                case UInt8(ascii: "\""):
                    append([])
                    guard takeQuoted() else { return false }
                case UInt8(ascii: "\\"):
                    guard let next = cursor.next(), next != .lf else { return false }
                    append([next])
                case UInt8(ascii: "$"):
                    guard let text = takeVariable() else { return false }
                    if !text.isEmpty { append(text) }
                default:
                    guard Self.meansNothing(octet) else { return false }
                    append([octet])
                }
            }
            return true
        }

        private mutating func takeQuoted() -> Bool {
            while let octet = cursor.next() {
                switch octet {
                case UInt8(ascii: "\""): return true
                case UInt8(ascii: "`"): return false
                case UInt8(ascii: "$"):
                    guard let text = takeVariable() else { return false }
                    append(text)
                case UInt8(ascii: "\\"):
                    guard let next = cursor.next(), next != .lf else { return false }
                    append("$`\"\\".utf8.contains(next) ? [next] : [octet, next])
                default: append([octet])
                }
            }
            return false
        }

        /// The value of `$name` or `${name}`; nil for every other form.
        private mutating func takeVariable() -> [UInt8]? {
            let isBraced = cursor.take(UInt8(ascii: "{"))
            guard let first = cursor.peek, first.isLetter || first == UInt8(ascii: "_") else {
                return nil
            }
            let name = cursor.take { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
            if isBraced, !cursor.take(UInt8(ascii: "}")) { return nil }
            return value(name)
        }

        private mutating func append(_ octets: some Collection<UInt8>) {
            word = (word ?? []) + octets
        }

        /// Octets that stand for themselves in every shell.
        private static func meansNothing(_ octet: UInt8) -> Bool {
            octet.isAlphanumeric || "@%-_=+:,./".utf8.contains(octet)
        }
    }
}
