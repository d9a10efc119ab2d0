import Bytes

/// Actions: folders, programs, forwards, and the locks they hold.
extension RecipeInterpreter {
    // MARK: Folders

    /// Puts the letter into the folders that `words` name.
    func deliver(to words: [[UInt8]], _ line: RecipeLine, _ flags: RecipeFlags) {
        // Words that expand to nothing name no folder: the delivery fails.
        let first = words.first ?? []
        let parts = flags.contains(.filters) ? .both : flags.parts
        let folder = FolderName(first)
        var names = [folder.folder]
        var rest: [[UInt8]] = []
        if host.kind(of: folder.folder) != .mbox {
            names += words.dropFirst().map { FolderName($0).directory }
        } else {
            rest = Array(words.dropFirst())
        }
        let isNull = folder.folder.name == Self.nullDevice
        let isUnlocked = isNull && line.lock == .implicit
        let lock = isUnlocked ? nil : lockName(line.lock, implicit: folder.lockName(host))
        withLock(lock) {
            if !rest.isEmpty { report("Skipped", Array(rest.joined(separator: [.space]))) }
            lastSucceeded = deliverLocked(
                into: names, parts: parts, isRaw: flags.contains(.raw) || isNull,
                isCopy: flags.contains(.copies), lock: lock)
        }
        finish(flags)
    }

    /// Puts the letter into its default folder, with that folder's lock, for a file that ended
    /// without delivery.
    package func deliverByDefault(to name: [UInt8]) -> Bool {
        if name.first == UInt8(ascii: "|") {
            // What stands behind it is no program: our own output gets the letter.
            let input = ended(letter.octets)
            return writeOut(input, as: name, isCopy: false)
        }
        let folder = FolderName(name)
        let isNull = folder.folder.name == Self.nullDevice
        var lock: [UInt8]?
        if !isNull, !folder.isDirectory {
            let wanted = folder.folder.name + (variables[Self.lockExtension] ?? [])
            if wanted != heldLock { lock = wanted }
        }
        // In a spool that only its group may write in, no lock file can be made: the kernel's lock,
        // which every delivery takes besides, must do for a mailbox that is there.
        let isHeld = lock.map { takeLock($0) } ?? false
        defer { if isHeld, let lock { releaseLock(lock) } }
        return deliverLocked(
            into: [folder.folder], parts: .both, isRaw: isNull, isCopy: false,
            lock: isHeld ? lock : nil)
    }

    /// Delivers while `lock`, if there is one, is held.
    private func deliverLocked(
        into folders: [FolderDelivery.Folder], parts: LetterParts, isRaw: Bool, isCopy: Bool,
        lock: [UInt8]?
    ) -> Bool {
        if isAstray, folders.contains(where: { $0.name.first != UInt8(ascii: "/") }) {
            report("Couldn't chdir to \"\(text(of: "MAILDIR"))\"")
            return false
        }
        var folders = folders
        if host.kind(of: folders[0]) != .mbox, let failed = host.make(folders[0]) {
            report("Unable to treat as directory", failed)
            guard failed == folders[0].name else {
                report("Skipped", folders[0].name)
                return false
            }
            // What cannot be a directory is written to as a file.
            folders = [FolderDelivery.Folder(named: failed)]
        }
        let delivery = FolderDelivery(
            folders: folders, letter: letter, parts: parts, isRaw: isRaw,
            prefix: variables[Array("MSGPREFIX".utf8)] ?? [], isVerbose: isVerbose,
            lockName: lock, timing: lockTiming, timeLimit: number(of: "TIMEOUT"))
        let kind = host.kind(of: folders[0])
        if kind == .mbox {
            setLastFolder(folders[0].name)
            if isVerbose { report("Opening", folders[0].name) }
        }
        let outcome = host.deliver(delivery)
        if kind != .mbox { tellFiles(outcome.files, kind) }
        if outcome.octets > 0 { lastOctets = outcome.octets }
        guard outcome.succeeded else { return false }
        notice.offset = outcome.offset
        noteDelivery(octets: outcome.octets, isCopy: isCopy)
        return true
    }

    /// Sets LASTFOLDER to files that did not have their names before, and tells of each.
    private func tellFiles(_ files: [[UInt8]], _ kind: FolderDelivery.Kind) {
        guard let first = files.first else { return }
        setLastFolder(first)
        if isVerbose, kind != .maildir {
            report("Opening", first)
            report("Acquiring kernel-lock")
        }
        if isVerbose { for file in files.dropFirst() { report("Linking to", file) } }
        lastFolder = Array(files.joined(separator: [.space]))
        variables[Self.lastFolderName] = lastFolder
    }

    // MARK: Programs

    /// `! address…`: hands the letter without its From_ line to SENDMAIL.
    func forward(to addresses: WordReader, _ line: RecipeLine, _ flags: RecipeFlags) {
        let sendmail = variables[Array("SENDMAIL".utf8)] ?? []
        let options = (variables[Array("SENDMAILFLAGS".utf8)] ?? [])
            .split(whereSeparator: { $0.isSpace }).map { Array($0) }
        var input: [UInt8]
        switch flags.parts {
        case .both: input = Array(letter.octets[letter.headerStart...])
        case .header: input = Array(letter.octets[letter.headerStart..<letter.bodyStart])
        case .body: input = Array(letter.body)
        }
        if !flags.contains(.raw) { input = ended(input) }
        let front = [sendmail] + options
        func rest(_ words: [[UInt8]]) -> [[UInt8]] { words.isEmpty ? [[]] : words }
        let command = ShownCommand(
            front + rest(addresses.words), shown: front + rest(addresses.shownWords))
        if flags.contains(.filters) { return filter(command, input, line, flags) }
        perform(command, input: input, line, flags)
    }

    /// `| command`: the letter goes to a program; alone it goes to our own output.
    func pipe(_ text: [UInt8], _ line: RecipeLine, _ flags: RecipeFlags) {
        var input = Array(letter.octets(of: flags.parts))
        let isOwnOutput = text.allSatisfy { $0.isSpace }
        if flags.contains(.filters), !isOwnOutput {
            return filter(command(text), input, line, flags)
        }
        if !flags.contains(.raw) { input = ended(input) }
        if isOwnOutput {
            let isUnlocked = line.lock == .implicit
            withLock(isUnlocked ? nil : lockName(line.lock, implicit: nil)) {
                lastSucceeded = writeOut(
                    input, as: [UInt8(ascii: "|")], isCopy: flags.contains(.copies))
            }
            return finish(flags)
        }
        perform(command(text), input: input, line, flags)
    }

    /// Writes to our own output; true when that has the letter.
    private func writeOut(_ text: [UInt8], as name: [UInt8], isCopy: Bool) -> Bool {
        guard host.writeOutput(text) else { return false }
        setLastFolder(name)
        noteDelivery(octets: text.count, isCopy: isCopy)
        return true
    }

    /// Runs a program that takes the letter, and judges by the flags whether it did.
    private func perform(
        _ command: ShownCommand, input: [UInt8], _ line: RecipeLine, _ flags: RecipeFlags
    ) {
        let call = self.call(command, input: input, for: .delivery)
        withProgramLock(line, call) {
            let report = run(call, isAwaited: isAwaited(line, flags))
            lastSucceeded = judge(report, call, line, flags)
            setLastFolder(call.text)
            // The newline that was added at the end is not counted when it was not taken.
            let octets = report.readAll ? input.count : letter.octets(of: flags.parts).count
            lastOctets = octets
            notice.offset = nil
            if lastSucceeded {
                noteDelivery(octets: octets, isCopy: flags.contains(.copies))
            }
        }
        finish(flags)
    }

    /// Whether the action counts as done.
    ///
    /// Without `w` the exit status is nobody's business, but a program that never ran, was killed or
    /// left part of the letter unread has not taken it.
    private func judge(
        _ report: ProgramReport, _ call: ProgramCall, _ line: RecipeLine, _ flags: RecipeFlags
    ) -> Bool {
        let (waits, quietly) = waiting(line, flags)
        if !report.readAll, !flags.contains(.ignoresWriteErrors) {
            self.report("Error while writing to", call.name)
            return false
        }
        switch report.ending {
        case .exited(0): return true
        case .exited:
            if waits {
                failure(report, call)
            } else if quietly {
                nonZero(report, call)
            }
            return !(waits || quietly)
        case .signalled, .notStarted, .timedOut:
            if waits || !quietly { failure(report, call) } else { nonZero(report, call) }
            return false
        }
    }

    /// `f`: what the program writes takes the place of what it was fed.
    private func filter(
        _ command: ShownCommand, _ input: [UInt8], _ line: RecipeLine, _ flags: RecipeFlags
    ) {
        let input = flags.contains(.raw) ? input : ended(input)
        let call = self.call(command, input: input, for: .filter)
        withProgramLock(line, call) {
            if flags.contains(.copies) { report("Extraneous copy-flag ignored") }
            let outcome = run(call, isAwaited: isAwaited(line, flags))
            guard accepts(outcome, call, line, flags) else { return }
            letter.replace(flags.parts, with: outcome.output)
        }
    }

    /// `NAME=| command`: what the program writes, less one newline, becomes the value.
    func capture(_ text: [UInt8], in name: [UInt8], _ line: RecipeLine, _ flags: RecipeFlags) {
        let plain = Array(letter.octets(of: flags.parts))
        let input = flags.contains(.raw) ? plain : ended(plain)
        let call = self.call(command(text), input: input, for: .output)
        withProgramLock(line, call) {
            if flags.contains(.copies) { report("Extraneous copy-flag ignored") }
            if isVerbose { report("Assigning", name + [UInt8(ascii: "=")]) }
            let outcome = run(call, isAwaited: isAwaited(line, flags))
            guard accepts(outcome, call, line, flags, isCapture: true) else {
                // The old value is what is rescued, where there was one.
                let isTold =
                    waiting(line, flags).loud || isVerbose || outcome.ending == .timedOut
                if isTold, variables[name] != nil { report(Self.rescue) }
                return
            }
            set(name, outcome.output.last == .lf ? outcome.output.dropLast() : outcome.output)
        }
    }

    /// Whether the output of a filter may be used; sets what `a` and `e` look at.
    private func accepts(
        _ outcome: ProgramReport, _ call: ProgramCall, _ line: RecipeLine, _ flags: RecipeFlags,
        isCapture: Bool = false
    ) -> Bool {
        let (waits, quietly) = waiting(line, flags)
        var accepted = outcome.readAll || flags.contains(.ignoresWriteErrors)
        if !accepted { report("Error while writing to", call.name) }
        switch outcome.ending {
        case .exited(0): break
        case .exited:
            if waits { failure(outcome, call) } else if quietly { nonZero(outcome, call) }
            accepted = accepted && !(waits || quietly)
        case .timedOut: accepted = isCapture && !(waits || quietly)
        case .signalled, .notStarted:
            let isLoud = waits || !(quietly || isCapture)
            if isLoud { failure(outcome, call) } else if quietly { nonZero(outcome, call) }
            // Without `w` a variable may stay empty; the letter must not.
            accepted = accepted && isCapture && !(waits || quietly)
        }
        let isTold = waits || !quietly || isVerbose || outcome.ending == .timedOut
        if !accepted, !isCapture, isTold { report(Self.rescue) }
        lastSucceeded = accepted
        return accepted
    }

    static let rescue = "Rescue of unfiltered data succeeded"

    // MARK: What they share

    /// Whether to wait and tell of failures, or wait and be quiet: `W` counts more than `w`, and a
    /// lock makes it wait without a word.
    private func waiting(_ line: RecipeLine, _ flags: RecipeFlags) -> (loud: Bool, quiet: Bool) {
        let isLoud = flags.contains(.waits) && !flags.contains(.waitsQuietly)
        return (isLoud, flags.contains(.waitsQuietly) || line.lock != .none)
    }

    private func isAwaited(_ line: RecipeLine, _ flags: RecipeFlags) -> Bool {
        let (loud, quiet) = waiting(line, flags)
        return loud || quiet
    }

    /// Ends the recipes after a delivery that was no copy.
    private func finish(_ flags: RecipeFlags) {
        if lastSucceeded, !flags.contains(.copies) { end = .delivered } else { notice.offset = nil }
    }

    /// Notes a delivery for the log.
    private func noteDelivery(octets: Int, isCopy: Bool) {
        lastOctets = octets
        // The last delivery is told at the end of everything.
        isTold = isCopy && wantsEachAbstract && observer == nil
        if isTold { logAbstract(folder: lastFolder) }
    }

    private func withProgramLock(_ line: RecipeLine, _ call: ProgramCall, _ body: () -> Void) {
        let implicit = line.lock == .implicit ? appendTarget(of: call) : nil
        withLock(lockName(line.lock, implicit: implicit), body)
    }

    /// Runs `body` while `lock`, if there is one, is held; a lock that does not come fails the
    /// recipe.
    private func withLock(_ lock: [UInt8]?, _ body: () -> Void) {
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

    private var lockTiming: LockTiming {
        LockTiming(
            pause: max(1, number(of: "LOCKSLEEP")), staleAfter: number(of: "LOCKTIMEOUT"),
            pauseAfterForce: max(0, number(of: "SUSPEND")))
    }

    static let lockExtension = Array("LOCKEXT".utf8)
    static let nullDevice = Array("/dev/null".utf8)
}

/// The name of a folder in a recipe, whose end tells its kind.
struct FolderName {
    let folder: FolderDelivery.Folder
    private let written: [UInt8]

    init(_ name: [UInt8]) {
        written = name
        var name = name
        var kind: FolderDelivery.Kind?
        if name.count > 1, name.suffix(2) == [UInt8(ascii: "/"), .dot] {
            kind = .mh
            name.removeLast(2)
        } else if name.count > 1, name.last == UInt8(ascii: "/") {
            kind = .maildir
        }
        while name.count > 1, name.last == UInt8(ascii: "/") { name.removeLast() }
        folder = FolderDelivery.Folder(name: name, kind: kind)
    }

    var isDirectory: Bool { folder.kind != nil }

    /// The name that an implicit lock file's begins with: as written, for a directory that is there;
    /// the lock of one that must be made first could not lie in it.
    func lockName(_ host: any RecipeHost) -> [UInt8] {
        isDirectory && host.isThere(folder.name) ? written : folder.name
    }

    /// The same as a directory of letters, where the name alone does not say what it is.
    var directory: FolderDelivery.Folder {
        folder.kind == nil
            ? FolderDelivery.Folder(name: folder.name, kind: .directory(prefix: [])) : folder
    }
}
