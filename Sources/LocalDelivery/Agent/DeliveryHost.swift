import Bytes
import LocalDelivery
import Posix
import Recipes

/// Carries out what recipes ask for: the one place where `mda` touches files and starts programs.
final class DeliveryHost: RecipeHost {
    /// Whose recipes are run; set once, before anything is asked.
    weak var interpreter: RecipeInterpreter?
    private var logFile: FileDescriptor?
    /// A lock, quota-free disk or other thing was missing that may be there later.
    var hadPassingTrouble = false
    /// Owners that recipe files may have.
    var mayTrust: [UInt32] = []
    /// The locks held, by absolute path, to be given back whatever happens.
    private var locks: [[UInt8]: Path] = [:]
    /// When the locks are to be touched again.
    private var refreshTime = Deadline.after(seconds: refreshPause)
    var names = DeliveryNames()
    let signals: DeliverySignals

    init(signals: DeliverySignals = DeliverySignals()) { self.signals = signals }

    static let systemFile: Path = "/etc/procmailrc"
    /// Octets of a recipe file; more was not written by hand.
    private static let fileLimit = 16 << 20

    var hasLog: Bool { logNumber != 2 }

    /// The descriptor that log lines and programs' complaints go to.
    var logNumber: Int32 {
        switch logFile {
        case .some(let file): file.number
        case .none: 2
        }
    }

    func log(_ text: [UInt8]) {
        guard !text.isEmpty else { return }
        do throws(SystemError) {
            try FileDescriptor.withInherited(logNumber) { (log) throws(SystemError) in
                try log.write(text)
            }
        } catch {
            // A full disk must not stop the letter.
        }
    }

    func openLog(_ name: [UInt8]) -> Bool {
        do throws(SystemError) {
            logFile = try FileDescriptor.open(
                Path(name), .writeOnly, [.create, .append, .nonBlocking], mode: 0o667)
            return true
        } catch { return false }
    }

    func changeDirectory(to name: [UInt8]) -> Bool {
        do throws(SystemError) {
            try Process.changeDirectory(Path(name))
            return true
        } catch { return false }
    }

    func utf8(_ charset: [UInt8], _ text: [UInt8]) -> [UInt8]? {
        guard let converter = CharacterSetConverter(from: charset) else { return nil }
        return converter.convert(text) + converter.finish()
    }

    func setUmask(_ mask: UInt32) {
        names.umask = mask
        _ = Process.setUmask(mask)
    }

    func writeOutput(_ octets: [UInt8]) -> Bool {
        do throws(SystemError) {
            try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
                try output.write(octets)
            }
            return true
        } catch { return false }
    }

    func clone(waiting: Bool) -> CloneSide {
        do throws(SystemError) {
            guard let child = try Process.fork() else {
                locks = [:]
                return .child
            }
            guard waiting else { return .parent(status: 0) }
            switch try wait(for: child) {
            case .exited(let status): return .parent(status: status)
            case .signalled(let signal): return .parent(status: -signal)
            }
        } catch {
            hadPassingTrouble = true
            interpreter?.report("Failed forking a clone: \(error.reason)")
            return .parent(status: ExitStatus.temporaryFailure)
        }
    }

    /// Waits for a copy of ours to end; the locks are kept, and signals heard.
    private func wait(for child: Int32) throws(SystemError) -> Process.Ending {
        while true {
            if let ending = try Process.poll(child) { return ending }
            signals.wait(milliseconds: Self.glance)
            heedSignals()
            refreshLocks()
        }
    }

    private static let glance = 20

    /// The rights of root are given up before any recipe is read.
    func dropRights() {}

    func detach() -> Bool {
        do throws(SystemError) {
            // The parent says at once that all is well; what follows cannot be told any more.
            if try Process.fork() != nil { Process.leave(ExitStatus.success) }
            return true
        } catch {
            interpreter?.report("Failed forking", Array("procmail".utf8))
            return false
        }
    }

    // MARK: Recipe files

    /// The text of a file that recipes go on in; one that others may write in is not read.
    func recipes(in name: [UInt8]) -> [UInt8]? {
        do throws(SystemError) {
            let path = Path(name)
            guard let status = try path.statusIfPresent(), status.kind != .directory else {
                return nil
            }
            if try isSuspicious(status, path, isDefault: false) {
                interpreter?.report("Suspicious rcfile", name)
                return nil
            }
            return read(path)
        } catch { return nil }
    }

    func systemRecipes() -> [UInt8]? { read(Self.systemFile) }

    /// Where a recipe file's name comes from.
    enum RecipeOrigin {
        /// The user's own, which the user's group may not write in either.
        case user
        /// The command line: a whole name, one below the home directory, or one that is right here
        /// and needs no trust.
        case absolute, home, here
    }

    /// The text of a file of the command line or of the user, when nobody else can have written it;
    /// whether to complain of one that cannot be read, the caller says.
    func recipeFile(_ path: Path, _ origin: RecipeOrigin, complains: Bool) -> [UInt8]? {
        do throws(SystemError) {
            if let status = try path.statusIfPresent() {
                if origin != .here, try isSuspicious(status, path, isDefault: origin == .user) {
                    interpreter?.report("Suspicious rcfile", path.bytes)
                    interpreter?.report("Couldn't read", path.bytes)
                    return nil
                }
                if let text = read(path) { return text }
                hadPassingTrouble = true
            }
        } catch {
            // As if it were not there.
        }
        if complains { interpreter?.report("Couldn't read", path.bytes) }
        return nil
    }

    private func isSuspicious(
        _ status: FileStatus, _ path: Path, isDefault: Bool
    ) throws(SystemError) -> Bool {
        guard status.kind == .regular || status.kind == .directory else {
            return path != "/dev/null"
        }
        guard mayTrust.contains(status.owner), !status.isWorldWritable else { return true }
        if isDefault, status.isGroupWritable, status.group != Rights.group { return true }
        let folder = try path.parent.status()
        if isDefault, folder.isGroupWritable, folder.mode & 0o010 != 0,
            folder.group != Rights.group,
            folder.mode & 0o1000 == 0
        {
            return true
        }
        return folder.isWorldWritable && folder.mode & 0o001 != 0 && folder.mode & 0o1000 == 0
    }

    private func read(_ path: Path) -> [UInt8]? {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, .readOnly, .nonBlocking)
            let kind = try file.status().kind
            // There is nothing to read in a directory.
            if kind == .directory { return [] }
            guard kind == .regular || path == "/dev/null" else { return nil }
            return try file.readAll(limit: Self.fileLimit)
        } catch { return nil }
    }
}

// MARK: Locks

extension DeliveryHost {
    func lock(_ name: [UInt8], _ timing: LockTiming) -> Bool {
        var failures = 0
        while true {
            do throws(SystemError) {
                switch try LockFile.attempt(Path(name), staleAfter: timing.staleAfter) {
                case .taken:
                    noteLock(name)
                    return true
                case .busy: pause(seconds: timing.pause, for: name)
                case .denied: return false
                case .forced:
                    interpreter?.report("Forcing lock on", name)
                    pause(seconds: timing.pauseAfterForce, for: name)
                }
            } catch {
                // What may pass is tried again a few times, as procmail does.
                failures += 1
                guard failures < Self.lockFailures, !error.isDenied else {
                    hadPassingTrouble =
                        hadPassingTrouble || !(error.isDenied || error.isMissing)
                    return false
                }
                pause(seconds: timing.pause, for: name)
            }
        }
    }

    private static let lockFailures = 7

    private func noteLock(_ name: [UInt8]) {
        do throws(SystemError) { locks[name] = try Process.workingDirectory / Path(name) } catch {
            locks[name] = Path(name)
        }
    }

    func unlock(_ name: [UInt8]) {
        let path = locks.removeValue(forKey: name) ?? Path(name)
        do throws(SystemError) { try LockFile.release(path) } catch {
            interpreter?.report("Couldn't unlock", name)
        }
    }

    /// Waits for the lock `name`, but not for a signal that asks to end.
    private func pause(seconds: Int, for name: [UInt8]) {
        signals.wait(milliseconds: seconds * 1000)
        heedSignals(whilst: " whilst waiting for lockfile \"\(String(printable: name))\"")
        if interpreter?.isVerbose == true { interpreter?.report("Locking", name) }
    }

    /// Makes the locks look new while something takes long: others take over what is old.
    private func refreshLocks() {
        guard refreshTime.hasPassed else { return }
        refreshTime = .after(seconds: Self.refreshPause)
        let now = FileTime(seconds: Clock.now)
        for path in locks.values {
            do throws(SystemError) {
                try path.setTimes(accessed: now, modified: now)
            } catch {
                // Gone, or taken over already.
            }
        }
    }

    /// Seconds: well below the two minutes after which Dovecot takes a lock over.
    private static let refreshPause = 30

    /// Gives back what is held, for an end in the middle.
    func releaseLocks() {
        // The global one is the outermost.
        for (name, path) in locks.sorted(by: { $1.key == interpreter?.heldLock && $0.key != $1.key }
        ) {
            if interpreter?.isVerbose == true { interpreter?.report("Unlocking", name) }
            do throws(SystemError) { try LockFile.release(path) } catch {
                // Stale once we are gone.
            }
        }
        locks = [:]
    }
}

// MARK: Programs

extension DeliveryHost {
    func run(_ call: ProgramCall) -> ProgramReport {
        var run = ProgramRun(command: call.command.forRunning, environment: call.environment)
        let isHeard = call.purpose == .output || call.purpose == .filter
        run.output = isHeard ? .captured(limit: Self.outputLimit) : .discarded
        run.errors = logNumber
        run.timeLimit = call.timeLimit > 0 ? .after(seconds: call.timeLimit) : .never
        run.mercy = 2000
        run.interrupts = DeliverySignals.interrupting
        var left = call.input[...]
        do throws(SystemError) {
            let report = try run.run(meanwhile: refreshLocks) { () throws(SystemError) in
                let piece = Array(left.prefix(Self.pieceSize))
                left = left.dropFirst(piece.count)
                return piece
            }
            return translate(report, call)
        } catch {
            hadPassingTrouble = true
            interpreter?.report("Failed to execute \"\(run.name)\"")
            return ProgramReport(ending: .notStarted, readAll: false)
        }
    }

    private func translate(_ report: ProgramRun.Report, _ call: ProgramCall) -> ProgramReport {
        let ending: ProgramReport.Ending =
            switch report.ending {
            case .exited(let code): .exited(code)
            case .signalled(let signal): .signalled(signal)
            case .timedOut: .timedOut
            case .notStarted: .notStarted
            case .interrupted(Signal.alarm): .timedOut
            case .interrupted(let signal): end(by: signal)
            }
        heedSignals()
        return ProgramReport(ending: ending, output: report.output, readAll: report.readAll)
    }

    /// Octets of a filter's output; it becomes the letter.
    private static let outputLimit = 1 << 31
    private static let pieceSize = 65536
}

extension ProgramCall.Command {
    fileprivate var forRunning: ProgramRun.Command {
        switch self {
        case .words(let words): .words(words)
        case .shell(let path, let flags, let line): .shell(path: path, flag: flags, line: line)
        }
    }
}
