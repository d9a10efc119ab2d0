import Bytes

/// The Content-Length field of a letter, which senders may have set to anything.
///
/// A number that is too large hides the next letter of an mbox from readers that believe it.
extension Letter {
    private static let lengthField = Array("\ncontent-length:".utf8)

    /// Octets of the body as the field counts them: without the newline of an empty last line.
    private var countedBody: Int { body.count - (body.endsInEmptyLine ? 1 : 0) }

    /// Where the value of the first Content-Length field stands; nil without one.
    private var lengthValue: Range<Int>? {
        let name = Self.lengthField
        for place in header.indices where header[place] == .lf {
            let rest = header[place...]
            guard rest.startsIgnoringCase(with: name) else { continue }
            let begin = place + name.count
            return begin..<(header[begin...].firstIndex(of: .lf) ?? header.endIndex)
        }
        return nil
    }

    /// Corrects the field to the true length, in the place that it has: right-aligned, and nines
    /// where the number does not fit, as procmail does.
    package mutating func correctLength() {
        let length = countedBody
        setLength { _ in length }
    }

    /// Corrects the field only when it says more than there is.
    package mutating func limitLength() {
        let limit = countedBody
        setLength { old in old > limit ? limit : nil }
    }

    /// The letter with the field that is true of it in an mbox, where each line of the body that begins
    /// with `From ` is one octet longer; a field that was not true stays.
    package var countingQuotes: Letter {
        guard lengthValue != nil else { return self }
        let length = countedBody
        let quotes = body.countLines { $0.starts(with: Self.from) }
        guard quotes > 0 else { return self }
        var letter = self
        letter.setLength { old in old == length ? length + quotes : nil }
        return letter
    }

    private mutating func setLength(_ choose: (Int) -> Int?) {
        guard let value = lengthValue, !value.isEmpty else { return }
        let digits = octets[value].drop { $0.isBlank }.prefix { $0.isDigit }
        guard let number = choose(Int(decimal: digits) ?? (digits.isEmpty ? 0 : Int.max)) else {
            return
        }
        let text = Array("\(number)".utf8)
        let room = value.count
        let filled =
            text.count > room
            ? [UInt8](repeating: UInt8(ascii: "9"), count: room)
            : [UInt8](repeating: .space, count: room - text.count) + text
        var changed = octets
        changed.replaceSubrange(value, with: filled)
        self = Letter(changed)
    }
}

extension ArraySlice<UInt8> {
    /// How many lines begin so; the predicate is shown what follows, too.
    package func countLines(_ beginSo: (ArraySlice<UInt8>) -> Bool) -> Int {
        var count = 0
        var rest = self
        while !rest.isEmpty {
            if beginSo(rest) { count += 1 }
            guard let end = rest.firstIndex(of: .lf) else { break }
            rest = rest[(end + 1)...]
        }
        return count
    }
}
