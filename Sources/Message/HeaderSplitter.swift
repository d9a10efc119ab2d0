import Bytes

/// Finds the fields of a header in a stream of lines, and the place where the body begins.
///
/// Lines come without their LF, with or without CR. Memory is one field, at most `fieldLimit`
/// octets: what exceeds it is dropped and `hasCutField` says so.
package struct HeaderSplitter: Sendable {
    /// Postfix's `header_size_limit`: no honest field is longer, a bomb is.
    package static let usualFieldLimit = 102_400

    /// What the line just taken belongs to.
    package enum Place: Equatable, Sendable {
        case header
        /// The empty line behind the header.
        case separator
        /// The header ended without an empty line, and this line is already the body's.
        case body
    }

    /// What a line brought about.
    package struct Step: Equatable, Sendable {
        /// The field that ended before this line.
        package let finished: HeaderField?
        package let place: Place
    }

    private let fieldLimit: Int
    private var current: [UInt8] = []
    /// A field lost octets to the limit.
    package private(set) var hasCutField = false

    package init(fieldLimit: Int = usualFieldLimit) { self.fieldLimit = fieldLimit }

    package mutating func take(line: some BidirectionalCollection<UInt8>) -> Step {
        let content = line.last == .cr ? Array(line.dropLast()) : Array(line)
        guard let first = content.first else { return Step(finished: finish(), place: .separator) }
        if first.isBlank, !current.isEmpty {
            current.append(.lf)
            append(content)
            return Step(finished: nil, place: .header)
        }
        let finished = finish()
        guard HeaderField.colon(in: content) != nil else {
            return Step(finished: finished, place: .body)
        }
        append(content)
        return Step(finished: finished, place: .header)
    }

    /// The field that the end of input ends.
    package mutating func finish() -> HeaderField? {
        defer { current = [] }
        return HeaderField(current)
    }

    private mutating func append(_ content: [UInt8]) {
        let room = max(0, fieldLimit - current.count)
        if content.count > room { hasCutField = true }
        current += content.prefix(room)
    }
}
