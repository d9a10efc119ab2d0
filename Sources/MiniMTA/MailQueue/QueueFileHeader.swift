import Bytes
package import Posix

/// The first line of a queue file: where its parts lie, in figures of fixed width.
///
/// It is written last, so a file without it is not whole: docs/QUEUE.md.
package struct QueueFileHeader: Equatable, Sendable {
    /// The word that names the format and its version.
    package static let magic = "mq1"
    /// Octets of the line, its LF among them.
    package static let length = 75
    private static let widths = [10, 15, 10, 15]

    /// Where the content begins; the records of the envelope end there.
    package let contentOffset: Int
    package let contentSize: Int
    /// Octets of records between the content and the outcomes.
    package let trailerSize: Int
    /// The size that the log and the queue's list show: Postfix's count, see `LoggedSize`.
    package let loggedSize: Int
    /// The checksum of all records, those of the envelope and those of the trailer.
    package let checksum: UInt64

    package init(
        contentOffset: Int, contentSize: Int, trailerSize: Int, loggedSize: Int, checksum: UInt64
    ) {
        self.contentOffset = contentOffset
        self.contentSize = contentSize
        self.trailerSize = trailerSize
        self.loggedSize = loggedSize
        self.checksum = checksum
    }

    /// Where the outcomes begin.
    package var outcomesOffset: Int { contentOffset + contentSize + trailerSize }

    package var bytes: [UInt8] {
        let numbers = zip([contentOffset, contentSize, trailerSize, loggedSize], Self.widths)
            .map { $0.padded(to: $1) }
        let digits = checksum.hexadecimal
        return Array("\(Self.magic) \(numbers.joined(separator: " ")) \(digits)\n".utf8)
    }

    /// Reads the line; every octet of it must be as `bytes` writes it.
    package init(_ line: [UInt8]) throws(QueueFileError) {
        guard line.count == Self.length, line.last == .lf else {
            throw .damaged("the first line is cut")
        }
        let words = line.dropLast().split(separator: .space, omittingEmptySubsequences: false)
        guard words.count == 6, words[0].elementsEqual(Self.magic.utf8) else {
            throw .damaged("not a queue file of version \(Self.magic)")
        }
        var numbers: [Int] = []
        for (word, width) in zip(words[1...4], Self.widths) {
            guard word.count == width, let number = Int(decimal: word) else {
                throw .damaged("the first line is malformed")
            }
            numbers.append(number)
        }
        guard let sum = UInt64(hexadecimal: words[5]) else {
            throw .damaged("the first line is malformed")
        }
        self.init(
            contentOffset: numbers[0], contentSize: numbers[1], trailerSize: numbers[2],
            loggedSize: numbers[3], checksum: sum)
        guard contentOffset > Self.length else { throw .damaged("the envelope is missing") }
    }
}

extension UInt64 {
    /// The number in sixteen lower-case hexadecimal digits.
    var hexadecimal: String { padded(to: 16, radix: 16).lowercased() }

    /// Reads sixteen lower-case hexadecimal digits; nil when they are not that.
    init?(hexadecimal digits: some Collection<UInt8>) {
        guard digits.count == 16 else { return nil }
        self = 0
        for digit in digits {
            guard let part = digit.hexValue, !digit.isUppercase else { return nil }
            self = self << 4 | UInt64(part)
        }
    }
}

/// Why a queue file cannot be used.
package enum QueueFileError: Error, Equatable, Sendable {
    /// The disk or the file system failed; the file may be whole.
    case system(SystemError)
    /// Not a queue file, or not one as it was written.
    case damaged(String)

    /// For a log line.
    package var text: String {
        switch self {
        case .system(let failure): failure.description
        case .damaged(let reason): reason
        }
    }
}
