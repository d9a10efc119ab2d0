import Bytes

/// A comparison of two texts in configuration: by number when both are numbers, by octets when not.
struct Comparison {
    enum Relation: String {
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case greater = ">"
    }

    let relation: Relation
    /// Compare as levels of compatibility: `major.minor.patch`.
    let byLevel: Bool

    init?(_ sign: some Collection<UInt8>) {
        let text = String(decoding: sign, as: UTF8.self)
        byLevel = text.hasSuffix("level")
        guard let relation = Relation(rawValue: byLevel ? String(text.dropLast(5)) : text) else {
            return nil
        }
        self.relation = relation
    }

    func holds(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        let order = byLevel ? compare(levels(left), levels(right)) : compare(left, right)
        return switch relation {
        case .equal: order == 0
        case .unequal: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greaterOrEqual: order >= 0
        case .greater: order > 0
        }
    }

    /// Three numbers; what is missing or malformed counts as 0, as the lowest level.
    private func levels(_ text: [UInt8]) -> [Int] {
        let parts = text.split(separator: .dot).prefix(3).map { Int(decimal: $0) ?? 0 }
        return parts + [Int](repeating: 0, count: 3 - parts.count)
    }

    private func compare(_ left: [Int], _ right: [Int]) -> Int {
        for (a, b) in zip(left, right) where a != b { return a < b ? -1 : 1 }
        return 0
    }

    private func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        if let a = Int(decimal: left), let b = Int(decimal: right) { return compare([a], [b]) }
        if left == right { return 0 }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    }
}
