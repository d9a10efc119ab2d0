import MailQueue

/// Decides which delivery comes next; knows no socket, no file and no clock.
///
/// Destinations of a transport take turns, each within its limit of concurrent deliveries, all within
/// the transport's. What cannot be delivered for now is handed back to be deferred.
struct Scheduler {
    enum Action: Equatable {
        case start(Delivery)
        /// The transport or the destination is left alone for a while: defer with this outcome.
        case postpone(Delivery, Outcome)
    }

    /// How a delivery went, as far as the next ones to its destination are concerned.
    enum Health: Equatable {
        case good
        /// The destination cannot be reached: it is left alone until then.
        case destinationDown(until: Int, Outcome)
        /// The transport itself failed: it is left alone until then.
        case transportDown(until: Int, Outcome)
    }

    /// Left alone until then, and what is deferred in the meantime says why.
    fileprivate struct Suspension {
        let until: Int
        let outcome: Outcome
    }

    private struct Waiting {
        var deliveries = Line<Delivery>()
        var busy = 0
        /// How many deliveries may run now; grows with each success up to the limit.
        var window: Int
        /// The destination stands in its transport's line.
        var isInLine = false
        var suspension: Suspension?
    }

    private struct Transport {
        let limits: TransportLimits
        var busy = 0
        var line = Line<Destination>()
        var suspension: Suspension?
    }

    private var transports: [String: Transport] = [:]
    /// The transports in the order in which they came up: a dictionary has none.
    private var order: [String] = []
    private var destinations: [Destination: Waiting] = [:]
    private var postponed = Line<(Delivery, Outcome)>()

    /// Deliveries that run.
    private(set) var busy = 0

    func knows(_ transport: String) -> Bool { transports[transport] != nil }

    func limits(of transport: String) -> TransportLimits? { transports[transport]?.limits }

    /// Must be called before the first delivery by `transport` is added.
    mutating func add(transport: String, limits: TransportLimits) {
        transports[transport] = Transport(limits: limits)
        order.append(transport)
    }

    /// Puts a delivery in line; `now` is of the clock that the suspensions are told in.
    mutating func add(_ delivery: Delivery, now: Int) {
        let key = delivery.destination
        guard var transport = transports[key.transport] else {
            preconditionFailure("transport not added")
        }
        var waiting =
            destinations[key] ?? Waiting(window: transport.limits.initialConcurrency)
        if let outcome = transport.suspension.current(now) ?? waiting.suspension.current(now) {
            postponed.append((delivery, outcome))
        } else {
            waiting.deliveries.append(delivery)
            enqueue(key, &waiting, &transport)
        }
        transports[key.transport] = transport
        destinations[key] = waiting
    }

    /// What to do next; nil when everything else must wait for a delivery to end.
    mutating func next() -> Action? {
        if let (delivery, outcome) = postponed.popFirst() { return .postpone(delivery, outcome) }
        for (index, name) in order.enumerated() {
            guard let delivery = start(name) else { continue }
            // The transports take turns too.
            order.append(order.remove(at: index))
            return .start(delivery)
        }
        return nil
    }

    private mutating func start(_ name: String) -> Delivery? {
        guard var transport = transports[name] else { return nil }
        defer { transports[name] = transport }
        while transport.busy < transport.limits.processes {
            guard let key = transport.line.popFirst() else { return nil }
            guard var waiting = destinations[key] else { continue }
            waiting.isInLine = false
            let delivery = waiting.deliveries.popFirst()
            if delivery != nil {
                waiting.busy += 1
                transport.busy += 1
                busy += 1
            }
            enqueue(key, &waiting, &transport)
            keep(key, waiting)
            if let delivery { return delivery }
        }
        return nil
    }

    /// A delivery that `next` told to start has ended, or could not be started.
    mutating func ended(_ delivery: Delivery, _ health: Health) {
        let key = delivery.destination
        guard var transport = transports[key.transport], var waiting = destinations[key] else {
            return
        }
        busy -= 1
        transport.busy -= 1
        waiting.busy -= 1
        switch health {
        case .good:
            waiting.window = min(waiting.window + 1, transport.limits.concurrency)
        case .destinationDown(let until, let outcome):
            waiting.window = max(1, waiting.window - 1)
            waiting.suspension = Suspension(until: until, outcome: outcome)
            while let held = waiting.deliveries.popFirst() { postponed.append((held, outcome)) }
        case .transportDown(let until, let outcome):
            transport.suspension = Suspension(until: until, outcome: outcome)
        }
        enqueue(key, &waiting, &transport)
        transports[key.transport] = transport
        keep(key, waiting)
        if case .transportDown(_, let outcome) = health {
            postponeAll(of: key.transport, outcome)
        }
    }

    /// Forgets that transports and destinations failed: the administrator asks for attempts now.
    mutating func endSuspensions() {
        for name in order { transports[name]?.suspension = nil }
        for key in destinations.keys { destinations[key]?.suspension = nil }
    }

    /// Forgets destinations whose suspension is over and that nothing waits for.
    mutating func forgetIdle(now: Int) {
        destinations = destinations.filter { _, waiting in
            waiting.busy > 0 || !waiting.deliveries.isEmpty
                || waiting.suspension.current(now) != nil
        }
    }

    private mutating func postponeAll(of transport: String, _ outcome: Outcome) {
        while let key = transports[transport]?.line.popFirst() {
            destinations[key]?.isInLine = false
        }
        let held = destinations.keys.filter { $0.transport == transport }
        for key in held.sorted(by: { $0.name.lexicographicallyPrecedes($1.name) }) {
            while let delivery = destinations[key]?.deliveries.popFirst() {
                postponed.append((delivery, outcome))
            }
        }
    }

    private func enqueue(
        _ key: Destination, _ waiting: inout Waiting, _ transport: inout Transport
    ) {
        guard !waiting.isInLine, !waiting.deliveries.isEmpty, waiting.busy < waiting.window else {
            return
        }
        waiting.isInLine = true
        transport.line.append(key)
    }

    /// Keeps what is known of a destination while there is something to know.
    private mutating func keep(_ key: Destination, _ waiting: Waiting) {
        let isIdle = waiting.busy == 0 && waiting.deliveries.isEmpty && waiting.suspension == nil
        destinations[key] = isIdle ? nil : waiting
    }
}

extension Optional where Wrapped == Scheduler.Suspension {
    fileprivate func current(_ now: Int) -> Outcome? {
        guard let self, self.until > now else { return nil }
        return self.outcome
    }
}
