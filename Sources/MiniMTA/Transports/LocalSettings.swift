import Bytes
import Mbox
package import Settings

/// The parameters of the `local` transport.
package struct LocalSettings: SettingsGroup {
    package var homeMailbox = ""
    package var spoolDirectory = ""
    package var mailboxCommand = ""
    package var mailboxLock = ""
    package var lockAttempts = 0
    package var lockDelay = 0
    package var staleLockTime = 0
    package var mailboxSizeLimit = 0
    package var requiresOwnership = false
    package var quotaFullIsTemporary = false
    package var commandTimeLimit = 0
    package var commandShell = ""
    package var exportedEnvironment: [String] = []
    package var forwardPath = ""
    package var headersPrepended: [String] = []
    package var commandsAllowed: [String] = []
    package var filesAllowed: [String] = []
    package var mailName = ""
    package var softBounce = false

    package init() {}

    package static let parameters: [Parameter<LocalSettings>] = mailboxes + commands

    private static let mailboxes: [Parameter<LocalSettings>] = [
        .text(
            "home_mailbox", \.homeMailbox, "",
            "The mailbox below a user's home; a slash at its end makes it a Maildir."),
        .text(
            "mail_spool_directory", \.spoolDirectory, "/var/mail",
            "Where the mailboxes of users lie."),
        .text(
            "mailbox_delivery_lock", \.mailboxLock, "fcntl, dotlock", minimum: 1,
            "The locks under which a mailbox is changed."),
        .count(
            "deliver_lock_attempts", \.lockAttempts, "20", in: 1...100_000,
            "How often a mailbox lock is tried."),
        .time(
            "deliver_lock_delay", \.lockDelay, "1s", in: 1...86_400,
            "The pause between two attempts at a mailbox lock."),
        .time(
            "stale_lock_time", \.staleLockTime, "500s", in: 1...604_800,
            "The age at which a lock file may be removed."),
        .count(
            "mailbox_size_limit", \.mailboxSizeLimit, "51200000", in: 0...Int.max,
            "The largest mailbox in octets; 0 is no limit."),
        .flag(
            "strict_mailbox_ownership", \.requiresOwnership, "yes",
            "A mailbox must be its recipient's."),
        .flag(
            "quota_full_tempfail", \.quotaFullIsTemporary, "yes",
            "Mail for a Maildir without room waits, rather than going back to its sender."),
        .raw(
            "forward_path", \.forwardPath,
            "$home/.forward${recipient_delimiter}${extension}, $home/.forward",
            "The files in which users say where their mail goes."),
        .words(
            "prepend_delivered_header", \.headersPrepended, "command, file, forward",
            "Deliveries that get a Delivered-To header."),
    ]

    private static let commands: [Parameter<LocalSettings>] = [
        .raw(
            "mailbox_command", \.mailboxCommand, "",
            "The command that takes users' mail instead of a mailbox."),
        .time(
            "command_time_limit", \.commandTimeLimit, "1000s", in: 1...86_400,
            "How long a command may take."),
        .text(
            "local_command_shell", \.commandShell, "",
            "The shell of every command; empty: /bin/sh where one is needed."),
        .words(
            "export_environment", \.exportedEnvironment, "TZ MAIL_CONFIG LANG",
            "Variables of the environment that commands get."),
        .words(
            "allow_mail_to_commands", \.commandsAllowed, "alias, forward",
            "Where |command may stand."),
        .words(
            "allow_mail_to_files", \.filesAllowed, "alias, forward", "Where /file may stand."),
        .flag(
            "soft_bounce", \.softBounce, "no", "What would be returned to its sender waits."),
        .text("mail_name", \.mailName, "Postfix", minimum: 1, "The name of the mail system."),
    ]

    /// How mailboxes are locked; `group` may make files in the spool directory.
    func lockPolicy(privilegedGroup group: UInt32?) -> LockPolicy {
        LockPolicy(
            methods: LockPolicy.methods(named: Array(mailboxLock.utf8)) ?? [.dotlock, .fcntl],
            timeoutMilliseconds: (lockAttempts * lockDelay).multipliedReportingOverflow(by: 1000)
                .partialValue,
            pauseMilliseconds: lockDelay * 1000, staleSeconds: staleLockTime,
            privilegedGroup: group)
    }
}
