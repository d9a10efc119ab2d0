import Bytes

/// A regular expression of a recipe's condition, compiled to a nondeterministic automaton over octets.
///
/// It knows nothing of recipes. The area that is searched is seen with one newline before and one
/// after it, so that `^` and `$` are simply "one newline".
package struct Pattern: Sendable {
    /// One state of the automaton; numbers are places in `states`.
    enum State: Sendable {
        /// Consumes one octet of the set and goes on.
        case octets(OctetSet, next: Int)
        /// Goes on in both places without consuming.
        case split(Int, Int)
        /// Goes on without consuming.
        case empty(next: Int)
        /// `^^` in front: goes on only at the start of the area.
        case start(next: Int)
        /// `^^` at the end: goes on only at the end of the area.
        case end(next: Int)
        /// `\/`: what follows is the text for MATCH.
        case mark(next: Int)
        case accept
    }

    let states: [State]
    let first: Int
    /// The expression holds `\/`.
    package let hasMark: Bool

    /// Compiles `text`; the macros `^TO_`, `^TO`, `^FROM_DAEMON` and `^FROM_MAILER` are replaced.
    ///
    /// `^FROM_DAEMON` makes the whole expression ignore case, as it does in procmail.
    package init(_ text: some Collection<UInt8>, ignoringCase: Bool = true) throws(PatternError) {
        let (expanded, forcesFolding) = PatternMacros.expand(Array(text))
        guard expanded.count <= Self.limit else { throw PatternError(.tooLong, at: Self.limit) }
        var builder = PatternBuilder(expanded, folding: ignoringCase || forcesFolding)
        let fragment = try builder.build()
        states = builder.states
        first = fragment
        hasMark = builder.hasMark
    }

    /// Octets of an expression with its macros replaced.
    ///
    /// A long list of addresses fits many times over; the automaton's memory stays bounded.
    static let limit = 256 * 1024
}

/// Why an expression cannot be compiled.
package struct PatternError: Error, Equatable, Sendable {
    package enum Reason: Equatable, Sendable {
        case unclosedGroup, unexpectedClose, tooLong
    }
    package let reason: Reason
    /// The place in the expression, macros replaced.
    package let position: Int

    init(_ reason: Reason, at position: Int) {
        self.reason = reason
        self.position = position
    }
}
