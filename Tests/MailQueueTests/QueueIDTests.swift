import Testing

@testable import MailQueue

@Suite struct QueueIDTests {
    @Test(arguments: [
        (0, 1, "000001"), (1, 0xABC, "00001ABC"), (999_999, 0x1234, "F423F1234"),
        (1_000_000, 16, "0000010"), (-7, 16, "0000710"),
    ])
    func `is five digits of microseconds and the inode`(
        _ microseconds: Int, _ inode: UInt64, _ text: String
    ) {
        let id = QueueID(microseconds: microseconds, inode: inode)
        #expect(id.text == text)
        #expect(id.inode == inode)
    }

    @Test(arguments: ["B90ED31", "a_b", "X", "3tGdvYtcKaz1Q"])
    func `a name of letters, digits and underscores is one`(_ name: String) {
        #expect(QueueID(name)?.text == name)
    }

    @Test(arguments: [
        "", ".", "..", "../etc/passwd", "a/b", "A B", "*", "-", "A\0", "A\n", "é", "ALL.",
        String(repeating: "A", count: QueueID.lengthLimit + 1),
    ])
    func `what could lead elsewhere is none`(_ name: String) {
        #expect(QueueID(name) == nil)
    }
}
