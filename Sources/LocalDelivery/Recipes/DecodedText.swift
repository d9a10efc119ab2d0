import Bytes
import Message

/// The letter as its reader sees it, for the areas `HD`, `BD` and `HBD`: UTF-8 instead of encoded words,
/// base64 and quoted-printable.
struct DecodedText {
    private let letter: Letter
    private let convert: CharacterConverter

    init(_ letter: Letter, convert: @escaping CharacterConverter) {
        self.letter = letter
        self.convert = convert
    }

    /// The header, each field one line.
    var header: [UInt8] {
        var out: [UInt8] = []
        for line in letter.unfoldedHeader.split(separator: .lf, omittingEmptySubsequences: false) {
            out += EncodedWords.decode(line, convert: convert) + [.lf]
        }
        // The last one ends where the header ends.
        return out.dropLast()
    }

    /// The text of all text parts, one behind the other; what is no text is left out.
    var body: [UInt8] {
        let octets = Array(letter.octets[letter.headerStart...])
        var parser = MIMEParser()
        parser.take(octets)
        let parts = parser.finish().parts
        var out: [UInt8] = []
        for part in parts where part.children.isEmpty && part.type.isText {
            if let last = out.last, last != .lf { out.append(.lf) }
            out += text(of: part, in: octets)
        }
        return out
    }

    private func text(of part: MIMEPart, in octets: [UInt8]) -> [UInt8] {
        var decoder = TransferDecoder(encoding: part.encoding)
        var raw: [UInt8] = []
        decoder.decode(Array(octets[part.body]), into: &raw)
        decoder.finish(into: &raw)
        let charset = part.type.parameter("charset") ?? Array("us-ascii".utf8)
        let text = convert(charset, raw) ?? raw
        // Lines end in LF here, whatever was encoded.
        return text.enumerated().filter { place, octet in
            octet != .cr || place + 1 == text.count || text[place + 1] != .lf
        }.map(\.element)
    }
}
