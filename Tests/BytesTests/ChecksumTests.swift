import Bytes
import Testing

@Suite struct ChecksumTests {
    @Test func isTheCRC64OfXZ() {
        #expect(Checksum(Array("123456789".utf8)).value == 0x995D_C9BB_DF19_39FA)
        #expect(Checksum([UInt8]()).value == 0)
    }

    @Test func doesNotDependOnWhereItIsCut() {
        let text = Array("From a@b  Sat Nov 21 09:00:00 2026\n".utf8)
        for cut in 0...text.count {
            var checksum = Checksum(text[..<cut])
            checksum.update(text[cut...])
            #expect(checksum == Checksum(text))
        }
    }
}
