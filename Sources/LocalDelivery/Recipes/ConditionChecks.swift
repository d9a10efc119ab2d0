import Bytes

/// What can be wrong in a condition.
extension RecipeChecker {
    func checkCondition(_ text: [UInt8], at place: Int, _ flags: RecipeFlags) {
        var condition = Condition(text, searchesCase: flags)
        usesUnknown = false
        for _ in 0..<Self.expansionLimit {
            guard case .expanded(let inner) = condition.test else { break }
            let quoted = [UInt8.quote] + inner.drop { $0.isBlank }
            var reader = WordReader(ByteCursor(quoted), source: self)
            reader.read(.spaced)
            // What only the run can know cannot be checked.
            if usesUnknown { return }
            condition.read(reader.text)
        }
        switch condition.test {
        case .expanded: error(place, "this expands without end")
        case .pattern(let expression): check(expression, of: condition, at: place, text)
        case .program(let command):
            if command.allSatisfy({ $0.isSpace }) { error(place, "no program to run") }
        case .size(_, let number): checkSize(number, at: place)
        }
    }

    private static let expansionLimit = 16

    private func check(
        _ expression: [UInt8], of condition: Condition, at place: Int, _ text: [UInt8]
    ) {
        let begin = place + (text.count - min(text.count, expression.count))
        do throws(PatternError) { _ = try Pattern(expression) } catch {
            // With a macro in it the place counts what the macro stands for.
            let isPlain = PatternMacros.expand(expression).text == expression
            let offset = isPlain ? min(error.position, expression.count) : 0
            self.error(begin + offset, "not a valid expression: \(Self.words(error.reason))")
        }
        if condition.isEscaped, let first = expression.first {
            warn(
                begin,
                "the backslash in front is dropped: \(shown([first])) is not escaped (write ()\\)")
        }
        warnOfOtherDialects(expression, begin)
    }

    private static func words(_ reason: PatternError.Reason) -> String {
        switch reason {
        case .unclosedGroup: "a ( is never closed"
        case .unexpectedClose: "this ) closes nothing"
        case .tooLong: "it is too long"
        }
    }

    /// What other programs' expressions have and these have not.
    private func warnOfOtherDialects(_ expression: [UInt8], _ begin: Int) {
        var cursor = ByteCursor(expression)
        while let octet = cursor.next() {
            let place = begin + cursor.position - 1
            if octet == .backslash, let next = cursor.next() {
                if "dwsbDWSBntr".utf8.contains(next) {
                    warn(place, "\\\(shown([next]).dropFirst().dropLast()) is only that letter")
                }
            } else if octet == UInt8(ascii: "["),
                cursor.rest.starts(with: "[:".utf8)
            {
                warn(place, "there are no named classes such as [:alpha:]")
            } else if octet == UInt8(ascii: "{"), cursor.peek?.isDigit ?? false {
                warn(place, "braces do not count repetitions: they stand for themselves")
            }
        }
    }

    private func checkSize(_ text: [UInt8], at place: Int) {
        var reader = WordReader(ByteCursor(text), source: self)
        reader.read(.line)
        guard !usesUnknown else { return }
        let word = reader.words.first ?? []
        if word.isEmpty || !word.allSatisfy(\.isDigit) {
            error(place, "a size is a number of octets")
        } else if reader.words.count > 1 {
            error(place, "what follows the number is ignored")
        }
    }
}

/// Nothing is known but what the file itself says.
extension RecipeChecker: ExpansionSource {
    /// What would grow without end has grown enough to be checked.
    func allows(_ count: Int, behind length: Int) -> Bool {
        expandedOctets += count
        return length + count <= Self.valueLimit && expandedOctets <= Self.expansionBudget
    }

    private static let valueLimit = 64 << 10
    private static let expansionBudget = 16 << 20

    var arguments: [[UInt8]] {
        usesUnknown = true
        return []
    }

    func variable(_ name: [UInt8]) -> [UInt8]? {
        guard let known = variables[name], let value = known else {
            usesUnknown = true
            return nil
        }
        return value
    }

    func parameter(_ name: UInt8) -> [UInt8] {
        usesUnknown = true
        return []
    }

    func output(of command: [UInt8]) -> [UInt8] {
        usesUnknown = true
        return []
    }

    func report(_ text: String, _ quoted: some Collection<UInt8>) {
        let place = find(Array("${".utf8) + quoted, from: placeOfStatement)
        error(place, "\(text) \(shown(quoted))")
    }
}
