package import Settings

/// The parameters of notices.
package struct BounceSettings: SettingsGroup {
    package var sizeLimit = 0
    package var notifyClasses: [String] = []
    package var doubleBounceSender = ""
    package var bounceRecipient = ""
    package var doubleBounceRecipient = ""

    package init() {}

    package static let parameters: [Parameter<BounceSettings>] = [
        .count(
            "bounce_size_limit", \.sizeLimit, "50000", in: 1...Int(Int32.max),
            "The largest message that goes back whole; of a larger one only the headers do."),
        .words(
            "notify_classes", \.notifyClasses, "resource, software",
            "What the postmaster is told of."),
        .text(
            "double_bounce_sender", \.doubleBounceSender, "double-bounce", minimum: 1,
            "The sender of notices to the postmaster; what comes back to it is dropped."),
        .text(
            "bounce_notice_recipient", \.bounceRecipient, "postmaster", minimum: 1,
            "Who gets a copy of each notice, with class bounce."),
        .text(
            "2bounce_notice_recipient", \.doubleBounceRecipient, "postmaster", minimum: 1,
            "Who gets the notices that cannot be delivered, with class 2bounce."),
    ]
}
