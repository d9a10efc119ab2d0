import Bytes

/// How the interpreter has programs run, and what it says when they fail.
extension RecipeInterpreter {
    /// The command of a recipe: words of our own, or a line for the shell when it holds one of
    /// SHELLMETAS.
    func command(_ text: [UInt8]) -> ShownCommand {
        let metas = variables[Array("SHELLMETAS".utf8)] ?? []
        let start = text.drop { $0.isSpace }
        let isTest = start.prefix { !$0.isSpace }.elementsEqual("test".utf8)
        if isTest || text.contains(where: { metas.contains($0) }) {
            let command = ProgramCall.Command.shell(
                path: variables[Array("SHELL".utf8)] ?? Array("/bin/sh".utf8),
                flags: variables[Array("SHELLFLAGS".utf8)] ?? Array("-c".utf8), line: text)
            return ShownCommand(command: command, text: text)
        }
        var reader = WordReader(ByteCursor(text), source: self)
        reader.read(.command)
        return ShownCommand(reader.words, shown: reader.shownWords)
    }

    func call(
        _ command: ShownCommand, input: [UInt8], for purpose: ProgramCall.Purpose
    ) -> ProgramCall {
        ProgramCall(
            command: command.command, text: command.text, input: input, purpose: purpose,
            timeLimit: number(of: "TIMEOUT"), environment: environment)
    }

    /// Runs a program; `$?` tells how it ended when the recipes wait for that.
    func run(_ call: ProgramCall, isAwaited: Bool = true) -> ProgramReport {
        if isVerbose {
            let shown: [UInt8]
            switch call.command {
            case .words(let words): shown = Array(words.joined(separator: [UInt8(ascii: ",")]))
            case .shell(_, _, let line): shown = line
            }
            report("Executing", shown)
        }
        if call.purpose == .delivery || call.purpose == .question {
            lastOctets = call.input.count
        }
        let outcome = host.run(call)
        if outcome.ending == .timedOut { report("Timeout, terminating", call.name) }
        if isAwaited { lastStatus = status(outcome, call) }
        return outcome
    }

    /// What `$?` shows of a program: one whose output is wanted has a process of ours in front, which
    /// says EX_UNAVAILABLE when it has to end it.
    private func status(_ outcome: ProgramReport, _ call: ProgramCall) -> Int32 {
        let isHeard = call.purpose == .output || call.purpose == .filter
        return isHeard && outcome.ending == .timedOut ? Self.unavailable : outcome.number
    }

    private static let unavailable: Int32 = 69

    func runProgram(
        _ text: [UInt8], input: [UInt8], for purpose: ProgramCall.Purpose
    ) -> ProgramReport {
        run(call(command(text), input: ended(input), for: purpose))
    }

    func failure(_ outcome: ProgramReport, _ call: ProgramCall) {
        report("Program failure (\(outcome.number)) of", call.name)
    }

    func nonZero(_ outcome: ProgramReport, _ call: ProgramCall) {
        if isVerbose { report("Non-zero exitcode (\(outcome.number)) from", call.name) }
    }

    /// Runs TRAP at the end of everything; yields the exit status that recipes have chosen.
    package func runTrap(status: Int32) -> Int32? {
        let code = variables[Array("EXITCODE".utf8)]
        let number = code.flatMap { integer($0) }
        var chosen = number.flatMap { $0 < 0 ? nil : Int32(truncatingIfNeeded: $0) }
        guard let trap = variables[Array("TRAP".utf8)], !trap.isEmpty else { return chosen }
        if code == nil { tellTrap(status) }
        let outcome = runProgram(trap, input: letter.octets, for: .output)
        host.log(outcome.output)
        // What is no number leaves it to TRAP.
        if code != nil, number == nil, outcome.number != 0 { chosen = outcome.number }
        return chosen
    }

    /// The text expanded as the value of an assignment on the command line.
    package func expanded(_ text: [UInt8]) -> [UInt8] {
        var reader = WordReader(ByteCursor(text), source: self)
        reader.read(.spaced)
        return reader.text
    }

    /// TRAP finds in EXITCODE what the status would be.
    private func tellTrap(_ status: Int32) {
        let name = Array("EXITCODE".utf8)
        let value = Array("\(status)".utf8)
        if isVerbose { report("Assigning", name + [UInt8(ascii: "=")] + value) }
        variables[name] = value
    }

    /// The text with a newline more unless an empty line ends it, so that a From_ line can follow:
    /// what programs get.
    func ended(_ text: [UInt8]) -> [UInt8] {
        text[...].endsInEmptyLine ? text : text + [.lf]
    }

    /// Every variable as programs get it, in the order of names; the kernel starts no program with one
    /// that is too long or with too much in all, so these are left out.
    package var environment: [[UInt8]] {
        var left = Self.environmentLimit
        var entries: [[UInt8]] = []
        for (name, value) in variables.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let size = name.count + value.count + 2
            guard size <= Self.entryLimit, size <= left else { continue }
            left -= size
            entries.append(name + [UInt8(ascii: "=")] + value)
        }
        return entries
    }

    /// Octets of one entry (MAX_ARG_STRLEN), and of all: half of what ARG_MAX usually is.
    private static let entryLimit = 128 << 10
    private static let environmentLimit = 1 << 20
}

extension ProgramCall {
    /// The program's name as complaints show it: the whole line of a shell's.
    var name: [UInt8] {
        switch command {
        case .words(let words): words.first ?? []
        case .shell(_, _, let line): line
        }
    }
}

/// A command and its form in the log.
struct ShownCommand {
    let command: ProgramCall.Command
    let text: [UInt8]

    init(command: ProgramCall.Command, text: [UInt8]) {
        self.command = command
        self.text = text
    }

    init(_ words: [[UInt8]], shown: [[UInt8]]) {
        command = .words(words)
        text = Array(shown.joined(separator: [.space]))
    }
}

/// What words of the recipes ask for.
extension RecipeInterpreter: ExpansionSource {
    func variable(_ name: [UInt8]) -> [UInt8]? { variables[name] }

    /// A value that is made of itself twice, again and again, must end somewhere, and so must many that
    /// each hold another; what holds the letter may be as long as the letter.
    func allows(_ count: Int, behind length: Int) -> Bool {
        let size = letter.octets.count
        expandedOctets += count
        if count == 0 { return true }
        return length + count <= Self.valueLimit + 2 * size
            && expandedOctets <= Self.expansionBudget + 16 * size
    }

    private static let valueLimit = 256 << 10
    private static let expansionBudget = 64 << 20

    func parameter(_ name: UInt8) -> [UInt8] {
        switch name {
        case UInt8(ascii: "#"): Array("\(arguments.count)".utf8)
        case UInt8(ascii: "$"): Array("\(host.processNumber)".utf8)
        case UInt8(ascii: "?"): Array("\(lastStatus)".utf8)
        case UInt8(ascii: "_"): files.last?.name ?? []
        case UInt8(ascii: "-"): variables[Self.lastFolderName] ?? []
        case UInt8(ascii: "="): Array("\(lastScore)".utf8)
        case UInt8(ascii: "0"): programName
        default: argument(name)
        }
    }

    private func argument(_ name: UInt8) -> [UInt8] {
        guard let digit = name.digitValue, digit >= 1, digit <= arguments.count else { return [] }
        return arguments[digit - 1]
    }

    func output(of command: [UInt8]) -> [UInt8] {
        let outcome = runProgram(command, input: letter.octets, for: .output)
        if outcome.ending == .timedOut { report(Self.rescue) }
        var output = outcome.output
        while output.last == .lf { output.removeLast() }
        return output
    }
}
