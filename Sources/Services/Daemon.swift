package import Diagnostics
import Posix
package import Settings

/// A service process that `master` started: who it is, its configuration, log and listeners.
package struct Daemon: Sendable {
    /// The service's name, the first word of its line in master.cf.
    package let service: String
    /// The program's name, such as `smtpd`.
    package let program: String
    /// What the command line holds beyond the options that every service has.
    package let arguments: [String]
    package let configuration: MainConfiguration
    package let log: Log
    /// How many listening sockets were inherited; 0 when the process was not started by master.
    let listenerCount: Int

    /// The numbers of the listening sockets.
    package var listeners: [Int32] {
        (0..<Int32(listenerCount)).map { MasterLink.firstListener + $0 }
    }

    /// Reads the command line and the configuration, opens the log and goes to the queue
    /// directory.
    ///
    /// What goes wrong here is fatal.
    package static func start(commandLine: DaemonCommandLine) -> Daemon {
        Signal.ignoreWriteSignals()
        do throws(ConfigurationError) {
            let directory =
                commandLine.configurationDirectory ?? MainConfiguration.defaultDirectory()
            let configuration = try MainConfiguration.load(
                directory: directory, overrides: commandLine.overrides)
            let log = try Log.daemon(commandLine.program, configuration)
            let queue = try configuration.settings(QueueSettings.self).queueDirectory
            do throws(SystemError) { try Process.changeDirectory(queue) } catch {
                log.fatal("\(error)")
            }
            return Daemon(
                service: commandLine.service ?? commandLine.program, program: commandLine.program,
                arguments: commandLine.rest, configuration: configuration, log: log,
                listenerCount: commandLine.listenerCount)
        } catch {
            Log(name: "postfix/\(commandLine.program)", to: [.syslog(), .standardError])
                .fatal("\(error)")
        }
    }

    /// Reads a group of parameters; a value that is not one is fatal.
    package func settings<Group: SettingsGroup>(_ group: Group.Type) -> Group {
        do throws(ConfigurationError) { return try configuration.settings(group) } catch {
            log.fatal("\(error)")
        }
    }

    /// Becomes `mail_owner` for good.
    ///
    /// A mail system that an ordinary user started runs as that user throughout.
    package func becomeMailOwner() {
        guard Rights.effectiveUser == 0 else { return }
        do throws(ConfigurationError) {
            let owner = try settings(QueueSettings.self).owner(configuration)
            do throws(SystemError) {
                try Rights.become(user: owner.id, group: owner.group, supplementary: [owner.group])
            } catch { log.fatal("mail_owner \(owner.name): \(error)") }
        } catch { log.fatal("\(error)") }
    }
}

extension Log {
    /// The log of a program of the mail system: `maillog_file` if it is set, else syslog.
    package static func daemon(
        _ program: String, _ configuration: MainConfiguration
    ) throws(ConfigurationError) -> Log {
        let settings = try configuration.settings(LogSettings.self)
        let name = "\(settings.syslogName)/\(program)"
        guard !settings.file.isEmpty else { return Log(name: name, to: [.syslog()]) }
        do throws(SystemError) {
            return Log(name: name, to: [try .file(Path(settings.file))])
        } catch {
            return Log(name: name, to: [.syslog()])
        }
    }
}
