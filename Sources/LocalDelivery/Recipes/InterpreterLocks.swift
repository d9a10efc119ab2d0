import Bytes

/// The lock files of recipes, and how long is waited for what is lacking.
extension RecipeInterpreter {
    func withProgramLock(_ line: RecipeLine, _ call: ProgramCall, _ body: () -> Void) {
        let implicit = line.lock == .implicit ? appendTarget(of: call) : nil
        withLock(lockName(line.lock, implicit: implicit), body)
    }

    /// Runs `body` while `lock`, if there is one, is held; a lock that does not come fails the
    /// recipe.
    func withLock(_ lock: [UInt8]?, _ body: () -> Void) {
        guard let lock else { return body() }
        guard takeLock(lock) else {
            lastSucceeded = false
            return
        }
        body()
        releaseLock(lock)
    }

    /// The file after the first `>>` of a shell line; its lock protects it.
    private func appendTarget(of call: ProgramCall) -> [UInt8] {
        let text = call.text
        for place in text.indices.dropLast() where text[place] == UInt8(ascii: ">") {
            guard text[place + 1] == UInt8(ascii: ">") else { continue }
            let rest = text[(place + 2)...].drop { $0.isBlank }
            let word = rest.prefix { !" \t\n#`'\");".utf8.contains($0) }
            var reader = WordReader(ByteCursor(word), source: self)
            reader.read(.line)
            if let name = reader.words.first { return name }
        }
        report("Couldn't determine implicit lockfile from", call.name)
        return []
    }

    /// The lock file that a recipe's line asks for; nil for none.
    func lockName(_ lock: RecipeLock, implicit: [UInt8]?) -> [UInt8]? {
        let name: [UInt8]
        switch lock {
        case .none: return nil
        case .named(let given): name = given
        case .implicit:
            guard let implicit else { return nil }
            name = implicit + (variables[Self.lockExtension] ?? [])
        }
        guard !name.isEmpty else { return nil }
        guard name != heldLock else {
            report("Deadlock attempted on", name)
            return nil
        }
        return name
    }

    func takeLock(_ name: [UInt8]) -> Bool {
        if isVerbose { report("Locking", name) }
        if host.lock(name, lockTiming) { return true }
        report("Lock failure on", name)
        return false
    }

    func releaseLock(_ name: [UInt8]) {
        if isVerbose { report("Unlocking", name) }
        host.unlock(name)
    }

    /// What NORESRETRY and SUSPEND say.
    package var patience: Patience {
        Patience(retries: number(of: "NORESRETRY"), pause: max(0, number(of: "SUSPEND")))
    }

    var lockTiming: LockTiming {
        LockTiming(
            pause: max(1, number(of: "LOCKSLEEP")), staleAfter: number(of: "LOCKTIMEOUT"),
            pauseAfterForce: max(0, number(of: "SUSPEND")))
    }

    static let lockExtension = Array("LOCKEXT".utf8)
    static let nullDevice = Array("/dev/null".utf8)
}
