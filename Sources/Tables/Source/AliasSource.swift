import Bytes
import Settings

/// The source of postalias(1): lines of `name: value`, as aliases(5) has them.
///
/// The name may be quoted; a comment in parentheses may stand beside it. Names are folded to small
/// letters, and must be local: no domain.
package struct AliasSource: Sequence, IteratorProtocol {
    private var lines: LogicalLines
    private let folding: Table.Folding

    package init(_ text: some Collection<UInt8>, folding: Table.Folding = .lowercase) {
        lines = LogicalLines(text)
        self.folding = folding
    }

    package mutating func next() -> SourceItem? {
        guard let line = lines.next() else { return nil }
        if line.isStray { return .stray(String(printable: line.bytes, limit: 30)) }
        var cursor = ByteCursor(line.bytes)
        let name = AliasName(&cursor)
        guard cursor.take(.colon), !name.text.isEmpty, !cursor.rest.trimmed.isEmpty else {
            return .malformed(line: line.number, "need name:value pair")
        }
        guard name.isLocal else { return .malformed(line: line.number, "name must be local") }
        return .entry(
            SourceEntry(
                key: folding == .lowercase ? name.text.lowercased : name.text,
                value: Self.condensed(cursor.rest.trimmed), line: line.number))
    }

    /// A list with one blank after each comma and between words, none before a comma; what stands in
    /// quotes or behind a backslash stays.
    private static func condensed(_ value: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        var isAfterBlank = false
        var isAfterComma = false
        for byte in value {
            if byte.isSpace, !isQuoted, !isEscaped {
                isAfterBlank = true
                continue
            }
            let isComma = byte == UInt8(ascii: ",") && !isQuoted && !isEscaped
            if isAfterBlank, !isComma, !isAfterComma { out.append(.space) }
            isAfterBlank = false
            isAfterComma = isComma
            out += isComma ? [byte, .space] : [byte]
            if byte == .quote, !isEscaped { isQuoted.toggle() }
            isEscaped = byte == .backslash && !isEscaped
        }
        return out
    }
}

/// The left side of an alias: words and quoted texts up to the colon, unquoted.
private struct AliasName {
    private(set) var text: [UInt8] = []
    /// No domain; several words are one name.
    private(set) var isLocal = true

    init(_ cursor: inout ByteCursor) {
        var isAfterBlank = false
        while let byte = cursor.peek, byte != .colon {
            if byte.isSpace {
                cursor.skipSpace()
                isAfterBlank = true
                continue
            }
            if byte == UInt8(ascii: "(") {
                cursor.skipComment()
                continue
            }
            if isAfterBlank, !text.isEmpty { text.append(.space) }
            isAfterBlank = false
            if byte == .quote {
                text += cursor.takeQuoted()
            } else {
                if byte == .at { isLocal = false }
                text.append(byte)
                _ = cursor.next()
            }
        }
    }
}

extension ByteCursor {
    mutating func skipSpace() { _ = take(while: \.isSpace) }

    /// Consumes a comment in parentheses, those within it too; an open one ends with the text.
    mutating func skipComment() {
        var depth = 0
        while let byte = next() {
            if byte == .backslash { _ = next() }
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { return }
        }
    }

    /// Consumes a quoted text and yields it without quotes and backslashes; an open one ends
    /// with the text.
    mutating func takeQuoted() -> [UInt8] {
        guard take(.quote) else { return [] }
        var text: [UInt8] = []
        while let byte = next(), byte != .quote {
            if byte == .backslash {
                if let quoted = next() { text.append(quoted) }
            } else {
                text.append(byte)
            }
        }
        return text
    }
}
