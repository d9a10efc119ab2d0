import Bytes
import Diagnostics
import MailQueue
import Posix
import Services
import Settings

/// `postsuper`: removes, holds, releases and tries again messages, and puts the queue in order
/// (postsuper(1)).
///
/// May move and remove files of the queue. For root, or the user whose queue it is.
struct PostsuperCommand {
    /// What is done to a message, and how it is told.
    enum Deed: Unicode.Scalar, CaseIterable {
        case requeue = "r"
        case delete = "d"
        case hold = "h"
        case release = "H"

        var done: String {
            switch self {
            case .requeue: "requeued"
            case .delete: "removed"
            case .hold: "placed on hold"
            case .release: "released from hold"
            }
        }

        var sum: String {
            switch self {
            case .requeue: "Requeued"
            case .delete: "Deleted"
            case .hold: "Placed on hold"
            case .release: "Released from hold"
            }
        }
    }

    private static let usage =
        "usage: postsuper [-c config_dir] [-d queue_id (delete)] [-e queue_id (expire)] "
        + "[-f queue_id (expire and/or un-hold)] [-h queue_id (hold)] [-H queue_id (un-hold)] "
        + "[-p (purge temporary files)] [-r queue_id (requeue)] [-s (structure fix)] "
        + "[-S (redundant structure fix)][-v (verbose)] [queue...]"
    /// The most octets of IDs on standard input.
    private static let inputLimit = 1 << 26

    private var directory: Path?
    private var deeds: [(deed: Deed, message: String)] = []
    private var purges = false
    private var repairs = false
    private var queues: [QueueDirectory] = []
    /// Standard error, and the log once it is known.
    private var logs: [Log] = [Log.tool("postsuper")]

    @Sendable static func run(_ arguments: [String]) -> Never {
        var command = PostsuperCommand()
        command.parse(arguments)
        command.enter()
        command.perform()
        Process.exit(0)
    }

    private mutating func parse(_ arguments: [String]) {
        var options = CommandOptions(arguments, bare: "psSv", valued: "cdefhHr")
        while let option = options.next() {
            switch option {
            case .flag("p"): purges = true
            case .flag("s"), .flag("S"): repairs = true
            case .value("c", let path): directory = Path(path)
            case .value("e", _), .value("f", _): fatal("not supported yet: postsuper -e, -f")
            case .value(let letter, let message):
                if let deed = Deed(rawValue: letter) { deeds.append((deed, message)) }
            case .flag: break
            case .unknown(let letter):
                refuse("invalid option -- '\(letter)'")
            case .valueMissing(let letter):
                refuse("option requires an argument -- '\(letter)'")
            }
        }
        for name in options.operands {
            guard let queue = QueueDirectory(rawValue: name), queue != .corrupt else {
                fatal("invalid directory name: \(name)")
            }
            queues.append(queue)
        }
    }

    /// Goes to the queue as its owner.
    private mutating func enter() {
        do throws(ConfigurationError) {
            let configuration = try MainConfiguration.load(
                directory: directory ?? MainConfiguration.defaultDirectory(), overrides: [])
            let settings = try configuration.settings(QueueSettings.self)
            let owner = Rights.user == 0 ? try settings.owner(configuration) : nil
            // Opened with the rights that the log file may need.
            logs.append(try Log.daemon("postsuper", configuration))
            become(owner, in: settings.queueDirectory)
        } catch { fatal("\(error)") }
    }

    private func become(_ owner: User?, in queue: Path) {
        do throws(SystemError) {
            try Process.changeDirectory(queue)
            let holder = try QueueDirectory.active.path.status().owner
            if let owner {
                try Rights.become(user: owner.id, group: owner.group, supplementary: [owner.group])
            } else if holder != Rights.user {
                fatal("use of this command is reserved for the superuser")
            }
        } catch {
            if error.isDenied { fatal("use of this command is reserved for the superuser") }
            fatal("\(error)")
        }
    }

    private func perform() {
        for deed in Deed.allCases {
            let names = deeds.filter { $0.deed == deed }.map(\.message)
            guard !names.isEmpty else { continue }
            let count = names.reduce(0) { $0 + apply(deed, to: $1) }
            info("\(deed.sum): \(count) message\(count == 1 ? "" : "s")")
        }
        attempt { () throws(SystemError) in
            if purges || (repairs && deeds.isEmpty) { _ = try UnfinishedFiles.sweep() }
            if repairs { try repairNames() }
        }
        if deeds.contains(where: { $0.deed == .requeue || $0.deed == .release }) {
            QueueTrigger.newMessage()
        }
    }

    private func repairNames() throws(SystemError) {
        let chosen = queues.isEmpty ? QueueDirectory.queues : queues
        let renamed = try QueueEditing.repairNames(in: chosen)
        for (old, new) in renamed { info("\(old): renamed to \(new)") }
        if !renamed.isEmpty {
            info(
                "Renamed to match inode number: \(renamed.count) message\(renamed.count == 1 ? "" : "s")"
            )
        }
    }

    /// Applies the deed to one ID, to all, or to those on standard input; yields how many it met.
    private func apply(_ deed: Deed, to name: String) -> Int {
        switch name {
        case "ALL": return applyToAll(deed)
        case "-": return standardInput().reduce(0) { $0 + applyToOne(deed, $1) }
        default: return applyToOne(deed, name)
        }
    }

    private func applyToOne(_ deed: Deed, _ name: String) -> Int {
        guard let id = QueueID(name) else {
            for log in logs { log.warning("invalid mail queue id: \(name)") }
            return 0
        }
        guard perform(deed, id, in: sources(of: deed)) else { return 0 }
        info("\(id): \(deed.done)")
        return 1
    }

    private func applyToAll(_ deed: Deed) -> Int {
        var count = 0
        var foreign = 0
        for queue in sources(of: deed) {
            attempt { () throws(SystemError) in
                for id in try queue.list() {
                    if try ForeignQueueFile.lies(at: queue.file(id)) {
                        foreign += 1
                    } else if perform(deed, id, in: [queue]) {
                        count += 1
                    }
                }
            }
        }
        if foreign > 0 {
            for log in logs { log.warning("left alone: \(foreign) of another mail system") }
        }
        return count
    }

    private func perform(_ deed: Deed, _ id: QueueID, in sources: [QueueDirectory]) -> Bool {
        var isDone = false
        attempt { () throws(SystemError) in
            switch deed {
            case .delete: isDone = try QueueEditing.delete(id, in: sources)
            case .hold: isDone = try QueueEditing.move(id, from: sources, to: .hold)
            case .release: isDone = try QueueEditing.move(id, from: sources, to: .deferred)
            // Every attempt resolves the recipients anew; taken up like new mail, it is tried now.
            case .requeue: isDone = try QueueEditing.move(id, from: sources, to: .incoming)
            }
        }
        return isDone
    }

    /// The directories in which the deed looks for messages.
    private func sources(of deed: Deed) -> [QueueDirectory] {
        let possible: [QueueDirectory] =
            switch deed {
            case .delete: [.maildrop, .incoming, .active, .deferred, .hold]
            case .hold: [.incoming, .active, .deferred]
            case .release: [.hold]
            case .requeue: [.deferred, .hold]
            }
        return queues.isEmpty ? possible : possible.filter { queues.contains($0) }
    }

    private func standardInput() -> [String] {
        do throws(SystemError) {
            let bytes = try FileDescriptor(adopting: 0).readAll(limit: Self.inputLimit)
            return bytes.split(separator: .lf, omittingEmptySubsequences: false)
                .map { String(decoding: $0.trimmed, as: UTF8.self) }
                .dropLast(bytes.last == .lf ? 1 : 0)
        } catch { fatal("standard input: \(error)") }
    }

    private func attempt(_ work: () throws(SystemError) -> Void) {
        do throws(SystemError) { try work() } catch {
            for log in logs { log.warning("\(error)") }
        }
    }

    private func info(_ text: String) { for log in logs { log.info(text) } }

    private func fatal(_ text: String) -> Never {
        for log in logs.dropFirst() { log.error(text) }
        Log.tool("postsuper").fatal(text)
    }

    private func refuse(_ text: String) -> Never {
        Log.tool("postsuper").info(text)
        fatal(Self.usage)
    }
}
