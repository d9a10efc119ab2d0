import Bytes
import Diagnostics
import LocalDelivery
import Posix
import Rewriting
import Services
import Settings
import Tables

/// What all deliveries of one `local` process share: settings, tables, the log.
struct LocalContext {
    let settings: LocalSettings
    let host: HostSettings
    let resolver: Resolver
    let rewriter: Rewriter
    let aliases: AliasDatabase
    let defaultPrivileges: String
    let log: Log
    /// Our own delivery agent, which need not be started.
    let agent: OwnProgram?
    /// Why no user, and why no name without an account, is delivered to: a setting that nothing is
    /// built for.
    let userObstacle, unknownUserObstacle: String?

    /// Reads the configuration; what is wrong with it is fatal.
    init(_ daemon: Daemon) {
        settings = daemon.settings(LocalSettings.self)
        host = daemon.settings(HostSettings.self)
        defaultPrivileges = daemon.settings(QueueSettings.self).defaultPrivileges
        log = daemon.log
        let rewriting = daemon.settings(RewritingSettings.self)
        rewriter = Rewriter(host, rewriting)
        agent = LocalAgent.program
        let warn = daemon.log
        do throws(ConfigurationError) {
            resolver = try Resolver(host, rewriting)
            userObstacle = try daemon.configuration.unbuiltFeature(of: [.user])
            unknownUserObstacle = try daemon.configuration.unbuiltFeature(of: [.unknownUser])
        } catch { daemon.log.fatal("\(error)") }
        do throws(TableError) {
            aliases = try AliasDatabase.open(daemon.settings(AliasSettings.self).maps) {
                warn.warning($0)
            }
        } catch { daemon.log.fatal("\(error)") }
    }

    /// Seconds that one delivery may take before its process is taken for hung: the limits of its
    /// parts, and room for a slow disk.
    var patience: Int {
        settings.commandTimeLimit + settings.lockAttempts * settings.lockDelay + 600
    }

    /// The local part divided at the first delimiter: the user and the extension.
    func split(_ local: [UInt8]) -> (user: [UInt8], extensionPart: [UInt8]) {
        let marks = host.recipientDelimiter.utf8
        let isProtected =
            local.startsIgnoringCase(with: Array("owner-".utf8))
            || local.lowercased.suffix(8).elementsEqual("-request".utf8)
        guard !local.equalsIgnoringCase("mailer-daemon"),
            !local.equalsIgnoringCase("double-bounce"),
            let place = local.indices.dropFirst().first(where: { index in
                marks.contains(local[index])
                    && !(isProtected && local[index] == UInt8(ascii: "-"))
            })
        else { return (local, []) }
        let rest = Array(local[(place + 1)...])
        // An extension becomes part of a path: one with a slash could leave the directory.
        return (Array(local[..<place]), rest.contains(UInt8(ascii: "/")) ? [] : rest)
    }

    /// The rights for commands and files of an alias table: its owner's, or those of
    /// `default_privs` for a table of root's.
    func owner(ofTable specification: String) throws(SystemError) -> User? {
        let name = specification.split(separator: ":", maxSplits: 1).last.map(String.init) ?? ""
        let path = Path(name)
        var status = try path.adding(suffix: ".db").statusIfPresent()
        if status == nil { status = try path.statusIfPresent() }
        if let owner = status?.owner, owner != 0 { return try User.withID(owner) }
        return try User.named(defaultPrivileges)
    }

    /// The group that may make files in the spool directory; nil where everybody may, or nobody.
    var spoolGroup: UInt32? {
        do throws(SystemError) {
            let status = try Path(settings.spoolDirectory).status()
            guard Rights.effectiveUser == 0, !status.isWorldWritable, status.isGroupWritable else {
                return nil
            }
            return status.group
        } catch {
            // The delivery itself says what is wrong with the directory.
            return nil
        }
    }
}
