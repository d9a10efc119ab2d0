import Testing

@testable import Settings

@Suite struct UIDLFormatTests {
    /// The first two are what Dovecot 2.3 and UW's ipop3d print for UID 1 of UIDVALIDITY 0x6b0015fc.
    @Test(arguments: [
        ("%08Xu%08Xv", "000000016b0015fc"), ("%08xv%08xu", "6b0015fc00000001"),
        ("%u", "1"), ("%v.%u", "1795167740.1"), ("%010u", "0000000001"), ("x%%%u", "x%1"),
    ])
    func makesIdentifiers(format: String, identifier: String) {
        let made = UIDLFormat(format)?.identifier(uid: 1, validity: 0x6b00_15fc)
        #expect(made.map { String(decoding: $0, as: UTF8.self) } == identifier)
    }

    @Test(arguments: ["", "x", "%v", "%f", "%g", "%8u", "%u ", "%", "%0", "%099u", "é%u"])
    func refusesFormatsThatAreNotUniqueOrUnknown(format: String) {
        #expect(UIDLFormat(format) == nil)
    }

    @Test func theStandardIsOneOfThem() {
        #expect(UIDLFormat("%08Xu%08Xv") == .standard)
    }
}
