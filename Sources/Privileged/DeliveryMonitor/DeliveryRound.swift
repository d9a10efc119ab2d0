import Posix
import Services

/// One letter on its way to its recipients: several at a time, each in a process of its own, the
/// answers in the order of the recipients.
struct DeliveryRound {
    /// Deliveries at the same time: a slow recipient holds up its own answer and those behind it,
    /// not the other deliveries.
    static let width = 8
    /// Milliseconds between asking a late delivery to end and ending it.
    static let mercy = 5000

    let recipients: [RecipientDirectory.Recipient]
    /// The first recipient of the same delivery, for each recipient.
    private let firsts: [Int]
    /// The process, while it runs, and the answer of each delivery.
    private var running: [Int: RecipientProcess] = [:]
    private var answers: [Int: DeliveryAnswer] = [:]
    private var waiting: ArraySlice<Int>
    private var answered = 0
    private var deadline: Deadline
    private var isLate = false

    /// A round that ends deliveries which take more than `timeLimit` seconds.
    init(_ recipients: [RecipientDirectory.Recipient], timeLimit: Int) {
        self.recipients = recipients
        deadline = .after(seconds: timeLimit)
        firsts = recipients.map { one in
            recipients.firstIndex { $0.isSameDelivery(as: one) } ?? 0
        }
        waiting = recipients.indices.filter { [firsts] in firsts[$0] == $0 }[...]
    }

    /// Everything is answered, or was given up.
    var isDone: Bool { answered == recipients.count }

    /// What there is to wait for.
    var waits: [(descriptor: Int32, interest: Readiness)] {
        running.values.filter(\.isHearing).map { ($0.descriptor, .readable) }
    }

    /// Until when to wait; a child's end comes as a signal.
    var wake: Deadline { deadline }

    /// Starts what there is room for.
    mutating func start(
        _ begin: (RecipientDirectory.Recipient) throws(SystemError) -> RecipientProcess
    ) {
        while running.count < Self.width, let place = waiting.popFirst() {
            do throws(SystemError) { running[place] = try begin(recipients[place]) } catch {
                answers[place] = .failed(status: "4.3.0", text: "\(error)")
            }
        }
    }

    /// Nobody waits for the answers any more: what has not begun will not.
    mutating func cutOff() {
        for place in waiting {
            answers[place] = .failed(status: "4.4.2", text: "the connection is lost")
        }
        waiting = []
    }

    /// Looks which deliveries have ended, and ends those that take too long.
    mutating func look() {
        for (place, process) in running {
            process.hear()
            do throws(SystemError) {
                guard let answer = try process.outcome() else { continue }
                answers[place] = answer
            } catch { answers[place] = .failed(status: "4.3.0", text: "\(error)") }
            running[place] = nil
        }
        if deadline.hasPassed { end() }
    }

    private mutating func end() {
        for place in waiting { answers[place] = .late }
        waiting = []
        for process in running.values {
            process.isLate = true
            process.signal(isLate ? Signal.kill : Signal.terminate)
        }
        isLate = true
        deadline = .after(milliseconds: Self.mercy)
    }

    /// The next recipient and its answer, when that is known.
    mutating func next() -> (recipient: RecipientDirectory.Recipient, answer: DeliveryAnswer)? {
        guard !isDone, let answer = answers[firsts[answered]] else { return nil }
        defer { answered += 1 }
        return (recipients[answered], answer)
    }
}
