import MailQueue

/// A message that is being delivered: what qmgr holds of it in memory.
final class ActiveMessage {
    let id: QueueID
    var file: QueueFile
    /// When qmgr took it up: the second figure of `delays=`.
    let activated: ArrivalTime
    /// Deliveries that wait or run.
    var outstanding = 0
    /// What is learnt and not yet written to the file.
    var unwritten: [OutcomeRecord] = []
    /// bounce has failed in this round; the sender is told in the next one.
    var noticeFailed = false
    /// Its expiry has been dealt with in this round.
    var isExpiryDone = false
    /// It was active in more than one crash, and is tried alone among its like.
    let isSuspect: Bool
    /// Removed or renamed under our hands by postsuper: nothing more is done with it.
    var isGone = false

    init(id: QueueID, file: QueueFile, activated: ArrivalTime) {
        self.id = id
        self.file = file
        self.activated = activated
        isSuspect = file.outcomes.crashes > 1
    }

    /// The recipients that are still to be delivered to, by their number in the file.
    var pending: [DeliveryRecipient] {
        zip(file.envelope.recipients, file.outcomes.standings).enumerated().compactMap {
            index, pair in
            guard pair.1.isPending else { return nil }
            return DeliveryRecipient(
                index: index, address: pair.0.address, original: pair.0.original)
        }
    }

    /// The standings with what is not yet written among them.
    var standing: Outcomes {
        var outcomes = file.outcomes
        for record in unwritten { outcomes.apply(record) }
        return outcomes
    }
}
