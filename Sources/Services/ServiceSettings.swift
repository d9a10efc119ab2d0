package import Settings

/// The parameters that every service obeys.
package struct ServiceSettings: SettingsGroup {
    /// Connections after which a process ends, so that leaks and old configuration end with it.
    package var maxUse = 0
    /// Seconds without a connection after which a process ends.
    package var maxIdle = 0
    /// Seconds for one step of the talk between two of our processes.
    package var ipcTimeout = 0
    /// Seconds after which a process that handles one request is taken for hung.
    package var daemonTimeout = 0

    package init() {}

    package static let parameters: [Parameter<ServiceSettings>] = [
        .count(
            "max_use", \.maxUse, "100", in: 1...1_000_000,
            "Connections that a service process handles before it ends."),
        .time("max_idle", \.maxIdle, "100s", "How long a service process waits for a connection."),
        .time("ipc_timeout", \.ipcTimeout, "3600s", "Limit on talking to another process."),
        .time("daemon_timeout", \.daemonTimeout, "18000s", "Limit on handling one request."),
    ]
}

/// The parameters that only master obeys; here, so that whoever checks main.cf knows them.
package struct MasterSettings: SettingsGroup {
    package var defaultProcessLimit = 0

    package init() {}

    package static let parameters: [Parameter<MasterSettings>] = [
        .count(
            "default_process_limit", \.defaultProcessLimit, "100",
            "Processes of a service whose line in master.cf does not say.")
    ]
}
