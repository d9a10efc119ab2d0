import Bytes

/// How far a field's name reaches in a line.
enum FieldName: Equatable {
    /// Octets of the name and what ends it: a colon, or the blank of `From `.
    case whole(Int)
    /// So many octets could begin a name, and nothing ends it as a name ends.
    case part(Int)

    init(of line: ArraySlice<UInt8>) {
        let start = line.startIndex
        guard let end = line.firstIndex(where: { $0 == .colon || $0.isBlank || $0.isControl })
        else {
            self = .part(line.count)
            return
        }
        if line[end] == .colon {
            self = end > start ? .whole(end - start + 1) : .part(0)
        } else if !line[end].isBlank || end == start {
            self = .part(end - start)
        } else if let next = line[end...].firstIndex(where: { !$0.isBlank }), line[next] == .colon {
            self = .whole(next - start + 1)
        } else if LetterField.isFromLine(line) {
            self = .whole(LetterField.from.count)
        } else {
            self = .part(end - start + 1)
        }
    }

    /// The octets counted, whether they are a name or not.
    var length: Int {
        switch self {
        case .whole(let length), .part(let length): length
        }
    }
}

/// A field of a letter's header, octet for octet, with its folds and the LF of its last line.
///
/// Wider than the fields of RFC 5322 that `Message` knows, because formail passes on what it does
/// not understand: the From_ line is a field with the `>From ` lines behind it as its folds, and a
/// name may hold every octet that is neither a blank nor a control character.
struct LetterField: Equatable {
    var octets: [UInt8]
    /// Octets of the name with its colon, or with the blank of `From `.
    var nameLength: Int

    static let from = Array("From ".utf8)

    static func isFromLine(_ line: some Collection<UInt8>) -> Bool { line.starts(with: from) }

    /// A field that is made here: `octets` end in LF.
    init(_ octets: [UInt8]) {
        self.octets = octets
        nameLength = FieldName(of: octets[...]).length
    }

    init(_ octets: [UInt8], nameLength: Int) {
        self.octets = octets
        self.nameLength = nameLength
    }

    var name: ArraySlice<UInt8> { octets[..<nameLength] }
    /// What follows the name, with the last LF.
    var content: ArraySlice<UInt8> { octets[nameLength...] }
    var isFromLine: Bool { Self.isFromLine(octets) }

    /// `other` is a name with its colon.
    func isNamed(_ other: [UInt8]) -> Bool {
        other.count == nameLength && name.equalsIgnoringCase(other)
    }

    /// Takes out the blanks between name and colon.
    mutating func closeName() {
        guard nameLength > 1, octets[nameLength - 1] == .colon, octets[nameLength - 2].isBlank,
            let last = octets[..<(nameLength - 1)].lastIndex(where: { !$0.isBlank })
        else { return }
        octets.removeSubrange((last + 1)..<(nameLength - 1))
        nameLength = last + 2
    }

    /// Makes one line of a folded field: each LF but the last becomes a blank.
    mutating func concatenate() {
        guard !isFromLine else { return }
        for place in octets.indices.dropLast() where octets[place] == .lf { octets[place] = .space }
    }

    /// Sees to a blank between name and content; false when there is no content, and the field is to
    /// go.
    mutating func putBlank() -> Bool {
        guard name.last == .colon else { return true }
        if !octets[nameLength].isBlank, octets.count > nameLength + 1 {
            octets.insert(.space, at: nameLength)
            return true
        }
        return octets.count > nameLength + 2
    }

    /// Gives the first `count` octets of the name another form; a new name that ends in a colon, and
    /// `From `, stand for the whole name.
    mutating func rename(_ count: Int, to new: [UInt8]) {
        if isFromLine { swapFolds { $0 == .greater ? .space : nil } }
        let becomesFromLine = new == Self.from
        if becomesFromLine { swapFolds { $0.isBlank ? .greater : nil } }
        let isWhole = becomesFromLine || new.last == .colon
        let replaced = isWhole ? nameLength : min(count, nameLength)
        octets.replaceSubrange(..<replaced, with: new)
        nameLength += new.count - replaced
    }

    /// Replaces the octets that begin the lines of the field's folds.
    private mutating func swapFolds(_ change: (UInt8) -> UInt8?) {
        for place in octets.indices.dropFirst() where octets[place - 1] == .lf {
            if let other = change(octets[place]) { octets[place] = other }
        }
    }

    /// The lines of the field, each with its LF.
    var lines: [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < octets.count {
            let end = octets[start...].firstIndex(of: .lf).map { $0 + 1 } ?? octets.count
            lines.append(octets[start..<end])
            start = end
        }
        return lines
    }
}

/// Names of fields that formail reads or makes, with their colons.
enum FieldNames {
    static let subject = Array("Subject:".utf8)
    static let references = Array("References:".utf8)
    static let messageID = Array("Message-ID:".utf8)
    static let resentMessageID = Array("Resent-Message-ID:".utf8)
    static let date = Array("Date:".utf8)
    static let contentLength = Array("Content-Length:".utf8)
}
