import Bytes

/// Cuts a line that an SMTP client sent into a verb and its arguments, as leniently as Postfix does.
package struct CommandLine: Equatable, Sendable {
    /// One argument: a word, in which quotes and angle brackets may hold blanks.
    package struct Argument: Equatable, Sendable {
        package let bytes: [UInt8]
        /// A quote or bracket was opened and never closed.
        package let isOpen: Bool

        package init(_ bytes: [UInt8], isOpen: Bool = false) {
            self.bytes = bytes
            self.isOpen = isOpen
        }
    }

    /// The verb in capitals; empty for an empty line.
    package let verb: [UInt8]
    package let arguments: [Argument]

    package init(_ line: some Collection<UInt8>) {
        var cursor = ByteCursor(line)
        var words: [Argument] = []
        while let word = Self.takeWord(&cursor) { words.append(word) }
        verb = words.first?.bytes.uppercased ?? []
        arguments = Array(words.dropFirst())
    }

    private static func takeWord(_ cursor: inout ByteCursor) -> Argument? {
        _ = cursor.take(while: \.isSpace)
        guard !cursor.isAtEnd else { return nil }
        var word: [UInt8] = []
        while let byte = cursor.peek, !byte.isSpace {
            if let close = closing(of: byte) {
                guard takeEnclosed(&cursor, until: close, into: &word) else {
                    return Argument(word, isOpen: true)
                }
                continue
            }
            if byte == .backslash {
                word.append(contentsOf: cursor.take(2))
            } else {
                word.append(byte)
                _ = cursor.next()
            }
            // `FROM:<a@b>` and `FROM: a@b` are the same two words.
            if byte == .colon, isPathKeyword(word) { break }
        }
        return Argument(word)
    }

    private static func isPathKeyword(_ word: [UInt8]) -> Bool {
        word.equalsIgnoringCase("FROM:") || word.equalsIgnoringCase("TO:")
    }

    private static func closing(of byte: UInt8) -> UInt8? {
        switch byte {
        case .less: .greater
        case .quote: .quote
        default: nil
        }
    }

    /// Takes from an opening octet to what closes it; false when the line ends before.
    private static func takeEnclosed(
        _ cursor: inout ByteCursor, until close: UInt8, into word: inout [UInt8]
    ) -> Bool {
        word.append(contentsOf: cursor.take(1))
        var isQuoted = close == .quote
        while let byte = cursor.next() {
            word.append(byte)
            if byte == .backslash {
                word.append(contentsOf: cursor.take(1))
            } else if byte == close, close == .quote || !isQuoted {
                return true
            } else if byte == .quote {
                isQuoted.toggle()
            }
        }
        return false
    }
}
