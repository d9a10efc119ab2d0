import Testing

@testable import LocalDelivery

@Suite struct MboxoQuotingTests {
    @Test(arguments: [
        ("From a\n", ">From a\n"), ("a\nFrom b\n", "a\n>From b\n"), (">From a\n", ">From a\n"),
        ("a\0b\nFrom x\n", "a\0b\n>From x\n"), ("Fro", "Fro"), ("From", "From"),
        ("FromX\nFrom\n", "FromX\nFrom\n"), ("x From y", "x From y"), ("\n\nFrom ", "\n\n>From "),
    ])
    func quotesWhereverThePiecesAreCut(_ text: String, _ want: String) {
        let octets = Array(text.utf8)
        for cut in 0...octets.count {
            var quoting = MboxoQuoting()
            let seen =
                quoting.quote(octets[..<cut]) + quoting.quote(octets[cut...]) + quoting.end()
            #expect(seen == Array(want.utf8))
        }
    }
}
