import Bytes
import MailQueue
import Testing

@testable import Cleanup

@Suite struct DeliveredPlacesTests {
    private func places(_ lines: [String]) -> [String] {
        var places = DeliveredPlaces()
        for line in lines {
            if let field = HeaderField(Array(line.utf8)) { places.note(field) }
        }
        return places.attributes.map { String(printable: $0.value) }
    }

    @Test(arguments: [
        (["Delivered-To: Bob@Example.ORG\n"], ["bob@example.org"]),
        (["delivered-to:a@b\n", "Delivered-To : c@d \n"], ["a@b", "c@d"]),
        // An address in a folded header is none of ours.
        (["Delivered-To: a\n @b\n"], []),
        (["Delivered-To: \n"], [""]),
    ])
    func keepsAddressesInLowerCase(lines: [String], wanted: [String]) {
        #expect(places(lines) == wanted)
    }

    @Test func keepsAThousandAndNoMoreThanTravelInAnEnvelope() {
        #expect(places((0..<2000).map { "Delivered-To: u\($0)@b\n" }).count == 1000)
        let long = String(repeating: "x", count: 2000)
        let kept = places((0..<100).map { "Delivered-To: \($0)\(long)\n" })
        #expect(kept.count == (1 << 17) / 2002)
        #expect(kept.first?.hasPrefix("0x") == true)
    }
}
