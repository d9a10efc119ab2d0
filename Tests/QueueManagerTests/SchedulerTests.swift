import Bytes
import MailQueue
import Testing

@testable import QueueManager

@Suite struct SchedulerTests {
    static let down = Outcome(.deferred, status: "4.3.0", text: "mail transport unavailable")

    private func scheduler(_ limits: [String: TransportLimits]) -> Scheduler {
        var scheduler = Scheduler()
        for (name, limits) in limits.sorted(by: { $0.key < $1.key }) {
            scheduler.add(transport: name, limits: limits)
        }
        return scheduler
    }

    private func limits(
        _ processes: Int = 100, _ concurrency: Int = 2, initial: Int = 5, recipients: Int = 1
    ) -> TransportLimits {
        TransportLimits(
            processes: processes, concurrency: concurrency, initialConcurrency: initial,
            recipients: recipients)
    }

    private func delivery(_ number: Int, _ name: String, by transport: String = "local") -> Delivery
    {
        Delivery(
            message: QueueID(microseconds: number, inode: 1),
            destination: Destination(transport: transport, name: Array(name.utf8)), nexthop: [],
            recipients: [])
    }

    private func names(_ actions: [Scheduler.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .start(let delivery): String(decoding: delivery.destination.name, as: UTF8.self)
            case .postpone(let delivery, _):
                "-" + String(decoding: delivery.destination.name, as: UTF8.self)
            }
        }
    }

    private func all(_ scheduler: inout Scheduler) -> [Scheduler.Action] {
        var actions: [Scheduler.Action] = []
        while let action = scheduler.next() { actions.append(action) }
        return actions
    }

    @Test func `destinations take turns, each within its limit`() {
        var scheduler = scheduler(["local": limits()])
        for number in 0..<4 { scheduler.add(delivery(number, "a"), now: 0) }
        for number in 4..<6 { scheduler.add(delivery(number, "b"), now: 0) }
        scheduler.add(delivery(6, "c"), now: 0)
        #expect(names(all(&scheduler)) == ["a", "b", "c", "a", "b"])
        scheduler.ended(delivery(0, "a"), .good)
        #expect(names(all(&scheduler)) == ["a"])
        scheduler.ended(delivery(4, "b"), .good)
        #expect(all(&scheduler).isEmpty)
    }

    @Test func `a transport has no more deliveries than processes`() {
        var scheduler = scheduler(["local": limits(2), "smtp": limits(1)])
        for name in ["a", "b", "c"] { scheduler.add(delivery(1, name), now: 0) }
        for name in ["x", "y"] { scheduler.add(delivery(1, name, by: "smtp"), now: 0) }
        #expect(names(all(&scheduler)) == ["a", "x", "b"])
        #expect(scheduler.busy == 3)
        scheduler.ended(delivery(1, "x", by: "smtp"), .good)
        #expect(names(all(&scheduler)) == ["y"])
    }

    @Test func `concurrency starts low and grows with success`() {
        var scheduler = scheduler(["smtp": limits(100, 4, initial: 2)])
        for number in 0..<10 { scheduler.add(delivery(number, "d", by: "smtp"), now: 0) }
        var running: [Int] = []
        for _ in 0..<4 {
            _ = all(&scheduler)
            running.append(scheduler.busy)
            scheduler.ended(delivery(0, "d", by: "smtp"), .good)
        }
        #expect(running == [2, 3, 4, 4])
    }

    @Test func `a destination that is down is left alone, the others go on`() {
        var scheduler = scheduler(["smtp": limits(100, 1)])
        for number in 0..<3 { scheduler.add(delivery(number, "d", by: "smtp"), now: 0) }
        scheduler.add(delivery(3, "e", by: "smtp"), now: 0)
        #expect(names(all(&scheduler)) == ["d", "e"])
        scheduler.ended(
            delivery(0, "d", by: "smtp"), .destinationDown(until: 100, Self.down))
        #expect(names(all(&scheduler)) == ["-d", "-d"])
        scheduler.add(delivery(4, "d", by: "smtp"), now: 99)
        #expect(names(all(&scheduler)) == ["-d"])
        scheduler.add(delivery(5, "d", by: "smtp"), now: 100)
        #expect(names(all(&scheduler)) == ["d"])
    }

    @Test func `a transport that failed is left alone until its time`() {
        var scheduler = scheduler(["local": limits(), "smtp": limits()])
        for name in ["a", "a", "a", "b"] { scheduler.add(delivery(1, name), now: 0) }
        scheduler.add(delivery(1, "x", by: "smtp"), now: 0)
        #expect(names(all(&scheduler)) == ["a", "x", "b", "a"])
        scheduler.ended(delivery(1, "b"), .transportDown(until: 60, Self.down))
        #expect(names(all(&scheduler)) == ["-a"])
        scheduler.add(delivery(2, "c"), now: 59)
        #expect(names(all(&scheduler)) == ["-c"])
        scheduler.endSuspensions()
        scheduler.add(delivery(3, "c"), now: 59)
        #expect(names(all(&scheduler)) == ["c"])
    }

    @Test func `every delivery that is added comes out once`() {
        var scheduler = scheduler(["local": limits(3, 2), "smtp": limits(2, 1)])
        var out = 0
        var running: [Delivery] = []
        for number in 0..<500 {
            let name = "\(number * 7 % 13)"
            scheduler.add(
                delivery(number, name, by: number % 3 == 0 ? "smtp" : "local"), now: number)
            for action in all(&scheduler) {
                out += 1
                if case .start(let delivery) = action { running.append(delivery) }
            }
            if number % 2 == 0, !running.isEmpty {
                let ended = running.removeFirst()
                let health: Scheduler.Health =
                    number % 50 == 0 ? .transportDown(until: number + 5, Self.down) : .good
                scheduler.ended(ended, health)
            }
        }
        while !running.isEmpty {
            scheduler.ended(running.removeFirst(), .good)
            for action in all(&scheduler) {
                out += 1
                if case .start(let delivery) = action { running.append(delivery) }
            }
        }
        #expect(out == 500)
        #expect(scheduler.busy == 0)
    }

    @Test func `recipients are divided by destination and in portions`() {
        let id = QueueID(microseconds: 1, inode: 1)
        func recipient(_ index: Int, _ transport: String, _ hop: String) -> ResolvedRecipient {
            ResolvedRecipient(
                transport: transport, nexthop: Array(hop.utf8),
                recipient: DeliveryRecipient(
                    index: index, address: Array("U\(index)@x".utf8), original: []))
        }
        let list = divide(
            [
                recipient(0, "local", "x"), recipient(1, "smtp", "y"), recipient(2, "smtp", "Y"),
                recipient(3, "smtp", "z"), recipient(4, "local", "x"), recipient(5, "smtp", "y"),
                recipient(6, "smtp", "y"),
            ], of: id
        ) { $0 == "local" ? limits() : limits(recipients: 2) }
        #expect(list.map { $0.recipients.map(\.index) } == [[0], [1, 2], [3], [4], [5, 6]])
        #expect(list[0].destination.name == Array("u0@x".utf8))
        #expect(list[1].destination == list[4].destination)
    }
}
