import Bytes
import Posix

/// Reads letters field by field; the line that is no field is held until it is put out.
struct LetterReader {
    var input: LetterInput
    /// Fields that were read and belong to no letter yet.
    var fields: [LetterField] = []
    /// The line that ended the fields; empty when there is none.
    var line: [UInt8] = []

    static let article = Array("Article ".utf8)

    init(_ host: any FormailHost) { input = LetterInput(host) }

    /// Reads one field into `fields`; false when the next line begins none, which is then in `line`.
    mutating func readField() throws(SystemError) -> Bool {
        var octets = try input.line()
        guard case .whole(let length) = FieldName(of: octets[...]) else {
            line = octets
            return false
        }
        let isFromLine = length == LetterField.from.count && LetterField.isFromLine(octets)
        if isFromLine, !fields.isEmpty {
            // Inside of a header such a line is a forgery.
            line = octets
            return false
        }
        while let next = try input.peek(), isFromLine ? next == .greater : next.isBlank {
            octets += try input.line()
        }
        fields.append(LetterField(octets, nameLength: length))
        return true
    }

    mutating func readHeader() throws(SystemError) {
        while try readField() {}
    }

    /// Takes the held line as the first line of a news article, if it is one.
    mutating func takeArticle() -> Bool {
        guard fields.isEmpty, line.starts(with: Self.article) else { return false }
        fields = [LetterField(line, nameLength: Self.article.count)]
        line = []
        return true
    }

    /// Takes the held line as a From_ line, if it is one.
    mutating func takeFromLine() -> Bool {
        guard fields.isEmpty, LetterField.isFromLine(line) else { return false }
        fields = [LetterField(line, nameLength: LetterField.from.count)]
        line = []
        return true
    }

    /// Reads further fields until `count` are there; false when one is missing that looks like a
    /// letter's.
    mutating func readFields(_ count: Int) throws(SystemError) -> Bool {
        while fields.count < count {
            guard try readField(), let last = fields.last, KnownFields.contain(last) else {
                return false
            }
        }
        return true
    }
}
