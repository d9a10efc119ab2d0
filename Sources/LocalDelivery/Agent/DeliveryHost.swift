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
    var locks = HeldLocks()
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
            logFile = try opening { () throws(SystemError) in
                try FileDescriptor.open(
                    Path(name), .writeOnly, [.create, .append, .nonBlocking], mode: 0o667)
            }
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

    /// The rights of root are given up before any recipe is read.
    func dropRights() {}

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
            let file = try opening { () throws(SystemError) in
                try FileDescriptor.open(path, .readOnly, .nonBlocking)
            }
            let kind = try file.status().kind
            // There is nothing to read in a directory.
            if kind == .directory { return [] }
            guard kind == .regular || path == "/dev/null" else { return nil }
            return try file.readAll(limit: Self.fileLimit)
        } catch { return nil }
    }
}

// MARK: Programs

extension DeliveryHost {
    func run(_ call: ProgramCall) -> ProgramReport {
        var run = ProgramRun(command: call.command.forRunning, environment: call.environment)
        let isHeard = call.purpose == .output || call.purpose == .filter
        run.output = isHeard ? .captured(limit: Self.outputLimit) : .discarded
        run.errors = logNumber
        run.mercy = 2000
        run.interrupts = DeliverySignals.interrupting
        do throws(SystemError) {
            return translate(try start(&run, call), call)
        } catch {
            hadPassingTrouble = true
            interpreter?.report("Failed to execute \"\(run.name)\"")
            return ProgramReport(ending: .notStarted, readAll: false)
        }
    }

    /// Runs the program as soon as the machine has room for it.
    private func start(
        _ run: inout ProgramRun, _ call: ProgramCall
    ) throws(SystemError) -> ProgramRun.Report {
        var patience = interpreter?.patience ?? Patience()
        while true {
            run.timeLimit = call.timeLimit > 0 ? .after(seconds: call.timeLimit) : .never
            var left = call.input[...]
            let report = try run.run(meanwhile: refreshLocks) { () throws(SystemError) in
                let piece = Array(left.prefix(Self.pieceSize))
                left = left.dropFirst(piece.count)
                return piece
            }
            guard case .notStarted(let error) = report.ending, error.isProcessShortage else {
                return report
            }
            guard wait(&patience, after: error, for: .process) else {
                hadPassingTrouble = true
                interpreter?.report("Failed forking", Array(run.name.utf8))
                return report
            }
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
