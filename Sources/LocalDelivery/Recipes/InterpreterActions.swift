import Bytes

/// Actions that are programs: pipes, filters, forwards, captures; and what ends any action.
extension RecipeInterpreter {
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
    func writeOut(_ text: [UInt8], as name: [UInt8], isCopy: Bool) -> Bool {
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

    // MARK: What all actions share

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
    func finish(_ flags: RecipeFlags) {
        if lastSucceeded, !flags.contains(.copies) { end = .delivered } else { notice.offset = nil }
    }

    /// Notes a delivery for the log.
    func noteDelivery(octets: Int, isCopy: Bool) {
        lastOctets = octets
        // The last delivery is told at the end of everything.
        isTold = isCopy && wantsEachAbstract && observer == nil
        if isTold { logAbstract(folder: lastFolder) }
    }
}
