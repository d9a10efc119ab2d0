import Bytes

/// One condition of a recipe: its text, taken apart from left to right.
struct Condition {
    /// What is searched.
    enum Area: Equatable {
        case header, body, both
        case variable([UInt8])
    }

    enum Test: Equatable {
        case pattern([UInt8])
        case program([UInt8])
        /// `<` or `>`, and what follows.
        case size(isLess: Bool, [UInt8])
        /// `$`: the rest is to be expanded and then read as a condition again.
        case expanded([UInt8])
    }

    var isNegated = false
    var weight: (Double, Double)?
    var area: Area?
    /// The area stands before a `??` of this condition.
    private(set) var hasOwnArea = false
    var test = Test.pattern([])
    /// The backslash in front of an expression, which only keeps it from being read as something else
    /// and is still shown.
    private(set) var isEscaped = false

    /// Reads `text` up to a test, or to a `$` that must be expanded before more can be known.
    init(_ text: [UInt8], searchesCase flags: RecipeFlags) {
        if flags.contains(.body) { area = flags.contains(.header) ? .both : .body }
        var end = text.count
        while end > 0, text[end - 1].isBlank { end -= 1 }
        read(Array(text[..<end]))
    }

    /// Goes on with `text`, what was read before kept.
    mutating func read(_ text: [UInt8]) {
        var cursor = ByteCursor(text)
        while true {
            Self.skipFolds(&cursor)
            switch cursor.peek {
            case UInt8(ascii: "!")?:
                _ = cursor.next()
                isNegated.toggle()
            case UInt8(ascii: "$")?:
                _ = cursor.next()
                test = .expanded(Array(cursor.rest))
                return
            case UInt8(ascii: "?")?:
                _ = cursor.next()
                test = .program(Array(cursor.rest))
                return
            case UInt8(ascii: "<")?, UInt8(ascii: ">")?:
                test = .size(isLess: cursor.next() == UInt8(ascii: "<"), Array(cursor.rest))
                return
            default:
                if takeWeight(&cursor) || takeArea(&cursor) { continue }
                // One backslash in front only keeps what follows from being read as above.
                isEscaped = cursor.take(.backslash)
                test = .pattern(Self.joined(cursor.rest))
                return
            }
        }
    }

    /// `w^x` in front of a test.
    private mutating func takeWeight(_ cursor: inout ByteCursor) -> Bool {
        let begin = cursor.position
        if let weight = takeReal(&cursor) {
            cursor.skipBlanks()
            if cursor.take(UInt8(ascii: "^")) {
                cursor.skipBlanks()
                if let exponent = takeReal(&cursor) {
                    self.weight = (weight, exponent)
                    return true
                }
            }
        }
        cursor.move(to: begin)
        return false
    }

    private func takeReal(_ cursor: inout ByteCursor) -> Double? {
        let begin = cursor.position
        if !cursor.take(UInt8(ascii: "-")) { _ = cursor.take(UInt8(ascii: "+")) }
        var count = cursor.take(while: \.isDigit).count
        if cursor.take(.dot) { count += cursor.take(while: \.isDigit).count }
        if count > 0 { takeExponent(&cursor) }
        let text = cursor.bytes[begin..<cursor.position]
        if count > 0, let value = Double(String(printable: text)) { return value }
        cursor.move(to: begin)
        return nil
    }

    /// `e` and a whole number behind a real one.
    private func takeExponent(_ cursor: inout ByteCursor) {
        let begin = cursor.position
        guard cursor.next()?.lowercased == UInt8(ascii: "e") else { return cursor.move(to: begin) }
        if !cursor.take(UInt8(ascii: "-")) { _ = cursor.take(UInt8(ascii: "+")) }
        if cursor.take(while: \.isDigit).isEmpty { cursor.move(to: begin) }
    }

    /// `NAME ??` in front of a test.
    private mutating func takeArea(_ cursor: inout ByteCursor) -> Bool {
        let begin = cursor.position
        let name = Array(cursor.take(while: \.isNameOctet))
        cursor.skipBlanks()
        guard let first = name.first, !first.isDigit,
            cursor.take(UInt8(ascii: "?")), cursor.take(UInt8(ascii: "?"))
        else {
            cursor.move(to: begin)
            return false
        }
        hasOwnArea = true
        switch String(printable: name) {
        case "H": area = .header
        case "B": area = .body
        case "HB", "BH": area = .both
        default: area = .variable(name)
        }
        return true
    }

    private static func skipFolds(_ cursor: inout ByteCursor) {
        while let octet = cursor.peek {
            if octet.isSpace {
                _ = cursor.next()
            } else if octet == .backslash, cursor.peek(at: 1) == .lf {
                _ = cursor.take(2)
            } else {
                return
            }
        }
    }

    /// An expression whose lines are joined: a backslash in front of a newline goes with it, and the
    /// blanks behind any newline.
    static func joined(_ text: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var isAtStart = false
        for octet in text {
            if octet == .lf, out.last == .backslash {
                out.removeLast()
                isAtStart = true
            } else if !(isAtStart && octet.isBlank) {
                out.append(octet)
                isAtStart = octet == .lf
            }
        }
        return out
    }
}
