import Testing

@testable import Lockfile

@Suite struct LockfileCommandLineTests {
    private func parse(
        _ words: String...
    ) throws(LockfileCommandLine.Refusal) -> [LockfileCommandLine.Step] {
        try LockfileCommandLine.parse(words.map { Array($0.utf8) })
    }

    @Test func wordsAreStepsInTheirOrder() throws {
        let a = LockfileCommandLine.Step.take(Array("a".utf8))
        #expect(try parse("-5", "-r", "3", "a") == [.pause(5), .retries(3), a])
        #expect(
            try parse("-1r0l60", "a", "-!", "a") == [
                .pause(1), .retries(0), .timeout(60), a, .invert, a,
            ])
        #expect(try parse("-r-1", "-s", "0", "a") == [.retries(nil), .suspend(0), a])
        #expect(try parse("-ml") == [.takeMailbox])
        #expect(try parse("a", "-mu") == [a, .releaseMailbox])
        #expect(try parse("-99999999999999999999", "a") == [.pause(Int(Int32.max)), a])
    }

    @Test(arguments: [
        [], ["-r"], ["-r", "x", "a"], ["-x", "a"], ["-s", "-1", "a"], ["-l-1", "a"], ["-5"],
        ["-m", "a"],
        ["-mlx"], ["-ml", "-mu"], ["-"],
    ])
    func aWrongLineIsRefused(_ words: [String]) {
        #expect(throws: LockfileCommandLine.Refusal.usage) {
            try LockfileCommandLine.parse(words.map { Array($0.utf8) })
        }
    }
}
