package import Settings

/// The parameters of cleanup.
package struct CleanupSettings: SettingsGroup {
    package var headerSizeLimit = 0
    package var hopLimit = 0
    package var duplicateLimit = 0
    package var alwaysAddsHeaders = false
    package var dropsHeaders: [String] = []

    package init() {}

    package static let parameters: [Parameter<CleanupSettings>] = [
        .count(
            "header_size_limit", \.headerSizeLimit, "102400", in: 1...Int(Int32.max),
            "The octets of one header that are kept."),
        .count(
            "hopcount_limit", \.hopLimit, "50", in: 1...Int(Int32.max),
            "The Received lines of a message that is not taken to be looping."),
        .count(
            "duplicate_filter_limit", \.duplicateLimit, "1000",
            "The recipients of a message among which duplicates are found."),
        .flag(
            "always_add_missing_headers", \.alwaysAddsHeaders, "no",
            "Missing headers are added to strangers' mail, too."),
        .list(
            "message_drop_headers", \.dropsHeaders, "bcc, content-length, resent-bcc, return-path",
            "The headers that are taken out."),
    ]
}
