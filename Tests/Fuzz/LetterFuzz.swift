@testable import LocalDelivery
@testable import Recipes

/// Fuzzes the reading of letters and their quoting: parts make up the whole, no line of a quoted letter but
/// its first begins with `From `, and pieces may be cut anywhere.
@c(LLVMFuzzerTestOneInput)
public func fuzzLetter(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    var letter = Letter(octets)
    if Array(letter.header) + Array(letter.body) != octets { fatalError("parts are lost") }
    _ = (letter.fromLine, letter.headerStart, letter.returnPath, letter.unfolded)
    if !letter.body.isEmpty, letter.header.suffix(1) != [0x0A] {
        fatalError("no end of the header")
    }

    let whole = quoted([octets])
    if whole != quoted(octets.map { [$0] }) { fatalError("pieces differ") }
    let lines = whole.split(separator: 0x0A, omittingEmptySubsequences: false)
    if lines.contains(where: { $0.starts(with: Array("From ".utf8)) }) { fatalError("not quoted") }

    let body = Array(letter.body)
    letter.correctLength()
    if Array(letter.body) != body || letter.octets.count != octets.count { fatalError("moved") }
    letter.limitLength()
    for parts in [LetterParts.header, .body, .both] {
        var other = letter
        other.replace(parts, with: octets)
    }
    return 0
}

private func quoted(_ pieces: [[UInt8]]) -> [UInt8] {
    var quoting = MboxoQuoting()
    var out: [UInt8] = []
    for piece in pieces { out += quoting.quote(piece) }
    return out + quoting.end()
}
