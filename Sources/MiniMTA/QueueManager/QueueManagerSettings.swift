package import Settings

/// The parameters of the queue manager.
package struct QueueManagerSettings: SettingsGroup {
    package var activeLimit = 0
    package var recipientLimit = 0
    package var queueRunDelay = 0
    package var minimalBackoff = 0
    package var maximalBackoff = 0
    package var maximalLifetime = 0
    package var bounceLifetime = 0
    package var transportRetry = 0
    package var processLimit = 0
    package var concurrencyLimit = 0
    package var initialConcurrency = 0
    package var destinationRecipients = 0
    package var deferTransports: [String] = []
    package var softBounce = false

    package init() {}

    package static let parameters: [Parameter<QueueManagerSettings>] = [
        .count(
            "qmgr_message_active_limit", \.activeLimit, "20000", in: 1...Int(Int32.max),
            "The most messages that are being delivered at once."),
        .count(
            "qmgr_message_recipient_limit", \.recipientLimit, "20000", in: 1...Int(Int32.max),
            "The most recipients in memory at once; one message may exceed it."),
        .time(
            "queue_run_delay", \.queueRunDelay, "300s", in: 1...Int(Int32.max),
            "How often the deferred queue is looked at."),
        .time(
            "minimal_backoff_time", \.minimalBackoff, "300s", in: 1...Int(Int32.max),
            "The shortest time between two attempts."),
        .time(
            "maximal_backoff_time", \.maximalBackoff, "4000s", in: 1...Int(Int32.max),
            "The longest time between two attempts."),
        .time(
            "maximal_queue_lifetime", \.maximalLifetime, "5d", in: 0...8_640_000,
            "When an undelivered message goes back to its sender."),
        .time(
            "bounce_queue_lifetime", \.bounceLifetime, "5d", in: 0...8_640_000,
            "The same for messages from the null sender."),
        .time(
            "transport_retry_time", \.transportRetry, "60s", in: 1...Int(Int32.max),
            "How long a transport that failed is left alone."),
        .count(
            "default_process_limit", \.processLimit, "100", in: 1...Int(Int32.max),
            "The most deliveries of one transport at once."),
        .count(
            "default_destination_concurrency_limit", \.concurrencyLimit, "20",
            "The most deliveries to one destination at once; 0 is no limit."),
        .count(
            "initial_destination_concurrency", \.initialConcurrency, "5", in: 1...Int(Int32.max),
            "How many deliveries to one destination are tried at first."),
        .count(
            "default_destination_recipient_limit", \.destinationRecipients, "50",
            "The most recipients of one delivery; 0 is no limit."),
        .words(
            "defer_transports", \.deferTransports, "",
            "Transports that deliver only when the queue is flushed."),
        .flag(
            "soft_bounce", \.softBounce, "no", "What would be returned to its sender waits."),
    ]

    /// Seconds that a message from `sender` may stay.
    package func lifetime(ofSender sender: [UInt8]) -> Int {
        sender.isEmpty ? min(bounceLifetime, maximalLifetime) : maximalLifetime
    }
}
