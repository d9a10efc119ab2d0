import Bytes
import Diagnostics
import MailQueue
import Posix
import Services
import Settings

/// Looks through maildrop/ and decides what happens to each file.
final class MaildropScanner {
    /// Seconds after which an unfinished file is taken for left over.
    private static let unfinishedLimit = 36 * 3600

    private let log: Log
    private let transfer: MaildropTransfer
    /// Files that cannot be moved away, so that each is warned about once.
    private var hopeless: Set<Path> = []

    init(_ daemon: Daemon) {
        log = daemon.log
        transfer = MaildropTransfer(
            log: daemon.log, host: daemon.settings(HostSettings.self).myhostname,
            mailName: Self.mailName(daemon),
            patience: daemon.settings(ServiceSettings.self).ipcTimeout)
    }

    private static func mailName(_ daemon: Daemon) -> String {
        do throws(ConfigurationError) { return try daemon.configuration.value("mail_name") } catch {
            daemon.log.fatal("\(error)")
        }
    }

    /// Takes every complete file, the oldest names first.
    func scan() {
        let names: [Path]
        do throws(SystemError) { names = try QueueDirectory.maildrop.path.list() } catch {
            return log.warning("\(error)")
        }
        hopeless.formIntersection(names)
        for name in names.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        where !hopeless.contains(name) {
            guard take(name) else { return }
        }
    }

    /// Deals with one file; false when cleanup cannot be reached, so that the others need not be
    /// tried.
    private func take(_ name: Path) -> Bool {
        let path = QueueDirectory.maildrop.path / name
        switch MaildropEntry(path) {
        case .gone: return true
        case .unfinished(let age):
            if age > Self.unfinishedLimit { remove(path, "unfinished since \(age / 3600) hours") }
            return true
        case .bad(let reason):
            setAside(name, reason)
            return true
        case .failed(let error):
            log.warning("\(error)")
            return true
        case .message(let entry):
            let (user, arrival) = (entry.user, entry.arrival)
            switch transfer.send(entry.release(), user: user, arrival: arrival) {
            case .queued:
                remove(path, nil)
            case .bad(let reason): setAside(name, reason)
            case .later(let reason): log.warning("maildrop/\(name): \(reason); message stays")
            case .noCleanup(let reason):
                log.warning("connect to public/cleanup: \(reason)")
                return false
            }
            return true
        }
    }

    private func remove(_ path: Path, _ reason: String?) {
        if let reason { log.warning("\(path): removed: \(reason)") }
        do throws(SystemError) { try path.unlinkIfPresent() } catch {
            hopeless.insert(path.name)
            log.warning("\(error)")
        }
    }

    /// Keeps a bad file where the administrator finds it and pickup does not.
    private func setAside(_ name: Path, _ reason: String) {
        let (path, target) = (
            QueueDirectory.maildrop.path / name, QueueDirectory.corrupt.path / name
        )
        do throws(SystemError) {
            try path.rename(to: target)
            log.warning("\(path): moved to \(target): \(reason)")
        } catch {
            hopeless.insert(name)
            log.warning("\(path): \(reason); it cannot be moved away: \(error.reason)")
        }
    }
}

/// What lies under a name in maildrop/: opened so that nothing but a user's own complete file is
/// ever read.
enum MaildropEntry: ~Copyable {
    case message(OpenMessage)
    /// Still being written; its age in seconds.
    case unfinished(age: Int)
    /// Not what postdrop makes.
    case bad(String)
    case gone
    case failed(SystemError)

    /// An open complete file, whose it is and when it was written.
    struct OpenMessage: ~Copyable {
        private let file: FileDescriptor
        let user: UInt32
        let arrival: ArrivalTime

        init(_ file: consuming FileDescriptor, _ status: FileStatus) {
            self.file = file
            user = status.owner
            arrival = ArrivalTime(
                seconds: status.modified.seconds,
                microseconds: status.modified.nanoseconds / 1000)
        }

        consuming func release() -> FileDescriptor { file }
    }

    init(_ path: Path) {
        do throws(SystemError) {
            let named = try path.linkStatus()
            guard named.kind == .regular else {
                self = .bad("not a regular file")
                return
            }
            guard named.mode & 0o100 != 0 else {
                self = .unfinished(age: max(0, Clock.now - named.modified.seconds))
                return
            }
            let file = try FileDescriptor.open(path, .readOnly, [.noFollow, .nonBlocking])
            let status = try file.status()
            // A second name may lead to a file that its owner never submitted.
            guard status.isSameFile(as: named), status.kind == .regular, status.links == 1 else {
                self = .bad("the file has other names, or was exchanged")
                return
            }
            self = .message(OpenMessage(file, status))
        } catch {
            self = error.isMissing ? .gone : .failed(error)
        }
    }
}
