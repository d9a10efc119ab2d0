import Bytes
import MailStore
import Message
import Posix

/// Looks for text in a message: decoded, in any character set.
struct SearchText {
    let message: OpenMessage

    /// A field of this name holds the text; with an empty text, there is such a field.
    func header(_ name: [UInt8], holds text: [UInt8]) throws(StoreError) -> Bool {
        let fields = try message.headerBlock().all(name)
        guard !text.isEmpty else { return !fields.isEmpty }
        return fields.contains { field in
            var matcher = TextMatcher(text)
            matcher.look(at: Self.decoded(field.unfolded))
            return matcher.isFound
        }
    }

    /// The body holds the text: readable parts, headers of parts and of messages inside.
    func body(holds text: [UInt8]) throws(StoreError) -> Bool {
        var matcher = TextMatcher(text)
        let structure = try message.structure()
        for part in structure.parts {
            if part.header.lowerBound > 0 {
                try look(atHeader: part.header, &matcher)
            }
            if part.children.isEmpty, part.type.isText || part.type.isMessage {
                try look(atBody: part, &matcher)
            }
            if matcher.isFound { return true }
        }
        return matcher.isFound
    }

    /// The header or the body holds the text.
    func whole(holds text: [UInt8]) throws(StoreError) -> Bool {
        var matcher = TextMatcher(text)
        look(at: try message.headerBlock(), &matcher)
        if matcher.isFound { return true }
        return try body(holds: text)
    }

    private func look(
        atHeader range: Range<Int>, _ matcher: inout TextMatcher
    ) throws(StoreError) {
        let octets = try message.octets(range, limit: MessageContent.headerLimit)
        look(at: HeaderBlock.parse(octets).header, &matcher)
    }

    private func look(at header: HeaderBlock, _ matcher: inout TextMatcher) {
        for field in header.fields where !matcher.isFound {
            matcher.restart()
            matcher.look(at: Self.decoded(Array(field.name) + [.colon, .space] + field.unfolded))
        }
    }

    private func look(atBody part: MIMEPart, _ matcher: inout TextMatcher) throws(StoreError) {
        matcher.restart()
        let charset = part.type.parameter("charset") ?? []
        // A set that nobody knows: what is ASCII in it can be found.
        guard
            let converter = CharacterSetConverter(from: charset)
                ?? CharacterSetConverter(from: [UInt8]("UTF-8"))
        else { return }
        var decoder = TransferDecoder(encoding: part.encoding)
        let content = try message.content()
        var offset = part.body.lowerBound
        while offset < part.body.upperBound, !matcher.isFound {
            let count = min(OpenMessage.block, part.body.upperBound - offset)
            let octets = try content.read(at: offset, count: count)
            if octets.isEmpty { break }
            offset += octets.count
            var decoded: [UInt8] = []
            decoder.decode(octets, into: &decoded)
            if offset >= part.body.upperBound { decoder.finish(into: &decoded) }
            matcher.look(at: converter.convert(decoded))
        }
        matcher.look(at: converter.finish())
    }

    private static func decoded(_ value: [UInt8]) -> [UInt8] {
        EncodedWords.decode(value, convert: DecodedText.convert)
    }
}
