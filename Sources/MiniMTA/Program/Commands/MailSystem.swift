import Bytes
import Diagnostics
import MailQueue
import Posix
import QueueManager
import Services
import Settings

/// The mail system of one configuration, from outside: whether it runs, and starting and stopping it.
struct MailSystem {
    /// Seconds that a stop may take before force is used.
    private static let patience = 6

    let directory: Path
    let configuration: MainConfiguration
    let queue: QueueSettings
    let log: Log

    init(directory: Path) throws(ConfigurationError) {
        self.directory = directory
        configuration = try MainConfiguration.load(directory: directory)
        queue = try configuration.settings(QueueSettings.self)
        log = try Log.script(configuration)
    }

    func start(inForeground: Bool) -> Never {
        makeDirectories()
        guard !isRunning else { log.fatal("the Postfix mail system is already running") }
        for warning in warnings() { log.warning(warning) }
        repairQueue()
        log.info("starting the Postfix mail system")
        let options = ["-c", directory.description] + (inForeground ? [] : ["-w"])
        let error = Process.execute(
            daemon("master"), arguments: (["master"] + options).map { Array($0.utf8) })
        log.fatal("\(error)")
    }

    /// Gives copied queue files the names that they need here, before anything runs that could make
    /// others of the same name.
    ///
    /// In a process of its own, which takes on the rights of the queue's owner.
    private func repairQueue() {
        do throws(SystemError) {
            guard let child = try Process.fork() else {
                PostsuperCommand.run(["-c", directory.description, "-s"])
            }
            guard try Process.wait(child) == .exited(0) else {
                log.fatal("Postfix integrity check failed!")
            }
        } catch { log.fatal("\(error)") }
    }

    func stop() -> Never {
        let master = runningMaster()
        log.info("stopping the Postfix mail system")
        signal(master, Signal.terminate)
        let deadline = Deadline.after(seconds: Self.patience)
        while isRunning {
            if deadline.hasPassed {
                log.warning("stopping the Postfix mail system with force")
                signal(-master, Signal.kill)
                break
            }
            Process.sleep(milliseconds: 20)
        }
        Process.exit(0)
    }

    func abort() -> Never {
        let master = runningMaster()
        log.info("aborting the Postfix mail system")
        signal(master, Signal.terminate)
        Process.exit(0)
    }

    func reload() -> Never {
        let master = runningMaster()
        for warning in warnings() { log.warning(warning) }
        log.info("refreshing the Postfix mail system")
        signal(master, Signal.hangup)
        Process.exit(0)
    }

    func status() -> Never {
        guard isRunning, let master = masterNumber else {
            log.info("the Postfix mail system is not running")
            Process.exit(1)
        }
        log.info("the Postfix mail system is running: PID: \(master)")
        Process.exit(0)
    }

    func flush() -> Never {
        _ = runningMaster()
        enterQueue()
        guard QueueTrigger.flush() else { log.fatal("cannot reach the queue manager") }
        Process.exit(0)
    }

    /// Says nothing when all is well.
    func check() -> Never {
        makeDirectories()
        for warning in warnings() { log.warning(warning) }
        do throws(ConfigurationError) {
            _ = try MasterConfiguration.load(directory: directory)
        } catch {
            log.fatal("\(error)")
        }
        Process.exit(0)
    }

    /// Makes what a fresh installation needs: the queue's directories.
    func install() -> Never {
        makeDirectories()
        Process.exit(0)
    }

    private var isRunning: Bool {
        enterQueue()
        do throws(SystemError) {
            let file = try FileDescriptor.open("pid/master.pid", .readWrite, .noFollow)
            return try !file.tryFlock(.exclusive)
        } catch {
            if error.isMissing { return false }
            log.fatal("\(error)")
        }
    }

    /// The number in master's lock file.
    private var masterNumber: Int32? {
        do throws(SystemError) {
            let text = try FileDescriptor.open("pid/master.pid").readAll(limit: 64)
            return Int32(decimal: text.trimmed)
        } catch { return nil }
    }

    private func runningMaster() -> Int32 {
        guard isRunning, let master = masterNumber else {
            log.fatal("the Postfix mail system is not running")
        }
        return master
    }

    private func signal(_ process: Int32, _ signal: Int32) {
        do throws(SystemError) { try Process.signal(process, signal) } catch {
            log.fatal("\(error)")
        }
    }

    private func enterQueue() {
        do throws(SystemError) { try Process.changeDirectory(queue.queueDirectory) } catch {
            log.fatal("\(error)")
        }
    }

    private func daemon(_ name: String) -> Path {
        do throws(SystemError) { return try Process.programPath.parent / name } catch {
            log.fatal("\(error)")
        }
    }

    private func makeDirectories() {
        _ = Process.setUmask(0o022)
        do throws(ConfigurationError) {
            let isRoot = Rights.effectiveUser == 0
            let owner = try isRoot ? queue.owner(configuration) : nil
            let group = try isRoot ? queue.dropGroup(configuration) : nil
            do throws(SystemError) {
                try QueueDirectories.create(
                    at: queue.queueDirectory, owner: owner.map { ($0.id, $0.group) },
                    dropGroup: group)
                try makeDataDirectory(owner)
            } catch { log.fatal("unable to create missing queue directories: \(error)") }
        } catch { log.fatal("\(error)") }
    }

    private func makeDataDirectory(_ owner: User?) throws(SystemError) {
        guard try queue.dataDirectory.statusIfPresent() == nil else { return }
        try queue.dataDirectory.makeDirectories(mode: 0o755)
        try queue.dataDirectory.setMode(0o700)
        if let owner { try queue.dataDirectory.setOwner(owner.id, group: owner.group) }
    }

    /// What main.cf and master.cf ask for and do not get.
    private func warnings() -> [String] {
        let master: MasterConfiguration?
        do throws(ConfigurationError) {
            master = try MasterConfiguration.load(directory: directory)
        } catch { log.fatal("\(error)") }
        let chrooted = master?.services.filter(\.isChrooted).map(\.name) ?? []
        let chroot =
            chrooted.isEmpty
            ? []
            : [
                "\(directory / "master.cf"): not supported yet: chroot, asked for by "
                    + chrooted.joined(separator: ", ")
            ]
        return configuration.warnings(
            honoured: HonouredSettings.groups,
            extra: (master?.services ?? []).flatMap { TransportParameterNames.names(of: $0.name) },
            master: master) + chroot
    }
}

extension Log {
    /// The log of `postfix` itself: the mail log, and standard error for whoever types.
    fileprivate static func script(
        _ configuration: MainConfiguration
    ) throws(ConfigurationError) -> Log {
        let settings = try configuration.settings(LogSettings.self)
        let name = "\(settings.syslogName)/postfix-script"
        guard !settings.file.isEmpty else {
            return Log(name: name, to: [.syslog(), .standardError])
        }
        do throws(SystemError) {
            return Log(name: name, to: [try .file(Path(settings.file)), .standardError])
        } catch { return Log(name: name, to: [.syslog(), .standardError]) }
    }
}
