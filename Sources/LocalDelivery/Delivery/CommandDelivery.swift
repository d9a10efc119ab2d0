import Bytes
import Mbox
import Posix

/// Delivery to a command, as whoever this process is: the letter on its standard input, a small and
/// filtered environment, its own session, and a time limit for it and all that it starts.
package struct CommandDelivery: Sendable {
    /// The command as configured; `$NAME` in it is for the shell, never expanded here.
    package var command: [UInt8]
    /// Used for every command when set: `local_command_shell`.
    package var shell: [UInt8] = []
    /// What the command may know, less what must not reach a shell.
    package var variables: [(name: String, value: [UInt8])]
    /// Variables of our own environment that pass as they are: `export_environment`.
    package var exported: [String] = []
    package var timeLimit = 1000
    /// A program that need not be started, where the command is just that.
    package var ownProgram: OwnProgram?

    package init(command: [UInt8], variables: [(name: String, value: [UInt8])]) {
        self.command = command
        self.variables = variables
    }

    /// Octets of a command's output that are kept for the log and the sender.
    private static let outputLimit = 4096
    /// Milliseconds that a command has to end what it has started when its time is over: a delivery
    /// agent runs programs in groups of their own.
    private static let mercy = 2000

    package func deliver(_ letter: borrowing DeliveredLetter) throws(DeliveryFailure) {
        let front = FromLine.format(sender: letter.sender, date: Clock.now) + letter.headers
        var place = 0
        var isFirst = true
        let report: ProgramRun.Report
        do throws(SystemError) {
            report = try run { () throws(SystemError) in
                if isFirst {
                    isFirst = false
                    return front
                }
                guard place < letter.size else { return [] }
                let piece = try letter.content.read(
                    limit: min(DeliveredLetter.pieceSize, letter.size - place),
                    at: letter.offset + place)
                guard !piece.isEmpty else {
                    throw SystemError(SystemError.inputOutput, "read: letter ended early")
                }
                place += piece.count
                return piece
            }
        } catch { throw .retryLater(status: "4.3.0", text: "\(error)") }
        // A command that did not read everything and is content has what it wanted.
        if let failure = CommandOutcome.failure(report, command: command) { throw failure }
    }

    private func run(
        feeding next: () throws(SystemError) -> [UInt8]
    ) throws(SystemError) -> ProgramRun.Report {
        var run = ProgramRun(command: program, environment: environment)
        run.output = .captured(limit: Self.outputLimit)
        run.timeLimit = .after(seconds: timeLimit)
        run.mercy = Self.mercy
        run.body = ownBody
        let report = try run.run(feeding: next)
        // No such program: perhaps the shell has such a command built in.
        guard case .notStarted(let error) = report.ending, error.isMissing,
            case .words(let words) = run.command, shell.isEmpty,
            words.first?.contains(UInt8(ascii: "/")) == false
        else { return report }
        run.command = byShell
        return try run.run(feeding: next)
    }

    /// The command's work without a program start; nil when it needs a shell or is another program.
    var ownBody: (@Sendable () -> Int32)? {
        guard let ownProgram, shell.isEmpty else { return nil }
        let environment = environment
        let plain = PlainCommand(command) { name in
            // What was exported as it is may mean something to a shell.
            guard !exported.contains(where: { $0.utf8.elementsEqual(name) }) else { return nil }
            let prefix = Array(name) + Array("=".utf8)
            let entry = environment.last { $0.starts(with: prefix) }
            return Array(entry?.dropFirst(prefix.count) ?? [])
        }
        guard let words = plain?.words,
            ownProgram.isStarted(by: words, environment: environment)
        else { return nil }
        return { ownProgram.run(words, environment) }
    }

    private var byShell: ProgramRun.Command {
        .shell(path: Array("/bin/sh".utf8), flag: Array("-c".utf8), line: command)
    }

    /// Without a shell where the command needs none.
    var program: ProgramRun.Command {
        if !shell.isEmpty {
            let words = shell.split(whereSeparator: \.isBlank).map { Array($0) }
            return .words(words + [command])
        }
        let isPlain = command.allSatisfy { $0.isBlank || Self.isPlain($0) }
        let words = command.split(whereSeparator: \.isBlank).map { Array($0) }
        if isPlain, !words.isEmpty { return .words(words) }
        return byShell
    }

    /// Octets that mean nothing to a shell: `command_expansion_filter`'s default.
    private static func isPlain(_ octet: UInt8) -> Bool {
        octet.isAlphanumeric || "!@%-_=+:,./".utf8.contains(octet)
    }

    /// The whole environment: every octet of a value that could mean something becomes `_`.
    var environment: [[UInt8]] {
        var entries = [Array("PATH=/usr/bin:/bin".utf8)]
        for name in exported {
            if let value = Environment[name] { entries.append(Array("\(name)=\(value)".utf8)) }
        }
        for (name, value) in variables {
            let clean = value.map { Self.isPlain($0) ? $0 : UInt8(ascii: "_") }
            entries.append(Array("\(name)=".utf8) + clean)
        }
        return entries
    }
}
