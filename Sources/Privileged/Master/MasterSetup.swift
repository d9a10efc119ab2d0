import Diagnostics
import Posix
import Services
import Settings

/// What `master` has read: main.cf and master.cf, and what follows from them.
struct MasterSetup {
    let directory: Path
    let configuration: MainConfiguration
    let entries: [ServiceEntry]
    let hosts: HostSettings
    let queue: QueueSettings
    /// `default_process_limit`.
    let processLimit: Int
    /// `mail_owner`; nil when an ordinary user runs the mail system as himself.
    let owner: User?
    /// Where the programs of the services lie: beside this one.
    let daemonDirectory: Path
    /// Services that master.cf no longer has and whose last processes still work.
    var retired: [Service] = []

    init(directory: Path) throws(ConfigurationError) {
        self.directory = directory
        configuration = try MainConfiguration.load(directory: directory, overrides: [])
        hosts = try configuration.settings(HostSettings.self)
        queue = try configuration.settings(QueueSettings.self)
        entries = try MasterConfiguration.load(directory: directory).services
        processLimit = try configuration.settings(MasterSettings.self).defaultProcessLimit
        owner = try Rights.effectiveUser == 0 ? queue.owner(configuration) : nil
        do throws(SystemError) { daemonDirectory = try Process.programPath.parent } catch {
            throw ConfigurationError("\(error)")
        }
    }

    /// As the log lines of a start and a reload name it.
    var identity: String {
        let version = configuration.rawValue("mail_version") ?? ""
        return "version \(version), configuration \(directory)"
    }

    /// An error in a line of master.cf.
    func error(_ entry: ServiceEntry, _ text: String) -> ConfigurationError {
        ConfigurationError(file: directory / "master.cf", line: entry.line, text)
    }
}
