import Bytes
import LocalDelivery
package import Posix
package import Recipes

/// One recipient's delivery, as that recipient: recipes, then the default mailbox, then the system
/// mailbox.
package struct Recipient {
    private let user: User
    private let line: DeliveryCommandLine
    private let host: DeliveryHost
    private let interpreter: RecipeInterpreter

    package init(
        _ user: User, _ letter: Letter, _ line: DeliveryCommandLine,
        _ environment: ProcessEnvironment, mailbox: [UInt8]? = nil,
        signals: DeliverySignals = DeliverySignals()
    ) {
        self.user = user
        self.line = line
        host = DeliveryHost(signals: signals)
        interpreter = RecipeInterpreter(
            host: host, letter: letter,
            variables: Presets.variables(for: user, line, environment, mailbox: mailbox),
            arguments: line.arguments, programName: line.name,
            hostName: Array(hostName.utf8))
        host.interpreter = interpreter
        if line.recipeFiles.isEmpty { interpreter.startNotices() }
    }

    /// Delivers, and yields the exit status.
    package func deliver() -> Int32 {
        _ = Process.setUmask(0o077)
        let mailbox = Presets.systemMailbox(of: user)
        if line.mode != .general, SpoolMailbox.tighten(mailbox, owner: user.id) {
            interpreter.report("Enforcing stricter permissions on", mailbox.bytes)
        }
        host.mayTrust = [user.id, 0]
        for (name, value) in line.assignments {
            interpreter.assign(name, interpreter.expanded(value))
            // HOST was another machine.
            if interpreter.isEnded { return finish(delivered: true) }
        }
        switch runFiles() {
        case .delivered, .otherHost: return finish(delivered: true)
        case .fellThrough: return finish(delivered: deliverToDefault())
        }
    }

    /// Runs the first recipe file that can be read; the next one only when it was for another host.
    private func runFiles() -> RecipeInterpreter.End {
        if line.recipeFiles.isEmpty { return runDefaultFiles() }
        var end = RecipeInterpreter.End.fellThrough
        var isFirstMissing = true
        for name in line.recipeFiles {
            let origin = origin(of: name)
            let path = origin == .home ? user.home / Path(name) : Path(name)
            guard let text = host.recipeFile(path, origin, complains: isFirstMissing) else {
                isFirstMissing = false
                continue
            }
            end = run(text, path.bytes, isHere: origin == .here)
            if end != .otherHost { return end }
        }
        return end
    }

    private func origin(of name: [UInt8]) -> DeliveryHost.RecipeOrigin {
        if name.first == UInt8(ascii: "/") { return .absolute }
        return name.starts(with: "./".utf8) || line.mode == .general ? .here : .home
    }

    /// Relative names are below the home directory, or below the present one for `-m` and `./file`,
    /// from the first file on that is read.
    private func run(_ text: [UInt8], _ name: [UInt8], isHere: Bool) -> RecipeInterpreter.End {
        if isHere { interpreter.start(in: [.dot]) }
        interpreter.tellFile(name)
        if !isHere { interpreter.start(in: user.home.bytes) }
        return interpreter.run(text, named: name)
    }

    private func runDefaultFiles() -> RecipeInterpreter.End {
        if !line.keepsEnvironment, let text = host.systemRecipes() {
            // What is the user's own begins only with the user's own recipes.
            let path = Array("PATH".utf8)
            let own = interpreter.variables[path]
            interpreter.tellFile(DeliveryHost.systemFile.bytes)
            interpreter.assign(path, Array("/usr/local/bin:/usr/bin:/bin".utf8))
            let end = interpreter.run(text, named: DeliveryHost.systemFile.bytes)
            if end == .delivered { return end }
            interpreter.assign(path, own)
        }
        let path = user.home / ".procmailrc"
        guard let text = host.recipeFile(path, .user, complains: false) else {
            return .fellThrough
        }
        return run(text, path.bytes, isHere: false)
    }

    /// The letter goes to DEFAULT; when that fails and ORGMAIL is another, there.
    private func deliverToDefault() -> Bool {
        let system = interpreter.variables[Array("ORGMAIL".utf8)] ?? []
        let standard = interpreter.variables[Array("DEFAULT".utf8)]
        // A general filter has no mailbox but one that it names.
        let isVoid = line.mode == .general && !interpreter.hasOwnDefault
        let first = isVoid ? [] : standard ?? system
        if !first.isEmpty, place(in: first) { return true }
        if !system.isEmpty, system != first, place(in: system) { return true }
        // What is wrong with the system's mailbox, or a home that is not there, is the machine's
        // business, not the letter's.
        if Presets.systemMailbox(of: user).bytes == system || isHomeless {
            host.hadPassingTrouble = true
        }
        return false
    }

    private var isHomeless: Bool {
        do throws(SystemError) { return try user.home.statusIfPresent() == nil } catch {
            return true
        }
    }

    private func place(in name: [UInt8]) -> Bool {
        let mailbox = Presets.systemMailbox(of: user)
        guard name == mailbox.bytes, isPlanted(mailbox) else {
            return interpreter.deliverByDefault(to: name)
        }
        interpreter.report("Not owned by the recipient:", name)
        return false
    }

    /// Whether somebody else has put something in the place of the user's mailbox, where everybody
    /// may make files.
    private func isPlanted(_ mailbox: Path) -> Bool {
        do throws(SystemError) {
            guard try mailbox.parent.status().isWorldWritable else { return false }
            let there = try mailbox.linkStatus()
            return there.kind != .regular || there.owner != user.id
        } catch { return !error.isMissing }
    }

    /// Logs what became of the letter, runs TRAP, gives locks back and yields the exit status.
    private func finish(delivered: Bool) -> Int32 {
        let softly = line.failsSoftly || host.hadPassingTrouble
        var status =
            delivered
            ? ExitStatus.success
            : softly ? ExitStatus.temporaryFailure : ExitStatus.cannotCreate
        let failure = interpreter.isDetached ? "**Lost**" : DeliveryHost.word(of: status)
        interpreter.sendNotice(failure: delivered ? nil : Array(failure.utf8))
        if interpreter.wantsAbstract(hasLog: host.hasLog) {
            interpreter.logAbstract(
                folder: delivered ? interpreter.lastFolder : Array(failure.utf8))
        }
        if let chosen = interpreter.runTrap(status: status) { status = chosen }
        interpreter.releaseHeldLock()
        return status
    }
}
