import MailQueue
import Testing

@testable import QueueManager

@Suite struct RetryTests {
    static let retry = Retry(minimalBackoff: 300, maximalBackoff: 4000)
    static let now = 1_000_000

    @Test(arguments: [
        (0, 300), (299, 300), (300, 300), (600, 600), (1200, 1200), (4000, 4000),
        (400_000, 4000), (-5, 300), (-1_000_000, 300),
    ])
    func `a message waits as long again as it has been here`(_ age: Int, _ pause: Int) {
        #expect(Self.retry.nextAttempt(arrival: Self.now - age, now: Self.now) - Self.now == pause)
    }

    @Test func `times at the end of the range do no harm`() {
        #expect(Self.retry.nextAttempt(arrival: .min, now: Self.now) == Self.now + 4000)
        #expect(!Retry.isExpired(arrival: .min, lifetime: 1, now: Self.now))
    }

    @Test(arguments: [
        (-1, true), (0, true), (1, false), (4000, false), (4001, true), (10_000_000, true),
    ])
    func `due when its time has come, or lies beyond every pause`(_ ahead: Int, _ isDue: Bool) {
        #expect(Self.retry.isDue(Self.now + ahead, now: Self.now) == isDue)
    }

    @Test(arguments: [
        (0, 0), (1, 0), (2, 300), (3, 600), (4, 1200), (5, 2400), (6, 4000), (99, 4000),
    ])
    func `a message that was active in crashes waits ever longer`(_ crashes: Int, _ pause: Int) {
        #expect(Self.retry.quarantine(crashes: crashes) == pause)
    }

    @Test(arguments: [(0, 0, true), (9, 10, false), (10, 10, true), (-3, 10, false)])
    func `expires at its lifetime`(_ age: Int, _ lifetime: Int, _ isExpired: Bool) {
        #expect(
            Retry.isExpired(arrival: Self.now - age, lifetime: lifetime, now: Self.now) == isExpired
        )
    }

    @Test func `what becomes of a message follows from its recipients`() {
        let sent = Outcome(.sent, status: "2.0.0", text: "")
        let later = Outcome(.deferred, status: "4.0.0", text: "")
        let never = Outcome(.bounced, status: "5.0.0", text: "")
        func verdict(_ outcomes: [Outcome?], notified: [Int] = [], canNotify: Bool = true)
            -> Retry.Verdict
        {
            var sum = Outcomes(recipients: outcomes.count, end: 0)
            for (index, outcome) in outcomes.enumerated() {
                if let outcome { sum.apply(.attempt(recipient: index, at: 0, outcome)) }
            }
            for index in notified { sum.apply(.notified(recipient: index)) }
            return Self.retry.verdict(sum, arrival: Self.now, now: Self.now, canNotify: canNotify)
        }
        let wait = Retry.Verdict.deferUntil(Self.now + 300)
        #expect(verdict([]) == .remove)
        #expect(verdict([sent, sent]) == .remove)
        #expect(verdict([sent, later]) == wait)
        #expect(verdict([sent, nil]) == wait)
        #expect(verdict([never, later]) == .notify)
        #expect(verdict([never, later], canNotify: false) == wait)
        #expect(verdict([never, sent], canNotify: false) == wait)
        #expect(verdict([never, sent], notified: [0]) == .remove)
        #expect(verdict([never, later], notified: [0]) == wait)
    }

    @Test func `a waiting line keeps its order`() {
        var line = Line<Int>()
        var out: [Int] = []
        for number in 0..<1000 {
            line.append(number)
            if number % 3 != 0, let next = line.popFirst() { out.append(next) }
        }
        while let next = line.popFirst() { out.append(next) }
        #expect(out == Array(0..<1000))
        #expect(line.isEmpty)
        #expect(line.count == 0)
    }
}
