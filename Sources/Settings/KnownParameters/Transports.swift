/// Parameters that exist once for every delivery transport of master.cf, as `smtp_time_limit` does.
package enum TransportParameters {
    /// What follows the transport's name, and the default.
    static let defaults: [(suffix: String, defaultText: String)] = [
        ("_delivery_slot_cost", "$default_delivery_slot_cost"),
        ("_delivery_slot_discount", "$default_delivery_slot_discount"),
        ("_delivery_slot_loan", "$default_delivery_slot_loan"),
        (
            "_destination_concurrency_failed_cohort_limit",
            "$default_destination_concurrency_failed_cohort_limit"
        ),
        ("_destination_concurrency_limit", "$default_destination_concurrency_limit"),
        (
            "_destination_concurrency_negative_feedback",
            "$default_destination_concurrency_negative_feedback"
        ),
        (
            "_destination_concurrency_positive_feedback",
            "$default_destination_concurrency_positive_feedback"
        ),
        ("_destination_rate_delay", "$default_destination_rate_delay"),
        ("_destination_recipient_limit", "$default_destination_recipient_limit"),
        ("_extra_recipient_limit", "$default_extra_recipient_limit"),
        ("_initial_destination_concurrency", "$initial_destination_concurrency"),
        ("_minimum_delivery_slots", "$default_minimum_delivery_slots"),
        ("_recipient_limit", "$default_recipient_limit"),
        ("_recipient_refill_delay", "$default_recipient_refill_delay"),
        ("_recipient_refill_limit", "$default_recipient_refill_limit"),
        ("_time_limit", "$command_time_limit"),
        ("_transport_rate_delay", "$default_transport_rate_delay"),
    ]

    /// The default of a name that ends as a transport's parameter does; nil for another name.
    static func defaultText(of name: String) -> String? {
        defaults.first { name.utf8.count > $0.suffix.utf8.count && name.hasSuffix($0.suffix) }?
            .defaultText
    }

    /// The transport that a parameter's name begins with; nil when it is no transport's.
    static func transport(of name: String) -> String? {
        defaults.first { name.utf8.count > $0.suffix.utf8.count && name.hasSuffix($0.suffix) }
            .map { String(name.dropLast($0.suffix.count)) }
    }
}
