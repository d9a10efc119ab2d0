import Bytes

/// One line of Dovecot's configuration language, taken apart.
enum DovecotLine: Equatable {
    case empty
    case setting(name: String, DovecotValue)
    case blockStart(name: String, label: String)
    case blockEnd
    case include(String, isOptional: Bool)

    init(_ line: [UInt8], at place: DovecotPlace) throws(DovecotError) {
        var cursor = ByteCursor(line)
        cursor.skipBlanks()
        switch cursor.peek {
        case nil, UInt8(ascii: "#"): self = .empty
        case UInt8(ascii: "!"): self = try Self.directive(&cursor, at: place)
        case UInt8(ascii: "}"):
            _ = cursor.next()
            guard withoutComment(cursor.rest).isEmpty else {
                throw DovecotError(place, "garbage after '}'")
            }
            self = .blockEnd
        default: self = try Self.named(&cursor, at: place)
        }
    }

    private static func directive(
        _ cursor: inout ByteCursor, at place: DovecotPlace
    ) throws(DovecotError) -> DovecotLine {
        let name = cursor.take { !$0.isBlank }
        cursor.skipBlanks()
        let file = try configurationText(withoutComment(cursor.rest), at: place)
        guard !file.isEmpty else { throw DovecotError(place, "an include without a file") }
        if name.elementsEqual("!include".utf8) { return .include(file, isOptional: false) }
        if name.elementsEqual("!include_try".utf8) { return .include(file, isOptional: true) }
        throw DovecotError(place, "unknown directive \(String(printable: name))")
    }

    /// A setting or the start of a block: both begin with a name.
    private static func named(
        _ cursor: inout ByteCursor, at place: DovecotPlace
    ) throws(DovecotError) -> DovecotLine {
        let name = try configurationText(
            cursor.take { !$0.isBlank && $0 != UInt8(ascii: "=") }, at: place)
        cursor.skipBlanks()
        if cursor.take(UInt8(ascii: "=")) {
            return .setting(name: name, try DovecotValue(cursor.rest, at: place))
        }
        let head = withoutComment(cursor.rest)
        guard head.last == UInt8(ascii: "{") else {
            if head.isEmpty, name.utf8.last == UInt8(ascii: "{"), name.utf8.count > 1 {
                return .blockStart(name: String(name.dropLast()), label: "")
            }
            throw DovecotError(place, "neither 'name = value' nor 'name {'")
        }
        let label = try unquoted(head.dropLast().trimmed, at: place)
        return .blockStart(name: name, label: label)
    }
}

/// What stands on the right of `=`.
enum DovecotValue: Equatable {
    /// Words and `$name`; a value `<FILE` stays as it is, no setting that is honoured takes one.
    case plain([UInt8])
    /// Exactly this: it stood in quotes.
    case quoted([UInt8])

    init(_ rest: ArraySlice<UInt8>, at place: DovecotPlace) throws(DovecotError) {
        let value = rest.trimmed
        if let quote = value.first, quote == .quote || quote == UInt8(ascii: "'") {
            if let inner = try DovecotValue.inQuotes(value, quote, at: place) {
                self = .quoted(inner)
                return
            }
        }
        self = .plain(Array(withoutComment(value)))
    }

    /// What the quotes hold, nil when something other than a comment follows them: then they are
    /// part of the value, as in `"%{user}" <x>`.
    private static func inQuotes(
        _ value: ArraySlice<UInt8>, _ quote: UInt8, at place: DovecotPlace
    ) throws(DovecotError) -> [UInt8]? {
        var cursor = ByteCursor(value.dropFirst())
        var inner: [UInt8] = []
        while let byte = cursor.next() {
            if byte == quote {
                let rest = cursor.rest
                return rest.isEmpty || withoutComment(rest).isEmpty ? inner : nil
            }
            if byte == .backslash, let escaped = cursor.next() {
                inner.append(escaped)
            } else {
                inner.append(byte)
            }
        }
        throw DovecotError(place, "missing \(String(latin1: [quote])) at the end of the value")
    }

    /// The value as text, `$name` replaced by what `lookUp` says.
    func text(
        at place: DovecotPlace, lookUp: (String) -> String
    ) throws(DovecotError) -> String {
        switch self {
        case .quoted(let bytes): return try configurationText(bytes, at: place)
        case .plain(let bytes):
            let words = bytes.split(separator: .space, omittingEmptySubsequences: false)
            var parts: [String] = []
            for word in words {
                if word.first == UInt8(ascii: "$"), word.count > 1 {
                    parts.append(lookUp(try configurationText(word.dropFirst(), at: place)))
                } else {
                    parts.append(try configurationText(word, at: place))
                }
            }
            return parts.joined(separator: " ")
        }
    }
}

/// The octets before a comment: a `#` at the start or after a blank.
private func withoutComment(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var before = UInt8.space
    for index in bytes.indices {
        if bytes[index] == UInt8(ascii: "#"), before.isBlank { return bytes[..<index].trimmed }
        before = bytes[index]
    }
    return bytes.trimmed
}

private func unquoted(
    _ bytes: ArraySlice<UInt8>, at place: DovecotPlace
) throws(DovecotError) -> String {
    let isQuoted = bytes.count >= 2 && bytes.first == .quote && bytes.last == .quote
    return try configurationText(isQuoted ? bytes.dropFirst().dropLast() : bytes, at: place)
}

private func configurationText(
    _ bytes: some Collection<UInt8>, at place: DovecotPlace
) throws(DovecotError) -> String {
    guard let text = String(utf8: bytes) else { throw DovecotError(place, "not UTF-8") }
    return text
}
