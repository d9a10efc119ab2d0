import MailQueue
import Services

/// A delivery that a transport has been asked for.
final class RunningDelivery {
    let channel: Channel
    let delivery: Delivery
    /// Recipients without a result yet.
    private(set) var waiting: Set<Int>
    /// What the transport said of the whole destination.
    var unreachable: Outcome?

    init(_ channel: Channel, _ delivery: Delivery) {
        self.channel = channel
        self.delivery = delivery
        waiting = Set(delivery.recipients.map(\.index))
    }

    /// The recipient that a result speaks of; nil when it was not asked for or is known already.
    func take(_ index: Int) -> DeliveryRecipient? {
        guard waiting.remove(index) != nil else { return nil }
        return delivery.recipients.first { $0.index == index }
    }

    /// The recipients without a result, in the order of the request.
    var unreported: [DeliveryRecipient] {
        delivery.recipients.filter { waiting.contains($0.index) }
    }
}

/// A notice that bounce has been asked for.
final class RunningNotice {
    let channel: Channel
    let message: QueueID
    /// The recipients that the notice is about, by their number in the queue file.
    let recipients: [Int]

    init(_ channel: Channel, _ message: QueueID, _ recipients: [Int]) {
        self.channel = channel
        self.message = message
        self.recipients = recipients
    }
}
