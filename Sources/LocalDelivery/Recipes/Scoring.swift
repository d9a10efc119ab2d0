/// The weighted sum of a recipe's conditions (procmailsc(5)).
struct Scoring {
    /// Beyond this a sum is infinite.
    static let limit = 2_147_483_647.0

    private(set) var score = 0.0
    private(set) var isWeighted = false

    /// What `$=` shows: cut to an integer, but never 0 for a sum that is a little more.
    var shown: Int { score > 0 && score < 1 ? 1 : Int(score) }

    /// A recipe with weights matches only when their sum is positive.
    var holds: Bool { !isWeighted || score > 0 }

    /// The sum can only stay what it is: further weighted conditions are not looked at.
    var isSaturated: Bool { isWeighted && score >= Self.limit }

    /// The recipe has failed, whatever follows.
    var isLost: Bool { isWeighted && score <= -Self.limit }

    /// Takes the sum that a condition has made of the one before; yields what it has added.
    mutating func change(to sum: Double) -> Double {
        isWeighted = true
        let before = score
        if !sum.isNaN { score = min(max(sum, -Self.limit), Self.limit) }
        return score - before
    }

    /// The sum after a size condition, which adds the ratio to the power of `exponent`.
    ///
    /// A division by nothing makes it infinite whatever was there and whatever the weight; nothing by
    /// nothing is as `emptyIsLess` says.
    func adding(
        _ weight: Double, _ exponent: Double, _ numerator: Int, _ denominator: Int,
        emptyIsLess: Bool
    ) -> Double {
        guard denominator != 0 else {
            return numerator == 0 && emptyIsLess ? -Self.limit : Self.limit
        }
        guard numerator != 0 || exponent >= 0 else { return weight < 0 ? -Self.limit : Self.limit }
        let value = weight * Self.power(Double(numerator) / Double(denominator), exponent)
        return value.isNaN ? score : score + value
    }

    /// `base` to the power of `exponent`, for positive bases.
    ///
    /// Whole exponents are exact; a broken one goes over square roots, which needs no library.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        if exponent < 0 { return 1 / power(base, -exponent) }
        var result = 1.0
        var (factor, whole) = (base, min(exponent.rounded(.down), 4096))
        var rest = exponent - whole
        while whole >= 1 {
            if whole.truncatingRemainder(dividingBy: 2) == 1 { result *= factor }
            factor *= factor
            whole = (whole / 2).rounded(.down)
        }
        var root = base
        for _ in 0..<52 where rest > 0 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}

/// The falling or rising weights of one expression's matches, added to a sum one by one: the order
/// decides about the last bit, and the last bit about the integer that is shown.
struct WeightSeries {
    private(set) var sum: Double
    private var weight: Double
    private let factor: Double

    init(from sum: Double, _ weight: Double, _ factor: Double) {
        self.sum = sum
        self.weight = weight
        self.factor = factor
    }

    /// Whether a match would still count.
    var isOpen: Bool { weight != 0 && sum > -Scoring.limit && sum < Scoring.limit }

    /// Counts one match; false when the next ones would not change anything.
    mutating func addMatch() -> Bool {
        let before = weight * weight
        addStatus()
        let after = weight * weight
        return !(after < before && before < 1)
    }

    /// Counts one of a program's exit status, which is few enough to count to its end.
    mutating func addStatus() {
        sum += weight
        weight *= factor
    }

    /// Counts a match that takes no text: it stands for all that could follow.
    mutating func addEndless() {
        addStatus()
        if factor > 0, factor < 1 {
            sum += weight / (1 - factor)
        } else if factor >= 1, weight != 0 {
            sum += weight < 0 ? -Scoring.limit : Scoring.limit
        }
    }
}
