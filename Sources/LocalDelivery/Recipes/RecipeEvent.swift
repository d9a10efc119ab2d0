import Bytes

/// A step of running recipes, told to whoever explains them: what stands in the file, and what became
/// of it.
package enum RecipeEvent: Equatable, Sendable {
    /// A file begins, by the name that was given.
    case file([UInt8])
    /// An assignment or the first line of a recipe, as it stands in line `line`.
    case statement(line: Int, [UInt8])
    /// The recipe is not looked at further, and why.
    case passedOver(String)
    /// A condition that is about to be tried.
    case condition([UInt8])
    /// Whether it leaves its recipe a chance, and what was found.
    case outcome(holds: Bool, found: [UInt8])
    /// The recipe's action, and whether it is carried out.
    case action([UInt8], isDone: Bool)
    /// A block ends.
    case blockEnd
}

extension RecipeInterpreter {
    /// Tells the observer; `event` costs nothing when there is none.
    func tell(_ event: @autoclosure () -> RecipeEvent) {
        if let observer, !isSkipping { observer(event()) }
    }

    /// Notes what a condition has found, for the observer.
    func found(_ text: @autoclosure () -> [UInt8]) {
        if observer != nil { findings = text() }
    }

    /// Where `expression` occurs: from the earliest begin to the last end.
    func occurrence(
        of expression: [UInt8], in area: ArraySlice<UInt8>, _ flags: RecipeFlags
    ) -> [UInt8] {
        let whole = Array("()\\/(".utf8) + expression + Array(")".utf8)
        do throws(PatternError) {
            let pattern = try Pattern(whole, ignoringCase: !flags.contains(.distinguishesCase))
            guard let match = PatternSearch(pattern).search(area.span)?.match else { return [] }
            let begin = area.startIndex + match.lowerBound
            return Array(area[begin..<begin + match.count].drop { $0 == .lf })
        } catch { return [] }
    }
}
