/// Where log lines go and what they begin with.
package struct LogSettings: SettingsGroup {
    package var file = ""
    package var syslogName = ""
    package var syslogFacility = ""

    package init() {}

    package static let parameters: [Parameter<LogSettings>] = [
        .text(
            "maillog_file", \.file, "",
            "The file that log lines go to instead of syslog; /dev/stdout for a container."),
        .text(
            "syslog_name", \.syslogName,
            "${multi_instance_name?{$multi_instance_name}:{postfix}}", minimum: 1,
            "What log lines begin with, before the program's name."),
        .value(
            "syslog_facility", \.syslogFacility, "mail", "The facility of syslog lines.",
            parse: { facilities.contains($0) ? $0 : nil }),
    ]

    private static let facilities: Set<String> = [
        "auth", "authpriv", "cron", "daemon", "ftp", "kern", "lpr", "mail", "news", "syslog",
        "user", "uucp", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
        "local7",
    ]
}
