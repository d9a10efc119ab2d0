import Bytes
import LocalDelivery
import Tables
import Testing

@testable import Transports

@Suite struct LocalAnswerTests {
    static let answers: [LocalAnswer] = [
        .delivered("delivered to mailbox"),
        .failed(.retryLater(status: "4.2.0", text: "busy")),
        .failed(.giveUp(status: "5.2.2", text: "full")),
        .forward([
            .address(Array("bob".utf8)), .command(Array("a b".utf8)), .file(Array("/x".utf8)),
            .include(Array("/y".utf8)),
        ]),
    ]

    @Test(arguments: answers)
    func comesBackAsItWasSaid(_ answer: LocalAnswer) throws {
        var fields = FieldReader(answer.encode(notes: ["one", "two"]).bytes)
        let seen = try LocalAnswer.read(&fields)
        #expect(seen.answer == answer)
        #expect(seen.notes == ["one", "two"])
    }

    @Test(arguments: answers)
    func anAnswerThatIsCutIsNone(_ answer: LocalAnswer) {
        let bytes = answer.encode(notes: ["note"]).bytes
        for length in 0..<bytes.count {
            var fields = FieldReader(bytes.prefix(length))
            #expect(throws: MalformedFrame.self) { try LocalAnswer.read(&fields) }
        }
    }

    @Test(arguments: [
        ("bob\n", [AliasTarget.address(Array("bob".utf8))]),
        (
            "# note\n\\bob, alice@x\n",
            [.address(Array("\\bob".utf8)), .address(Array("alice@x".utf8))]
        ),
        ("\"|exec /usr/bin/procmail\"\n", [.command(Array("exec /usr/bin/procmail".utf8))]),
        ("", []), ("\n\n", []),
    ])
    func readsForwardFiles(_ text: String, _ targets: [AliasTarget]) {
        #expect(LocalUserDelivery.targets(Array(text.utf8)) == targets)
    }
}
