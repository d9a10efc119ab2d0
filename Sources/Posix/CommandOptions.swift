/// The options of a command line, one after the other, as getopt(3) takes them.
///
/// Options may be put together (`-oi`, `-fsender`); `--` and the first word that is no option end
/// them.
package struct CommandOptions: Sequence, IteratorProtocol {
    /// One option and its value.
    package enum Item: Equatable, Sendable {
        case flag(Unicode.Scalar)
        case value(Unicode.Scalar, String)
        case unknown(Unicode.Scalar)
        /// The value that the option needs is not there.
        case valueMissing(Unicode.Scalar)
    }

    /// What follows the options; complete once `next()` has yielded nil.
    package private(set) var operands: ArraySlice<String>
    private let bare: Set<Unicode.Scalar>
    private let valued: Set<Unicode.Scalar>
    /// What is left of a word that began with `-`.
    private var cluster: Substring.UnicodeScalarView = ""[...].unicodeScalars

    /// `bare` are the letters of options without a value, `valued` those of options with one.
    package init(_ arguments: [String], bare: String, valued: String) {
        operands = arguments[...]
        self.bare = Set(bare.unicodeScalars)
        self.valued = Set(valued.unicodeScalars)
    }

    package mutating func next() -> Item? {
        if cluster.isEmpty {
            guard let word = operands.first, word.hasPrefix("-"), word != "-" else { return nil }
            operands.removeFirst()
            if word == "--" { return nil }
            cluster = word.unicodeScalars.dropFirst()
        }
        guard let letter = cluster.popFirst() else { return nil }
        if valued.contains(letter) {
            defer { cluster = ""[...].unicodeScalars }
            if !cluster.isEmpty { return .value(letter, String(cluster)) }
            guard let value = operands.popFirst() else { return .valueMissing(letter) }
            return .value(letter, value)
        }
        return bare.contains(letter) ? .flag(letter) : .unknown(letter)
    }
}
