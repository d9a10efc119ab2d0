import Bytes
import Settings

/// One item of a table's source: an entry, or what is odd about a line.
package enum SourceItem: Equatable, Sendable {
    case entry(SourceEntry)
    /// A line that is skipped because it begins with white space and continues nothing.
    case stray(String)
    /// A line that is skipped, and what was expected.
    case malformed(line: Int, String)
    /// The entry that follows is taken, but may not be what was meant.
    case suspicious(line: Int, String)
}

/// A key, its value and where they stand.
package struct SourceEntry: Equatable, Sendable {
    package let key: [UInt8]
    package let value: [UInt8]
    package let line: Int

    package init(key: [UInt8], value: [UInt8], line: Int) {
        self.key = key
        self.value = value
        self.line = line
    }
}

/// The source of postmap(1): lines of `key value`.
///
/// A key with blanks stands in double quotes, which stay a part of it.
package struct MapSource: Sequence, IteratorProtocol {
    private var lines: LogicalLines
    private let folding: Table.Folding
    private var pending: SourceItem?

    package init(_ text: some Collection<UInt8>, folding: Table.Folding = .lowercase) {
        lines = LogicalLines(text)
        self.folding = folding
    }

    package mutating func next() -> SourceItem? {
        if let item = pending {
            pending = nil
            return item
        }
        guard let line = lines.next() else { return nil }
        if line.isStray { return .stray(String(printable: line.bytes, limit: 30)) }
        guard let (key, value) = split(line.bytes) else {
            let text = String(printable: line.bytes, limit: 100)
            return .malformed(
                line: line.number, "unbalanced '\"' in '\(text)' -- ignoring this line")
        }
        guard !key.isEmpty, !value.isEmpty else {
            return .malformed(line: line.number, "expected format: key whitespace value")
        }
        let entry = SourceItem.entry(
            SourceEntry(
                key: folding == .lowercase ? key.lowercased : key, value: value,
                line: line.number))
        guard key.last == .colon else { return entry }
        pending = entry
        return .suspicious(
            line: line.number, "record is in \"key: value\" format; is this an alias file?")
    }

    /// The key and the value; nil when a quote is open.
    private func split(_ line: [UInt8]) -> (key: [UInt8], value: [UInt8])? {
        var cursor = ByteCursor(line)
        var isQuoted = false
        var isEscaped = false
        let key = cursor.take { byte in
            defer { isEscaped = !isEscaped && byte == .backslash }
            if byte == .quote, !isEscaped { isQuoted.toggle() }
            return isQuoted || !byte.isSpace
        }
        return isQuoted ? nil : (Array(key), Array(cursor.rest.trimmed))
    }
}
