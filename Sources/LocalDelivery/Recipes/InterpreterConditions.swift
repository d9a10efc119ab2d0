import Bytes

/// Conditions: expressions, programs, sizes, and their weights.
extension RecipeInterpreter {
    /// Whether `condition` leaves its recipe a chance; weights go to `scoring`.
    func evaluate(
        _ condition: Condition, _ flags: RecipeFlags, _ scoring: inout Scoring
    ) -> Bool {
        // Nothing that is weighed can change the sum: it is not even read.
        if condition.weight != nil, scoring.isSaturated { return true }
        var condition = condition
        // Each round takes a `$` away or adds what a variable holds; a value that begins with `$`
        // again is not without end.
        for _ in 0..<Self.expansionLimit {
            switch condition.test {
            case .expanded(let text): condition.read(expandQuoted(text))
            case .pattern(let text):
                return evaluate(pattern: text, condition, flags, &scoring)
            case .program(let command):
                return evaluate(program: command, condition, &scoring)
            case .size(let isLess, let number):
                return evaluate(size: number, isLess: isLess, condition, &scoring)
            }
        }
        report("Skipped \"$\"")
        return false
    }

    private static let expansionLimit = 16

    private func expandQuoted(_ text: [UInt8]) -> [UInt8] {
        let quoted = [UInt8.quote] + text.drop { $0.isBlank }
        var reader = WordReader(ByteCursor(quoted), source: self)
        reader.read(.spaced)
        return reader.text
    }

    private func area(_ area: Condition.Area?) -> ArraySlice<UInt8> {
        switch area {
        case nil, .header?: letter.unfoldedHeader[...]
        case .body?: letter.body
        case .both?: letter.unfolded[...]
        case .variable(let name)?: (variables[name] ?? decoded(name))[...]
        }
    }

    /// What a name that is no variable's means besides: the letter as its reader sees it.
    private func decoded(_ name: [UInt8]) -> [UInt8] {
        let text = DecodedText(letter) { [host] in host.utf8($0, $1) }
        return switch String(printable: name) {
        case "HD": text.header
        case "BD": text.body
        case "HBD", "BHD": text.header + text.body
        default: []
        }
    }

    private func evaluate(
        pattern text: [UInt8], _ condition: Condition, _ flags: RecipeFlags,
        _ scoring: inout Scoring
    ) -> Bool {
        let search: PatternSearch
        do throws(PatternError) {
            search = PatternSearch(
                try Pattern(text, ignoringCase: !flags.contains(.distinguishesCase)))
        } catch {
            found(Array("the expression is not valid".utf8))
            report("Invalid regexp", PatternMacros.expand(text).text)
            // An expression that nobody can have meant decides nothing: the recipe is left out.
            return false
        }
        let area = area(condition.area)
        if let weight = condition.weight {
            return score(search, weight, area, condition, text, &scoring)
        }
        let found = search.search(area.span)
        self.found(
            found == nil
                ? Array("it does not occur".utf8)
                : Array("it occurs: \"".utf8) + occurrence(of: text, in: area, flags)
                    + Array("\"".utf8))
        let matched = (found != nil) != condition.isNegated
        if let match = found?.match { setMatch(area, match) }
        trace(matched, condition, shown(text, condition))
        return matched
    }

    /// An expression as the log shows it: with what its macros stand for.
    private func shown(_ text: [UInt8], _ condition: Condition) -> [UInt8] {
        (condition.isEscaped ? [.backslash] : []) + PatternMacros.expand(text).text
    }

    private func score(
        _ search: PatternSearch, _ weight: (Double, Double), _ area: ArraySlice<UInt8>,
        _ condition: Condition, _ text: [UInt8], _ scoring: inout Scoring
    ) -> Bool {
        var series = WeightSeries(from: scoring.score, weight.0, weight.1)
        if condition.isNegated {
            // What counts nothing is not looked for.
            let found = series.isOpen ? search.search(area.span) : nil
            if found == nil { series.addStatus() }
            if let match = found?.match { setMatch(area, match) }
        } else {
            var place = 0
            while series.isOpen, let found = search.search(area.span, from: place) {
                if let match = found.match { setMatch(area, match) }
                guard found.end > place else {
                    series.addEndless()
                    break
                }
                place = found.end
                guard series.addMatch() else { break }
            }
        }
        let added = scoring.change(to: series.sum)
        traceScore(added, scoring, condition, shown(text, condition))
        return !scoring.isLost
    }

    /// Octets of an area that stands before a `??`; the flags of a recipe do not count here.
    private func size(of area: Condition.Area?) -> Int {
        switch area {
        case .header?: letter.bodyStart
        case .body?: letter.octets.count - letter.bodyStart
        case nil, .both?: letter.octets.count
        case .variable(let name)?: (variables[name] ?? decoded(name)).count
        }
    }

    /// Sets MATCH to a part of `area`.
    private func setMatch(_ area: ArraySlice<UInt8>, _ part: Range<Int>) {
        let begin = area.startIndex + part.lowerBound
        let text = Array(area[begin..<begin + part.count])
        variables[Self.match] = text
        guard isVerbose else { return }
        report("Assigning \"MATCH=\"")
        report("Matched", text)
    }

    private func evaluate(
        program command: [UInt8], _ condition: Condition, _ scoring: inout Scoring
    ) -> Bool {
        let input = condition.area.map { Array(self.area($0)) } ?? Array(letter.header)
        let call = self.call(self.command(command), input: ended(input), for: .question)
        let report = run(call)
        if !report.readAll { lastOctets = input.count }
        let failed = report.ending != .exited(0)
        if failed { nonZero(report, call) }
        found(Array("its program exits with \(report.number)".utf8))
        guard let weight = condition.weight, report.number >= 0 else {
            let matched = failed == condition.isNegated
            trace(matched, condition, call.text)
            return matched
        }
        let first = failed && !condition.isNegated ? weight.1 : weight.0
        var series = WeightSeries(from: scoring.score, first, weight.1)
        for _ in 0..<(condition.isNegated ? report.number : 1) {
            guard !condition.isNegated || series.isOpen else { break }
            series.addStatus()
        }
        let added = scoring.change(to: series.sum)
        traceScore(added, scoring, condition, call.text)
        return !scoring.isLost
    }

    private func evaluate(
        size text: [UInt8], isLess: Bool, _ condition: Condition, _ scoring: inout Scoring
    ) -> Bool {
        let sign = [UInt8(ascii: isLess ? "<" : ">")]
        var reader = WordReader(ByteCursor(sign + text), source: self)
        reader.read(.line)
        // The sign may stand alone or be part of the first word.
        let shown = Array(reader.words.joined(separator: [.space]))
        var cursor = ByteCursor(shown.dropFirst().drop { $0.isBlank })
        let limit = Self.takeNumber(&cursor)
        cursor.skipBlanks()
        if !cursor.isAtEnd { report("Skipped", cursor.rest) }
        let size = condition.hasOwnArea ? size(of: condition.area) : letter.octets.count
        found(Array("there are \(size) octets".utf8))
        guard let weight = condition.weight else {
            let matched = (isLess ? size < limit : size > limit) != condition.isNegated
            trace(matched, condition, shown)
            return matched
        }
        let larger = isLess == condition.isNegated
        let added = scoring.change(
            to: larger
                ? scoring.adding(weight.0, weight.1, size, limit, emptyIsLess: false)
                : scoring.adding(weight.0, weight.1, limit, size, emptyIsLess: true))
        traceScore(added, scoring, condition, shown)
        return !scoring.isLost
    }

    /// A decimal number, with or without a sign; 0 where none is.
    private static func takeNumber(_ cursor: inout ByteCursor) -> Int {
        var isNegative = false
        if let sign = cursor.peek, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+"),
            cursor.peek(at: 1)?.isDigit ?? false
        {
            isNegative = cursor.next() == UInt8(ascii: "-")
        }
        let digits = Array(cursor.take(while: \.isDigit))
        guard !digits.isEmpty else { return 0 }
        return (Int(decimal: digits) ?? Int.max) * (isNegative ? -1 : 1)
    }

    private func trace(
        _ matched: Bool, _ condition: Condition, _ text: @autoclosure () -> [UInt8]
    ) {
        guard isVerbose else { return }
        report("\(matched ? "Match" : "No match") on\(condition.isNegated ? " !" : "")", text())
    }

    private func traceScore(
        _ value: Double, _ scoring: Scoring, _ condition: Condition,
        _ text: @autoclosure () -> [UInt8]
    ) {
        found(Array("it adds \(value), the sum is \(scoring.score)".utf8))
        guard isVerbose else { return }
        func wide(_ digits: String) -> String {
            String(repeating: " ", count: max(0, 7 - digits.utf8.count)) + digits
        }
        let added = "\(Int(value))"
        // A sum that is a little more than nothing is told from nothing.
        let isPart = scoring.score > 0 && scoring.score < 1
        let sum = isPart ? "+0" : "\(Int(scoring.score))"
        report(
            "Score: \(wide(added)) \(wide(sum))\(condition.isNegated ? " !" : "")", text())
    }

    static let match = Array("MATCH".utf8)
}
