import Posix
import Testing

@Suite struct CharacterSetTests {
    @Test(arguments: [
        ("iso-8859-1", [0x63, 0xE9], "c\u{E9}"), ("UTF-8", [0xC3, 0xA9, 0x62], "\u{E9}b"),
        ("koi8-r", [0xD0, 0xD2], "\u{43F}\u{440}"),
        ("utf-8", [0xC3, 0x62, 0xFF], "\u{FFFD}b\u{FFFD}"),
        ("us-ascii", [0x61, 0xE9], "a\u{FFFD}"), ("utf-8", [0x61, 0xE2, 0x82], "a\u{FFFD}"),
        ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x24, 0x22, 0x1B, 0x28, 0x42], "\u{3042}"),
    ])
    func convertsTextCutAnywhere(name: String, text: [UInt8], want: String) throws {
        let converter = try #require(CharacterSetConverter(from: Array(name.utf8)))
        for cut in 0...text.count {
            var out = converter.convert(text[..<cut])
            out += converter.convert(text[cut...])
            out += converter.finish()
            #expect(String(decoding: out, as: UTF8.self) == want)
        }
    }

    @Test(arguments: ["", "x-unknown", "utf-8//TRANSLIT", "../utf-8", "a b", "utf\u{0}8"])
    func knowsOnlyNamesOfSets(name: String) {
        #expect(CharacterSetConverter(from: Array(name.utf8)) == nil)
    }

    @Test func convertsMoreThanOneBlock() throws {
        let converter = try #require(CharacterSetConverter(from: Array("latin1".utf8)))
        let out = converter.convert([UInt8](repeating: 0xE9, count: 100_001)) + converter.finish()
        #expect(out.count == 200_002)
        let utf = try #require(CharacterSetConverter(from: Array("utf-8".utf8)))
        #expect(utf.convert(out) + utf.finish() == out)
    }
}
