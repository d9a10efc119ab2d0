import Bytes
import Testing

@testable import DeliveryAgent

@Suite struct DeliveryCommandLineTests {
    private func line(_ words: String, name: String = "mda") -> DeliveryCommandLine {
        DeliveryCommandLine(
            words.split(separator: " ").map { Array($0.utf8) }, name: Array(name.utf8))
    }

    @Test func readsRecipients() {
        let line = line("-Y -t -f a@b -a one -atwo -d bob alice")
        #expect(line.mode == .deliver([Array("bob".utf8), Array("alice".utf8)]))
        #expect(line.arguments == [Array("one".utf8), Array("two".utf8)])
        #expect(line.sender == Array("a@b".utf8))
        #expect(line.failsSoftly)
        #expect(line.complaints.isEmpty)
    }

    @Test(arguments: [
        ("-d", "Missing recipient"), ("-a", "Missing argument"),
        ("-m -a x rc", "Conflicting options"), ("-p -d bob", "Conflicting options"),
        ("--foo - ./rc", "Unrecognised options: \"foo\"\nProcessing continued"),
        ("-f", "Missing name"), ("-m", "Missing rcfile"),
        ("-q ./rc", "Unrecognised options: \"q\"\nProcessing continued"),
    ])
    func saysWhatIsWrong(_ words: String, _ complaint: String) {
        #expect(line(words).complaints == [complaint])
    }

    @Test func tellsAssignmentsFromFiles() {
        let line = line("DEFAULT=box 1=x ./rc A=b=c")
        #expect(line.assignments.map(\.name) == ["DEFAULT", "1", "A"].map { Array($0.utf8) })
        #expect(line.assignments.last?.value == Array("b=c".utf8))
        #expect(line.recipeFiles == [Array("./rc".utf8)])
    }

    @Test func aGeneralFileTakesTheRestAsArguments() {
        let line = line("-m A=1 rc x B=2")
        #expect(line.mode == .general)
        #expect(line.recipeFiles == [Array("rc".utf8)])
        #expect(line.arguments == [Array("x".utf8), Array("B=2".utf8)])
    }

    @Test(arguments: [("mda", false), ("/usr/bin/procmail", false), ("mail.local", true)])
    func anotherNameStandsForDeliver(_ name: String, _ delivers: Bool) {
        #expect((line("bob", name: name).mode == .deliver([Array("bob".utf8)])) == delivers)
    }
}
