import Testing

@testable import MailQueue

/// What Postfix 3.7 logged as `size=` for a message with one line of so many octets among others.
@Suite struct LoggedSizeTests {
    /// The size without the line, and the size with it less that.
    @Test(arguments: [
        (0, 2), (1, 3), (126, 128), (127, 129), (128, 131), (129, 132), (2046, 2049),
        (2047, 2050), (2048, 2053), (2049, 2054), (4095, 4101), (4096, 4104), (4097, 4105),
        (6144, 6155),
    ])
    func `counts a line as Postfix's queue file stores it`(_ length: Int, _ size: Int) {
        let line = [UInt8](repeating: 0x78, count: length) + [0x0A]
        var whole = LoggedSize()
        whole.add(line)
        #expect(whole.value == size)
    }

    @Test func `is the same wherever the pieces end`() {
        let text =
            Array("Subject: x\n\n".utf8) + [UInt8](repeating: 0x78, count: 300) + [0x0A, 0x79]
        var whole = LoggedSize()
        whole.add(text)
        for split in 0...text.count {
            var parts = LoggedSize()
            parts.add(text[..<split])
            parts.add(text[split...])
            #expect(parts.value == whole.value)
        }
    }
}
