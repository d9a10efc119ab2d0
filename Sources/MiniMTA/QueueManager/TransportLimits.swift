import Settings

/// What one transport may be asked to do at once.
struct TransportLimits: Equatable, Sendable {
    /// The most recipients that a request holds whatever is configured, so that it fits a frame.
    static let requestLimit = 1000

    private static let concurrencySuffix = "_destination_concurrency_limit"
    private static let recipientSuffix = "_destination_recipient_limit"
    private static let initialSuffix = "_initial_destination_concurrency"
    static let suffixes = [concurrencySuffix, recipientSuffix, initialSuffix]

    let processes: Int
    /// Deliveries to one destination at once.
    let concurrency: Int
    /// Deliveries to one destination with which a destination starts.
    let initialConcurrency: Int
    /// Recipients of one delivery; with 1 each recipient is a destination of its own.
    let recipients: Int

    /// The limits of `transport`: `NAME_destination_concurrency_limit` and its like, where they are
    /// set, else the defaults.
    init(
        of transport: String, _ settings: QueueManagerSettings, _ configuration: MainConfiguration
    ) throws(ConfigurationError) {
        func number(_ suffix: String, _ fallback: Int) throws(ConfigurationError) -> Int {
            let name = transport + suffix
            let text = try configuration.value(name)
            if text.isEmpty { return fallback }
            guard let number = Int(text), number >= 0 else {
                throw configuration.fault(name, "bad numerical configuration: \(name) = \(text)")
            }
            return number
        }
        let concurrency = try number(
            Self.concurrencySuffix, settings.concurrencyLimit)
        let recipients = try number(
            Self.recipientSuffix, settings.destinationRecipients)
        let initial = try number(
            Self.initialSuffix, settings.initialConcurrency)
        self.init(
            processes: settings.processLimit, concurrency: concurrency,
            initialConcurrency: initial, recipients: recipients)
    }

    /// Limits given as numbers, 0 meaning none.
    init(processes: Int, concurrency: Int, initialConcurrency: Int, recipients: Int) {
        self.processes = processes
        self.concurrency = concurrency == 0 ? processes : concurrency
        self.initialConcurrency = max(1, min(initialConcurrency, self.concurrency))
        self.recipients = recipients == 0 ? Self.requestLimit : min(recipients, Self.requestLimit)
    }
}

/// The parameters of transports that qmgr obeys.
package enum TransportParameterNames {
    /// Those of `transport`, such as `local_destination_concurrency_limit`.
    package static func names(of transport: String) -> [String] {
        TransportLimits.suffixes.map { transport + $0 }
    }
}
