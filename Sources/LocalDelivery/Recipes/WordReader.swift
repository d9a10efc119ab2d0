import Bytes

/// What the expansion of a word asks of whoever runs the recipes.
protocol ExpansionSource: AnyObject {
    func variable(_ name: [UInt8]) -> [UInt8]?
    /// The value of `$` followed by one of `0`…`9 # $ ? _ - =`.
    func parameter(_ name: UInt8) -> [UInt8]
    var arguments: [[UInt8]] { get }
    /// What the command in backquotes wrote, newlines at its end removed.
    func output(of command: [UInt8]) -> [UInt8]
    /// Whether a word of `length` octets may get `count` more by an expansion.
    func allows(_ count: Int, behind length: Int) -> Bool
    func report(_ text: String, _ quoted: some Collection<UInt8>)
}

/// Reads words of a recipe file: quotes, backslashes, `$` and backquotes, as sh has them.
///
/// Nothing is run and nothing is looked up while skipping: a block whose conditions did not hold is
/// read with the same rules and without effect.
struct WordReader {
    enum Kind {
        /// The value of an assignment: one word, never split.
        case value
        /// The words up to the end of the line; unquoted expansions are split.
        case line
        /// The same for a program, which `"$@"` gives the arguments of the command line.
        case command
        /// The words up to the end of the line as one text, with one blank between them; expansions
        /// stay whole.
        case spaced
    }

    private let source: any ExpansionSource
    private let isSkipping: Bool
    private var takesArguments = false
    private var cursor: ByteCursor
    private(set) var words: [[UInt8]] = []
    private var word: [UInt8]?
    /// The words that `"$@"` became, where it stands alone.
    private var argumentWords: Range<Int>?
    /// Where a quote or a brace begins that was never closed: the rest of the file has been taken for
    /// its text.
    private(set) var unclosed: Int?

    /// Levels of `${a:-${b:-…}}` before the rest is taken as text.
    private static let depthLimit = 50

    init(_ cursor: ByteCursor, source: any ExpansionSource, isSkipping: Bool = false) {
        self.cursor = cursor
        self.source = source
        self.isSkipping = isSkipping
    }

    /// The words as logs show them: `"$@"` is empty there.
    var shownWords: [[UInt8]] {
        guard let range = argumentWords else { return words }
        return words[..<range.lowerBound] + [[]] + words[range.upperBound...]
    }

    /// Where reading ended.
    var position: Int { cursor.position }

    /// Reads what `kind` says and yields all of it as one text, words joined by a blank.
    mutating func read(_ kind: Kind) {
        switch kind {
        case .value: readValue()
        case .line: readLine()
        case .command:
            takesArguments = true
            readLine()
        case .spaced: readSpaced()
        }
    }

    /// The one word of a value or of spaced text.
    var text: [UInt8] { words.first ?? [] }

    private mutating func readValue() {
        cursor.skipBlanks()
        if cursor.peek == UInt8(ascii: "#") { return skipComment() }
        word = []
        while let octet = cursor.peek, octet != .lf, !octet.isBlank {
            takeUnquoted(splitting: false, depth: 0)
        }
        endWord()
    }

    private mutating func readLine() {
        while let octet = cursor.peek, octet != .lf {
            if octet.isBlank {
                endWord()
                cursor.skipBlanks()
            } else if octet == UInt8(ascii: "#"), word == nil {
                skipComment()
            } else {
                takeUnquoted(splitting: true, depth: 0)
            }
        }
        endWord()
    }

    private mutating func readSpaced() {
        word = []
        var isBetween = true
        while let octet = cursor.peek, octet != .lf {
            if octet.isBlank {
                if !isBetween { append([.space]) }
                isBetween = true
                cursor.skipBlanks()
            } else if octet == UInt8(ascii: "#"), isBetween {
                skipComment()
            } else {
                takeUnquoted(splitting: false, depth: 0)
                isBetween = false
            }
        }
        endWord()
    }

    private mutating func skipComment() { _ = cursor.take(upTo: .lf) }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
    }

    private mutating func append(_ octets: some Collection<UInt8>) {
        if word == nil { word = [] }
        word?.append(contentsOf: octets)
    }

    /// Adds the value of an expansion; unquoted ones of a line are split at blanks and newlines.
    private mutating func append(value: [UInt8], splitting: Bool) {
        guard source.allows(value.count, behind: word?.count ?? 0) else {
            return source.report("Left out of a value that would be too long:", value.prefix(40))
        }
        guard splitting else { return append(value) }
        var rest = value[...]
        while !rest.isEmpty {
            let part = rest.prefix { $0 != .space && $0 != .tab && $0 != .lf }
            if !part.isEmpty { append(part) }
            rest = rest.dropFirst(part.count)
            if rest.popFirst() != nil { endWord() }
        }
    }
}

extension WordReader {
    /// Takes one character, quoted part or expansion outside of quotes.
    private mutating func takeUnquoted(splitting: Bool, depth: Int) {
        switch cursor.next() {
        case UInt8(ascii: "'"): takeSingleQuoted()
        case UInt8(ascii: "\""):
            append([])
            takeDoubleQuoted(depth: depth)
        case UInt8(ascii: "\\"):
            guard let octet = cursor.next() else { return append([.backslash]) }
            if octet != .lf { append([octet]) }
        case UInt8(ascii: "$"): takeDollar(splitting: splitting, isQuoted: false, depth: depth)
        case UInt8(ascii: "`"): takeBackquoted(splitting: splitting, isQuoted: false)
        case let octet?: append([octet])
        case nil: break
        }
    }

    private mutating func takeSingleQuoted() {
        let begin = cursor.position - 1
        append(cursor.take(upTo: UInt8(ascii: "'")))
        if !cursor.take(UInt8(ascii: "'")) { unclosed = unclosed ?? begin }
    }

    private mutating func takeDoubleQuoted(depth: Int) {
        let begin = cursor.position - 1
        while let octet = cursor.peek {
            if octet == UInt8(ascii: "\"") {
                _ = cursor.next()
                return
            }
            takeInQuotes(splitting: false, depth: depth, end: nil)
        }
        unclosed = unclosed ?? begin
    }

    /// Takes one character or expansion inside double quotes, or inside the braces of `${a:-…}`,
    /// where `end` can be escaped too.
    private mutating func takeInQuotes(splitting: Bool, depth: Int, end: UInt8?) {
        switch cursor.next() {
        case UInt8(ascii: "\\"):
            switch cursor.peek {
            case .lf?: _ = cursor.next()
            case UInt8(ascii: "\"")?, UInt8(ascii: "\\")?, UInt8(ascii: "$")?, UInt8(ascii: "`")?:
                append(cursor.take(1))
            case let octet? where octet == end: append(cursor.take(1))
            default: append([.backslash])
            }
        case UInt8(ascii: "$"): takeDollar(splitting: splitting, isQuoted: true, depth: depth)
        case UInt8(ascii: "`"): takeBackquoted(splitting: splitting, isQuoted: true)
        case let octet?: append([octet])
        case nil: break
        }
    }

    /// The command up to the next backquote that has no backslash before it.
    private mutating func takeBackquoted(splitting: Bool, isQuoted: Bool) {
        let begin = cursor.position - 1
        var command: [UInt8] = []
        while let octet = cursor.next() {
            if octet == UInt8(ascii: "`") {
                if !isSkipping { append(value: source.output(of: command), splitting: splitting) }
                return
            }
            if octet == .backslash, let next = cursor.peek,
                next == UInt8(ascii: "`") || next == .backslash || (isQuoted && next == .quote)
            {
                command += cursor.take(1)
            } else {
                command.append(octet)
            }
        }
        unclosed = unclosed ?? begin
    }
}

extension WordReader {
    /// Takes what stands behind a `$`.
    private mutating func takeDollar(splitting: Bool, isQuoted: Bool, depth: Int) {
        switch cursor.peek {
        case UInt8(ascii: "{")?:
            takeBraced(splitting: splitting, isQuoted: isQuoted, depth: depth)
        case UInt8(ascii: "\\")?:
            _ = cursor.next()
            let name = takeName()
            if !isSkipping {
                let quoted = Self.quotedForPattern(source.variable(name) ?? [])
                append(value: quoted, splitting: false)
            }
        case UInt8(ascii: "@")? where isQuoted:
            _ = cursor.next()
            if !isSkipping, takesArguments { appendArguments() }
        // As procmail has it: the sign is gone.
        case UInt8(ascii: "@")?: append([])
        case UInt8(ascii: "_")? where !(cursor.peek(at: 1)?.isNameOctet ?? false):
            takeParameter(splitting: splitting)
        case let octet? where octet.isLetter || octet == UInt8(ascii: "_"):
            let name = takeName()
            if !isSkipping { append(value: source.variable(name) ?? [], splitting: splitting) }
        case let octet? where octet.isDigit || "#$?-=".utf8.contains(octet):
            takeParameter(splitting: splitting)
        default: append([UInt8(ascii: "$")])
        }
    }

    private mutating func takeParameter(splitting: Bool) {
        guard let name = cursor.next(), !isSkipping else { return }
        append(value: source.parameter(name), splitting: splitting)
    }

    private mutating func takeName() -> [UInt8] { Array(cursor.take(while: \.isNameOctet)) }

    /// `"$@"`: each argument a word of its own.
    private mutating func appendArguments() {
        let isAlone = word?.isEmpty ?? true
        let begin = words.count
        for (place, argument) in source.arguments.enumerated() {
            if place > 0 { endWord() }
            append(value: argument, splitting: false)
        }
        if isAlone, !source.arguments.isEmpty { argumentWords = begin..<words.count + 1 }
    }

    /// `${name}`, `${name:-text}` and its kin.
    private mutating func takeBraced(splitting: Bool, isQuoted: Bool, depth: Int) {
        _ = cursor.next()
        var name = takeName()
        var isParameter = false
        if name.isEmpty, let octet = cursor.peek, "#$?-=".utf8.contains(octet) {
            name = Array(cursor.take(1))
            isParameter = true
        } else if let first = name.first, first.isDigit || name == [UInt8(ascii: "_")] {
            isParameter = name.count == 1
        }
        if let first = name.first, first.isDigit, name.count > 1 {
            _ = cursor.next()
            return source.report("Bad substitution of", name)
        }
        let value = isParameter ? source.parameter(name[0]) : source.variable(name)
        if cursor.take(UInt8(ascii: "}")) {
            if !isSkipping { append(value: value ?? [], splitting: splitting) }
            return
        }
        let countsEmpty = cursor.take(UInt8(ascii: ":"))
        let isSet = countsEmpty ? !(value ?? []).isEmpty : value != nil
        switch cursor.next() {
        case UInt8(ascii: "-")?:
            let text = takeBraceText(isChosen: !isSet, depth: depth)
            append(value: isSet ? value ?? [] : text, splitting: splitting)
        case UInt8(ascii: "+")?:
            let text = takeBraceText(isChosen: isSet, depth: depth)
            if isSet { append(value: text, splitting: splitting) }
        default:
            // What follows the odd character is text.
            source.report("Bad substitution of", name)
        }
    }

    /// The text up to the closing brace, expanded when it is the chosen one.
    private mutating func takeBraceText(isChosen: Bool, depth: Int) -> [UInt8] {
        let begin = cursor.position - 1
        var inner = WordReader(cursor, source: source, isSkipping: isSkipping || !isChosen)
        inner.word = []
        while let octet = inner.cursor.peek, octet != UInt8(ascii: "}") {
            switch octet {
            case UInt8(ascii: "'"):
                _ = inner.cursor.next()
                inner.takeSingleQuoted()
            case UInt8(ascii: "\""):
                _ = inner.cursor.next()
                inner.takeDoubleQuoted(depth: depth + 1)
            case UInt8(ascii: "$") where depth >= Self.depthLimit:
                inner.append(inner.cursor.take(1))
            default: inner.takeInQuotes(splitting: false, depth: depth + 1, end: UInt8(ascii: "}"))
            }
        }
        inner.endWord()
        let isClosed = inner.cursor.take(UInt8(ascii: "}"))
        unclosed = unclosed ?? inner.unclosed ?? (isClosed ? nil : begin)
        cursor.move(to: inner.cursor.position)
        return inner.words.isEmpty ? [] : Array(inner.words.joined(separator: [.space]))
    }

    /// The value as an expression that matches just it, for `$\name`.
    static func quotedForPattern(_ value: [UInt8]) -> [UInt8] {
        var out = Array("()".utf8)
        for octet in value {
            if "(|)*?+.^$[\\".utf8.contains(octet) { out.append(.backslash) }
            out.append(octet)
        }
        return out
    }
}

extension UInt8 {
    /// Part of a variable's name.
    var isNameOctet: Bool { isAlphanumeric || self == UInt8(ascii: "_") }
}
