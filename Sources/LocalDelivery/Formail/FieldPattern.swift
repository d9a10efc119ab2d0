import Bytes

/// A field of the command line: a name, or the beginning of names, and perhaps a content.
struct FieldPattern: Equatable {
    /// The field as it is put in, with its LF.
    let octets: [UInt8]
    let nameLength: Int
    private let folded: [UInt8]

    /// The word of the command line, without LF.
    init(_ word: [UInt8]) {
        octets = word + [.lf]
        nameLength = FieldName(of: octets[...]).length
        folded = octets[..<nameLength].lowercased
    }

    var name: ArraySlice<UInt8> { octets[..<nameLength] }
    var hasContent: Bool { nameLength + 1 < octets.count }
    var field: LetterField { LetterField(octets, nameLength: nameLength) }

    /// The pattern is the name or begins it; case does not count.
    func matches(_ name: ArraySlice<UInt8>) -> Bool {
        name.count >= folded.count && zip(name, folded).allSatisfy { $0.lowercased == $1 }
    }
}

/// `-R`: names that become others.
struct FieldRenaming: Equatable {
    let old: FieldPattern
    let new: [UInt8]
}

extension [FieldPattern] {
    /// The first pattern of the list that fits.
    func first(for name: ArraySlice<UInt8>) -> FieldPattern? { first { $0.matches(name) } }
    func first(for field: LetterField) -> FieldPattern? { first(for: field.name) }
    func fits(_ field: LetterField) -> Bool { first(for: field.name) != nil }
    func fits(_ name: [UInt8]) -> Bool { first(for: name[...]) != nil }
}
