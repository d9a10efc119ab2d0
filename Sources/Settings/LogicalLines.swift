import Bytes

/// One logical line: a line and the lines that continue it.
package struct LogicalLine: Equatable, Sendable {
    /// The octets without line ends; continuation keeps the white space that began each line.
    package let bytes: [UInt8]
    /// The number of its first line, counted from 1.
    package let number: Int
    /// It began with white space though there was nothing to continue.
    package let isStray: Bool
}

/// Splits a text into logical lines, as main.cf, master.cf, aliases and the sources of tables have
/// them.
///
/// A line that begins with white space continues the one before. Lines that are empty or white
/// space, and lines whose first octet that is not white space is `#`, are skipped and end nothing.
package struct LogicalLines: Sequence, IteratorProtocol, Sendable {
    private var cursor: ByteCursor
    private var number = 0

    package init(_ text: some Collection<UInt8>) { cursor = ByteCursor(text) }

    package mutating func next() -> LogicalLine? {
        guard let (first, start) = nextPhysical() else { return nil }
        var bytes = Array(first)
        while let (more, _) = nextPhysical(continuing: true) { bytes += more }
        return LogicalLine(
            bytes: bytes, number: start, isStray: bytes.first.map(\.isSpace) ?? false)
    }

    /// The next line that is neither blank nor a comment.
    ///
    /// With `continuing`, only one that begins with white space; others are left for the next call.
    private mutating func nextPhysical(
        continuing: Bool = false
    ) -> (line: ArraySlice<UInt8>, number: Int)? {
        while true {
            let (position, before) = (cursor.position, number)
            guard let line = cursor.takeLine() else { return nil }
            number += 1
            guard let first = line.first(where: { !$0.isSpace }), first != UInt8(ascii: "#") else {
                continue
            }
            if continuing, line.first?.isSpace != true {
                cursor.move(to: position)
                number = before
                return nil
            }
            return (line.last == .cr ? line.dropLast() : line, number)
        }
    }
}
