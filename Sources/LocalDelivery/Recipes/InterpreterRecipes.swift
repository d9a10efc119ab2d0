import Bytes

/// Recipes: their line, their chain, their conditions, and which action follows.
extension RecipeInterpreter {
    /// Runs a recipe; its colon has been read.
    func runRecipe() {
        let last = files.count - 1
        let begin = files[last].cursor.position - 1
        tell(.statement(line: files[last].place(of: begin).line, files[last].line(at: begin)))
        let digits = files[last].cursor.take(while: \.isDigit)
        let number = digits.isEmpty ? nil : Int(decimal: digits)
        let line = RecipeLine(read(.line).words)
        _ = files[last].cursor.take(.lf)
        if !line.skipped.isEmpty { report("Skipped", line.skipped) }
        // The old style: a count of conditions, one when it is left out.
        let plain = number ?? (line.flags.isChained ? 0 : 1)
        let flags = withoutConflicts(line.flags)
        let barrier = chainBarrier(flags)
        if let barrier { tell(.passedOver(barrier)) }
        let runs = !isSkipping && barrier == nil
        let (matched, isParted) = evaluateConditions(plain: plain, flags: flags, runs: runs)
        guard end == nil else { return }
        // Without an action a recipe does not count as matched.
        let isMissing = isParted && files[last].cursor.peek == .colon
        if !isSkipping { note(matched && !isMissing, flags) }
        runAction(line, flags: flags, matched: matched, isParted: isParted)
    }

    private func withoutConflicts(_ flags: RecipeFlags) -> RecipeFlags {
        var flags = flags
        guard flags.contains(.elseIfFailed) else { return flags }
        if flags.contains(.elseIfNotMatched) {
            flags.remove(.elseIfNotMatched)
            report("Conflicting else-if-flag suppressed")
        }
        if flags.contains(.alsoIfSucceeded) {
            flags.remove(.alsoIfSucceeded)
            report("Conflicting also-if-succeeded-flag suppressed")
        }
        return flags
    }

    /// Why the flags that look at earlier recipes keep this one from being tried; nil when they do
    /// not.
    private func chainBarrier(_ flags: RecipeFlags) -> String? {
        if flags.contains(.elseIfFailed), !(chain.previousMatched && !lastSucceeded) {
            return "e: the recipe before has not matched and then failed"
        }
        if flags.contains(.elseIfNotMatched), chain.previousMatched {
            return "E: an earlier recipe of this chain has matched"
        }
        if flags.contains(.alsoIfSucceeded), !(chain.lastMatched && lastSucceeded) {
            return "a: the recipe before has not matched and then succeeded"
        }
        let isBarred = flags.contains(.alsoIfMatched) && !chain.lastMatched
        return isBarred ? "A: the last recipe without A or a has not matched" : nil
    }

    private func note(_ matched: Bool, _ flags: RecipeFlags) {
        if flags.isDisjoint(with: [.alsoIfMatched, .alsoIfSucceeded]) {
            chain.lastMatched = matched
        }
        if !(flags.contains(.elseIfNotMatched) && chain.previousMatched) {
            chain.previousMatched = matched
        }
    }

    /// Reads every condition of the recipe and evaluates them while they hold; tells also whether an
    /// empty line parts them from the action.
    private func evaluateConditions(
        plain: Int, flags: RecipeFlags, runs: Bool
    ) -> (matched: Bool, isParted: Bool) {
        let last = files.count - 1
        var left = plain
        var scoring = Scoring()
        var holds = runs
        var isParted = false
        while true {
            if left > 0 {
                // As many lines as the old style counts, whatever they hold; behind the end they are empty,
                // which only the log shows.
                guard !files[last].cursor.isAtEnd || left <= Self.shownLimit else { break }
                left -= 1
                files[last].cursor.skipBlanks()
                _ = files[last].cursor.take(UInt8(ascii: "*"))
            } else {
                isParted = files[last].skipBlank()
                guard files[last].cursor.take(UInt8(ascii: "*")) else { break }
            }
            let text = files[last].takeRawLine()
            if holds {
                tell(.condition(Array(text.trimmed)))
                holds = evaluate(Condition(text, searchesCase: flags), flags, &scoring)
                tell(.outcome(holds: holds, found: findings))
            }
        }
        lastScore = scoring.shown
        return (holds && scoring.holds, isParted)
    }

    /// Conditions behind the end of a file that are looked at: a count may be any number.
    private static let shownLimit = 100

    /// Reads the action and, when the recipe matched, carries it out.
    private func runAction(
        _ line: RecipeLine, flags: RecipeFlags, matched: Bool, isParted: Bool
    ) {
        let last = files.count - 1
        let cursor = files[last].cursor
        guard let octet = cursor.peek else { return report("Incomplete recipe") }
        tell(.action(files[last].line(at: cursor.position), isDone: matched))
        // A colon right below is a folder's name.
        if octet == .colon, isParted { return report("Missing action") }
        if octet == UInt8(ascii: "{"), cursor.peek(at: 1)?.isSpace ?? true {
            _ = files[last].cursor.next()
            return openBlock(line, flags: flags, matched: matched)
        }
        let action = RecipeAction(octet, following: cursor)
        files[last].cursor.move(to: cursor.position + action.length)
        switch action {
        case .forward:
            _ = files[last].cursor.next()
            let reader = read(.command, isSkipping: !matched)
            if matched { forward(to: reader, line, flags) }
        case .pipe:
            let text = Self.commandText(files[last].takeRawLine())
            if matched { pipe(text, line, flags) }
        case .capture(let name, _):
            let text = Self.commandText(files[last].takeRawLine())
            if flags.contains(.filters) { report("Extraneous filter-flag ignored") }
            if matched { capture(text, in: name, line, flags) }
        case .folder(let isAssigned):
            var words = read(.line, isSkipping: !matched).words
            // What looks like an assignment has a value, be it empty.
            if isAssigned, words.last == [UInt8(ascii: "=")] { words.append([]) }
            if flags.contains(.filters) { report("Extraneous filter-flag ignored") }
            if matched { deliver(to: words, line, flags) }
        }
    }

    /// The text of a program: a line of a backslash alone, which would end nothing, is an empty line.
    private static func commandText(_ line: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for octet in line {
            if octet == .lf, text.suffix(2) == [.lf, .backslash] { text.removeLast() }
            text.append(octet)
        }
        return text
    }

    /// `{`: what follows up to `}` belongs to the recipe.
    private func openBlock(_ line: RecipeLine, flags: RecipeFlags, matched: Bool) {
        let last = files.count - 1
        complainAboutBlock(line, flags)
        guard matched else {
            return files[last].blocks.append(RecipeFile.Block(isSkipped: true, chain: nil))
        }
        let saved = chain
        guard flags.contains(.copies) else {
            lastSucceeded = true
            return files[last].blocks.append(RecipeFile.Block(isSkipped: false, chain: saved))
        }
        let lock = lockName(line.lock, implicit: [])
        if let lock, !takeLock(lock) {
            lastSucceeded = false
            return files[last].blocks.append(RecipeFile.Block(isSkipped: true, chain: nil))
        }
        let waits = !flags.isDisjoint(with: [.waits, .waitsQuietly]) || lock != nil
        if isVerbose { report("Forking", programName) }
        switch host.clone(waits ? .atMost(seconds: number(of: "TIMEOUT")) : .none) {
        case .child:
            heldLock = nil
            lastSucceeded = true
            files[last].blocks.append(RecipeFile.Block(isSkipped: false, chain: saved))
        case .parent(let status):
            lastSucceeded = status == 0
            if waits { lastStatus = status }
            if status != 0 {
                let waitsLoudly = flags.contains(.waits) && !flags.contains(.waitsQuietly)
                if waitsLoudly {
                    report("Program failure (\(status)) of", programName)
                } else if isVerbose {
                    report("Non-zero exitcode (\(status)) from", programName)
                }
            }
            if let lock { releaseLock(lock) }
            files[last].blocks.append(RecipeFile.Block(isSkipped: true, chain: nil))
        }
    }

    private func complainAboutBlock(_ line: RecipeLine, _ flags: RecipeFlags) {
        func extraneous(_ what: String) { report("Extraneous \(what) ignored") }
        if flags.contains(.filters) { extraneous("filter-flag") }
        if !flags.contains(.copies), line.lock != .none { extraneous("locallockfile") }
        if flags.contains(.feedsBody) { extraneous("deliver-body flag") }
        if flags.contains(.feedsHeader) { extraneous("deliver-head flag") }
        if flags.contains(.ignoresWriteErrors) { extraneous("ignore-write-error flag") }
        if flags.contains(.raw) { extraneous("raw-mode flag") }
    }
}
