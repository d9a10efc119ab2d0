import Bytes

/// Replaces `$name` and its longer forms in configuration text, as postconf(5) describes them.
///
/// The forms are `$name`, `${name}`, `$(name)`, `${name?text}`, `${name:text}`, `${name?{a}:{b}}`,
/// `${{a} == {b} ? {c} : {d}}` and `$$`. Values are expanded in turn, to a depth that is limited.
struct Expansion {
    /// How deep names and braces may lie in each other: Postfix's limit.
    static let depthLimit = 100

    /// The unexpanded value of a name; nil when it has none.
    let raw: (String) -> String?

    struct Failure: Error, Equatable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    func expand(_ text: [UInt8], depth: Int = 0) throws(Failure) -> [UInt8] {
        guard text.contains(UInt8(ascii: "$")) else { return text }
        guard depth < Self.depthLimit else {
            throw Failure("unreasonable macro call nesting: \"\(String(printable: text))\"")
        }
        var cursor = ByteCursor(text)
        var out: [UInt8] = []
        while !cursor.isAtEnd {
            out += cursor.take(upTo: UInt8(ascii: "$"))
            guard cursor.take(UInt8(ascii: "$")) else { break }
            if cursor.take(UInt8(ascii: "$")) {
                out.append(UInt8(ascii: "$"))
            } else {
                out += try reference(&cursor, depth)
            }
        }
        return out
    }

    /// What stands after a `$`.
    private func reference(_ cursor: inout ByteCursor, _ depth: Int) throws(Failure) -> [UInt8] {
        let whole = cursor
        let open: UInt8 = cursor.peek ?? 0
        guard [UInt8(ascii: "{"), UInt8(ascii: "(")].contains(open) else {
            let name = cursor.take(while: \.isNameOctet)
            guard !name.isEmpty else { throw Failure("empty macro name: \"$\(whole.text)\"") }
            return try value(name, depth) ?? []
        }
        let close = open == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: ")")
        guard let inside = cursor.takeBalanced(open, close) else {
            throw Failure("truncated macro reference: \"$\(whole.text)\"")
        }
        var body = ByteCursor(inside)
        body.skipSpace()
        return body.peek == UInt8(ascii: "{")
            ? try conditional(&body, depth) : try named(&body, depth, whole)
    }

    /// `name`, `name?text` or `name:text`, within the braces.
    private func named(
        _ body: inout ByteCursor, _ depth: Int, _ whole: ByteCursor
    ) throws(Failure) -> [UInt8] {
        let name = body.take(while: \.isNameOctet)
        guard !name.isEmpty else { throw Failure("empty macro name: \"$\(whole.text)\"") }
        let found = try value(name, depth) ?? []
        body.skipSpace()
        guard let sign = body.next() else { return found }
        switch sign {
        case UInt8(ascii: "?"): return try choose(found.isEmpty ? .otherwise : .then, &body, depth)
        case UInt8(ascii: ":"):
            guard found.isEmpty else { return found }
            return try expand(alternative(&body), depth: depth + 1)
        default:
            let rest = String(printable: [sign] + body.rest)
            throw Failure(
                "attribute name syntax error at: \"...\(String(printable: name))>>>\(rest)\"")
        }
    }

    /// `{a} operator {b} ? {c} : {d}`, within the braces.
    private func conditional(_ body: inout ByteCursor, _ depth: Int) throws(Failure) -> [UInt8] {
        let left = try operand(&body, depth)
        body.skipSpace()
        let sign = body.take { !$0.isSpace && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "?") }
        body.skipSpace()
        let word = body.take { $0.isLetter }
        guard let comparison = Comparison(sign + word) else {
            throw Failure(
                "bad comparison operator: \"\(String(printable: sign + word))\"")
        }
        let right = try operand(&body, depth)
        body.skipSpace()
        guard body.take(UInt8(ascii: "?")) else {
            throw Failure("\"?\" expected at: \"...>>>\(body.text)\"")
        }
        return try choose(comparison.holds(left, right) ? .then : .otherwise, &body, depth)
    }

    private func operand(_ body: inout ByteCursor, _ depth: Int) throws(Failure) -> [UInt8] {
        body.skipSpace()
        guard let inside = body.takeBalanced(UInt8(ascii: "{"), UInt8(ascii: "}")) else {
            throw Failure("\"{\" expected at: \"...>>>\(body.text)\"")
        }
        return try expand(Array(inside.trimmed), depth: depth + 1)
    }

    private enum Branch { case then, otherwise }

    /// The chosen one of `{a}:{b}`, or of a text without braces that has no other branch.
    private func choose(
        _ branch: Branch, _ body: inout ByteCursor, _ depth: Int
    ) throws(Failure) -> [UInt8] {
        var ahead = body
        ahead.skipSpace()
        guard ahead.peek == UInt8(ascii: "{") else {
            return branch == .then ? try expand(Array(body.rest), depth: depth + 1) : []
        }
        guard let first = ahead.takeBalanced(UInt8(ascii: "{"), UInt8(ascii: "}")) else {
            throw Failure("truncated macro reference: \"\(body.text)\"")
        }
        ahead.skipSpace()
        var second: [UInt8] = []
        if !ahead.isAtEnd {
            guard ahead.take(UInt8(ascii: ":")) else {
                throw Failure("\":\" expected at: \"...}>>>\(ahead.text)\"")
            }
            second = alternative(&ahead)
        }
        return try expand(branch == .then ? Array(first.trimmed) : second, depth: depth + 1)
    }

    /// The text after `:`, in braces or bare.
    private func alternative(_ body: inout ByteCursor) -> [UInt8] {
        var ahead = body
        ahead.skipSpace()
        guard ahead.peek == UInt8(ascii: "{"),
            let inside = ahead.takeBalanced(UInt8(ascii: "{"), UInt8(ascii: "}"))
        else { return Array(body.rest) }
        return Array(inside.trimmed)
    }

    private func value(_ name: ArraySlice<UInt8>, _ depth: Int) throws(Failure) -> [UInt8]? {
        guard let text = raw(String(decoding: name, as: UTF8.self)) else { return nil }
        return try expand(Array(text.utf8), depth: depth + 1)
    }

    /// The names that a text refers to, whether or not a condition would use them.
    static func names(in text: [UInt8]) -> [String] {
        var cursor = ByteCursor(text)
        var names: [String] = []
        while !cursor.isAtEnd {
            _ = cursor.take(upTo: UInt8(ascii: "$"))
            guard cursor.take(UInt8(ascii: "$")) else { break }
            if cursor.take(UInt8(ascii: "$")) { continue }
            if cursor.peek == UInt8(ascii: "{") || cursor.peek == UInt8(ascii: "(") {
                _ = cursor.next()
            }
            cursor.skipSpace()
            let name = cursor.take(while: \.isNameOctet)
            if !name.isEmpty { names.append(String(decoding: name, as: UTF8.self)) }
        }
        return names
    }
}

extension UInt8 {
    /// May be part of a parameter's name in a reference.
    var isNameOctet: Bool { isAlphanumeric || self == UInt8(ascii: "_") }
}

extension ByteCursor {
    /// What is left, for a message.
    var text: String { String(printable: rest) }

    mutating func skipSpace() { _ = take(while: \.isSpace) }

    /// Consumes a group that begins with `open` and yields what is inside; nil when it is open.
    mutating func takeBalanced(_ open: UInt8, _ close: UInt8) -> ArraySlice<UInt8>? {
        var depth = 0
        var end = position
        while end < bytes.count {
            if bytes[end] == open { depth += 1 }
            if bytes[end] == close { depth -= 1 }
            end += 1
            if depth == 0 { break }
        }
        guard depth == 0, end - position >= 2 else { return nil }
        return take(end - position).dropFirst().dropLast()
    }
}
