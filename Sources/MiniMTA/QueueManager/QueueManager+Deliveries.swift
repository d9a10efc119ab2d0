import Bytes
import Diagnostics
import MailQueue
import Posix
import Rewriting
import Services

/// Asking transports for deliveries, and hearing how they went.
extension QueueManager {
    /// Seconds within which a transport's socket takes a request: it fits the socket's buffer.
    private static let requestPatience = 5

    /// Starts what the scheduler allows.
    func startDeliveries() {
        while let action = scheduler.next() {
            switch action {
            case .start(let delivery): start(delivery)
            case .postpone(let delivery, let outcome): finish(delivery, outcome)
            }
        }
    }

    private func start(_ delivery: Delivery) {
        guard let message = messages[delivery.message], !message.isGone else {
            scheduler.ended(delivery, .good)
            return release(delivery.message)
        }
        let service = Path("private") / delivery.destination.transport
        do throws(ChannelError) {
            let channel = try Channel.connect(
                to: service, deadline: .after(seconds: Self.requestPatience))
            try send(delivery, of: message, over: channel)
            deliveries[channel.descriptor] = RunningDelivery(channel, delivery)
        } catch {
            if case .failed(let failure) = error, failure.isMissing, fileIsGone(message) {
                message.isGone = true
                scheduler.ended(delivery, .good)
                return release(message)
            }
            log.warning("connect to transport \(service): \(error.text)")
            transportFailed(delivery, "mail transport unavailable")
        }
    }

    private func send(
        _ delivery: Delivery, of message: ActiveMessage, over channel: Channel
    ) throws(ChannelError) {
        let file: FileDescriptor
        do throws(SystemError) {
            file = try FileDescriptor.open(QueueDirectory.active.file(message.id))
        } catch { throw .failed(error) }
        let header = message.file.header
        let envelope = message.file.envelope
        let request = DeliveryRequest(
            queueID: message.id, sender: envelope.sender, nexthop: delivery.nexthop,
            recipients: delivery.recipients, contentOffset: header.contentOffset,
            contentSize: header.contentSize, arrival: envelope.arrival,
            activated: message.activated, attributes: envelope.attributes)
        try channel.send(DeliveryMessage.request(request), passing: file)
        channel.deadline = .never
    }

    private func fileIsGone(_ message: ActiveMessage) -> Bool {
        do throws(SystemError) {
            return try QueueDirectory.active.file(message.id).statusIfPresent() == nil
        } catch { return false }
    }

    /// Hears what has come from a transport.
    func hear(_ running: RunningDelivery) {
        do throws(ChannelError) {
            for message in try running.channel.receiveReady(DeliveryMessage.self) {
                if try handle(message, running) { return }
            }
        } catch { abandon(running, error) }
    }

    /// Takes one message of a transport; true when it was the last.
    private func handle(
        _ message: DeliveryMessage, _ running: RunningDelivery
    ) throws(ChannelError) -> Bool {
        switch message {
        case .request: throw .malformed
        case .result(let result):
            guard let recipient = running.take(result.recipient) else { throw .malformed }
            if let active = messages[running.delivery.message] {
                record(active, recipient, result.outcome)
            }
            return false
        case .unreachable(let status, let text):
            running.unreachable = Outcome(
                .deferred, status: status, text: "delivery temporarily suspended: \(text)")
            return false
        case .done:
            guard running.unreported.isEmpty else { throw .malformed }
            deliveries[running.channel.descriptor] = nil
            scheduler.ended(running.delivery, health(running))
            release(running.delivery.message)
            return true
        }
    }

    private func health(_ running: RunningDelivery) -> Scheduler.Health {
        guard let outcome = running.unreachable else { return .good }
        let until = Clock.monotonic + settings.minimalBackoff * 1000
        return .destinationDown(until: until, outcome)
    }

    /// A transport went away or talked nonsense: what it has not reported is tried again later.
    private func abandon(_ running: RunningDelivery, _ error: ChannelError) {
        deliveries[running.channel.descriptor] = nil
        let delivery = running.delivery
        guard !isStopping else {
            // Everything is being stopped; the recipients are simply not done yet.
            scheduler.ended(delivery, .good)
            return release(delivery.message)
        }
        log.warning("private/\(delivery.destination.transport) socket: \(error.text)")
        transportFailed(
            Delivery(
                message: delivery.message, destination: delivery.destination,
                nexthop: delivery.nexthop, recipients: running.unreported),
            "unknown mail transport error")
    }

    /// Leaves the transport alone for a while, and defers the recipients of the delivery.
    private func transportFailed(_ delivery: Delivery, _ text: String) {
        let outcome = Outcome(.deferred, status: "4.3.0", text: text)
        let until = Clock.monotonic + settings.transportRetry * 1000
        scheduler.ended(delivery, .transportDown(until: until, outcome))
        finish(delivery, outcome)
    }

    /// Ends a delivery that no transport has, or has any more, with one outcome for all.
    private func finish(_ delivery: Delivery, _ outcome: Outcome) {
        guard let message = messages[delivery.message] else { return }
        conclude(message, delivery.recipients, outcome)
        release(message)
    }

    /// Notes and logs an outcome that qmgr itself has decided on.
    func conclude(_ message: ActiveMessage, _ recipients: [DeliveryRecipient], _ outcome: Outcome) {
        let moments = DeliveryMoments(
            arrival: message.file.envelope.arrival, activated: message.activated, handedOver: .now)
        for recipient in recipients {
            refusalLog.info(
                outcome.logLine(
                    message.id, to: AddressQuoting.quote(envelope: recipient.address),
                    original: AddressQuoting.quote(envelope: recipient.original), moments))
            record(message, recipient, outcome)
        }
    }

    /// Notes what became of a recipient; the transport has logged it.
    private func record(
        _ message: ActiveMessage, _ recipient: DeliveryRecipient, _ outcome: Outcome
    ) {
        guard message.file.outcomes.standings.indices.contains(recipient.index) else { return }
        // The same failure as the last time is known already, and needs no sync.
        let isKnown =
            message.file.outcomes.standings[recipient.index] == .pending(outcome)
            && message.file.outcomes.crashes == 0
        guard !isKnown else { return }
        message.unwritten.append(
            .attempt(recipient: recipient.index, at: Clock.now, outcome))
        touched.append(message)
    }

    private func release(_ id: QueueID) {
        if let message = messages[id] { release(message) }
    }

    /// One delivery or notice less runs for the message.
    func release(_ message: ActiveMessage) {
        message.outstanding -= 1
        touched.append(message)
    }
}
