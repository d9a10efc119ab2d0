package import Posix

/// Where the mail system lives on this machine, and as whom it runs.
package struct QueueSettings: SettingsGroup {
    package var queueDirectory: Path = "/var/spool/postfix"
    package var dataDirectory: Path = "/var/lib/postfix"
    package var mailOwner = ""
    package var setgidGroup = ""
    package var defaultPrivileges = ""
    package var commandDirectory: Path = "/usr/sbin"
    package var daemonDirectory: Path = "/usr/lib/postfix/sbin"
    package var messageSizeLimit = 0
    package var minimumFree = 0

    package init() {}

    package static let parameters: [Parameter<QueueSettings>] = [
        .path(
            "queue_directory", \.queueDirectory, "/var/spool/postfix",
            "The root of the queue, and the working directory of the daemons."),
        .path(
            "data_directory", \.dataDirectory, "/var/lib/postfix",
            "Where daemons keep data of their own."),
        .text("mail_owner", \.mailOwner, "postfix", minimum: 1, "The account that owns the queue."),
        .text(
            "setgid_group", \.setgidGroup, "postdrop", minimum: 1,
            "The group of the commands that submit mail and manage the queue."),
        .text(
            "default_privs", \.defaultPrivileges, "nobody", minimum: 1,
            "The account for deliveries to files and commands that belong to nobody."),
        .path("command_directory", \.commandDirectory, "/usr/sbin", "Where the commands are."),
        .path(
            "daemon_directory", \.daemonDirectory, "/usr/lib/postfix/sbin",
            "Where the daemons are."),
        .count(
            "message_size_limit", \.messageSizeLimit, "10240000", in: 0...Int.max,
            "The largest message in octets, its envelope included; 0 is no limit."),
        .count(
            "queue_minfree", \.minimumFree, "0", in: 0...Int.max,
            "The free octets below which the queue takes no mail."),
    ]

    /// The account of `mail_owner`.
    package func owner(_ configuration: MainConfiguration) throws(ConfigurationError) -> User {
        do throws(SystemError) {
            if let user = try User.named(mailOwner) { return user }
        } catch { throw configuration.fault("mail_owner", "\(error)") }
        throw configuration.fault(
            "mail_owner", "parameter mail_owner: unknown user name value: \(mailOwner)")
    }

    /// The group of `setgid_group`.
    package func dropGroup(_ configuration: MainConfiguration) throws(ConfigurationError) -> UInt32
    {
        do throws(SystemError) {
            if let group = try Group.id(named: setgidGroup) { return group }
        } catch { throw configuration.fault("setgid_group", "\(error)") }
        throw configuration.fault(
            "setgid_group", "parameter setgid_group: unknown group name: \(setgidGroup)")
    }
}
