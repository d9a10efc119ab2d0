package import Settings

/// What the submission of a message by a user of this machine depends on.
package struct SubmissionSettings: SettingsGroup {
    package enum LineEndings: String, Sendable {
        /// CR LF becomes LF wherever it is.
        case always
        /// CR LF becomes LF when the first line ends in it.
        case strict
        case never
    }

    package var lineEndings = LineEndings.always
    package var messageSizeLimit = 0
    package var authorizedUsers = ""
    package var alternateDirectories: [String] = []
    package var instanceDirectories: [String] = []

    package init() {}

    package static let parameters: [Parameter<SubmissionSettings>] = [
        .value(
            "sendmail_fix_line_endings", \.lineEndings, "always",
            "Whether CR LF is taken for a line end: always, strict or never.",
            parse: { LineEndings(rawValue: $0) }),
        .count(
            "message_size_limit", \.messageSizeLimit, "10240000", in: 0...Int.max,
            "The largest message in octets, its envelope included; 0 is no limit."),
        .text(
            "authorized_submit_users", \.authorizedUsers, "static:anyone",
            "Who may submit mail besides root and the mail owner."),
        .words(
            "alternate_config_directories", \.alternateDirectories, "",
            "Configuration directories that may be named with -c or MAIL_CONFIG."),
        .words(
            "multi_instance_directories", \.instanceDirectories, "",
            "Configuration directories of further instances of the mail system."),
    ]
}
