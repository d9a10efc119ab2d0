import Posix
import Testing

@testable import Master

@Suite struct BackOffTests {
    @Test func doublesFromOneSecondToAMinute() {
        var backOff = BackOff()
        var pauses: [Int] = []
        for turn in 0..<8 {
            backOff.failed(now: turn)
            pauses.append(((backOff.until?.milliseconds ?? 0) - turn) / 1000)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60])
    }

    @Test func isOverWhenItsTimeHasCome() {
        var backOff = BackOff()
        #expect(backOff.isOver(now: 0))
        backOff.failed(now: 500)
        #expect(!backOff.isOver(now: 1499))
        #expect(backOff.isOver(now: 1500))
    }

    @Test func startsAgainAfterAProcessThatWorked() {
        var backOff = BackOff()
        backOff.failed(now: 0)
        backOff.failed(now: 0)
        backOff.worked()
        #expect(backOff.isOver(now: 0))
        backOff.failed(now: 0)
        #expect(backOff.until?.milliseconds == 1000)
    }
}

@Suite struct MasterOptionsTests {
    @Test func readsItsOptions() throws {
        let options = try MasterOptions(["-c", "/etc/x", "-w", "-i"])
        #expect(options.directory == "/etc/x")
        #expect(options.inBackground)
        #expect(!options.onlyTest)
        #expect(try MasterOptions(["-t"]).onlyTest)
    }

    @Test(arguments: [["-c"], ["-x"], ["start"]])
    func refusesWhatItDoesNotKnow(arguments: [String]) {
        #expect(throws: (any Error).self) { try MasterOptions(arguments) }
    }
}
