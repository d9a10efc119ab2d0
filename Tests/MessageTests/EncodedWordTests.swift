import Bytes
import Message
import TestSupport
import Testing

private func decode(_ text: String) -> String? {
    String(
        utf8: EncodedWords.decode([UInt8](text)) { charset, octets in
            if charset.equalsIgnoringCase("utf-8") { return octets }
            return charset.equalsIgnoringCase("latin1") ? [UInt8](String(latin1: octets)) : nil
        })
}

@Suite struct EncodedWordTests {
    @Test(arguments: [
        ("plain", "plain"), ("=?utf-8?q?caf=C3=A9_noir?=", "café noir"),
        ("=?UTF-8?B?Y2Fmw6k=?= x", "café x"), ("=?latin1?Q?=e9?=", "é"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"), ("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"), ("=?utf-8*fr?q?a?=", "a"),
        ("x=?utf-8?q?a?=y", "xay"),
    ])
    func decodes(text: String, want: String) { #expect(decode(text) == want) }

    @Test(arguments: [
        "=?", "=?=", "=?utf-8", "=?utf-8?", "=?utf-8?q", "=?utf-8?q?", "=?utf-8?q?a",
        "=?utf-8?q?a?",
        "=?utf-8?x?a?=", "=??q?a?=", "=?unknown?q?a?=", "=?u t?q?a?=", "=?utf-8?q?a?b?=",
    ])
    func leavesTheRestAsItIs(text: String) { #expect(decode(text) == text) }

    @Test(arguments: ["=?", "=?utf-8?q?", "=?utf-8?q?a?= ", "=?x?q?a?= "])
    func isLinearOnBombs(piece: String) {
        let text = [UInt8](String(repeating: piece, count: 40_000))
        #expect(
            isLinear(upTo: text.count) { count in
                _ = EncodedWords.decode(text.prefix(count)) { $0.count == 1 ? nil : $1 }
            })
    }

    @Test(arguments: [
        ("a=3Db", "a=b"), ("a=\r\nb", "ab"), ("a= \t\r\nb", "ab"), ("a \r\nb", "a\r\nb"),
        ("a  b", "a  b"), ("a=", "a"), ("a=3", "a=3"), ("a=zz", "a=zz"), ("=e9", "\u{e9}"),
        ("a=\nb", "ab"), ("==41", "=A"), ("= x", "= x"), ("a \t", "a \t"),
    ])
    func decodesQuotedPrintableCutAnywhere(text: String, want: String) {
        let octets = [UInt8](text)
        #expect(String(latin1: QuotedPrintable.decode(octets)) == want)
        for cut in 0...octets.count {
            var (decoder, out) = (QuotedPrintableDecoder(), [UInt8]())
            decoder.decode(octets[..<cut], into: &out)
            decoder.decode(octets[cut...], into: &out)
            decoder.finish(into: &out)
            #expect(String(latin1: out) == want)
        }
    }
}
