import Accounts
import Bytes
import Posix
import Testing

@testable import DeliveryMonitor

/// Which recipients get a process, and in which order they are answered.
@Suite struct DeliveryRoundTests {
    private func recipient(_ name: String, _ ext: String = "") -> RecipientDirectory.Recipient {
        RecipientDirectory.Recipient(
            address: RecipientAddress(written: Array(name), localPart: Array(name), domain: []),
            account: Account(
                name: Array(name.prefix { $0 != "@" }), user: 5000, group: 5000, groups: [],
                home: "/"),
            extensionPart: Array(ext))
    }

    /// Plays a round in which every start fails with a text of its own, so that nothing is forked.
    private func outcomes(
        _ recipients: [RecipientDirectory.Recipient]
    ) -> (started: Int, answers: [DeliveryAnswer]) {
        var round = DeliveryRound(recipients, timeLimit: 60)
        var started = 0
        var answers: [DeliveryAnswer] = []
        round.start { (_) throws(SystemError) in
            started += 1
            throw SystemError(SystemError.noSpace, "start \(started)")
        }
        while let (_, answer) = round.next() { answers.append(answer) }
        #expect(round.isDone == (answers.count == recipients.count))
        return (started, answers)
    }

    @Test func everyRecipientIsAnswered() {
        let (started, answers) = outcomes([recipient("a"), recipient("b"), recipient("c")])
        #expect(started == 3 && answers.count == 3)
        #expect(Set(answers.map { "\($0)" }).count == 3)
    }

    @Test func aDuplicateIsDeliveredOnceAndAnsweredTwice() {
        let (started, answers) = outcomes([
            recipient("a"), recipient("b"), recipient("a@x"), recipient("a", "lists"),
        ])
        #expect(started == 3 && answers.count == 4)
        #expect(answers.count == 4 && answers[0] == answers[2] && answers[0] != answers[3])
    }

    @Test func afterTheConnectionIsLostNothingMoreBegins() {
        var round = DeliveryRound([recipient("a"), recipient("b")], timeLimit: 60)
        round.cutOff()
        round.start { (_) throws(SystemError) in
            Issue.record("started")
            throw SystemError(SystemError.noSpace, "start")
        }
        var answers = 0
        while let (_, answer) = round.next() {
            answers += 1
            #expect(answer.kind == 2)
        }
        #expect(answers == 2 && round.isDone)
    }
}
