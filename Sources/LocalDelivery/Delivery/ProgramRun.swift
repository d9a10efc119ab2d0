import Bytes
package import Posix

/// Runs a program: in a session or group of its own, fed from one side, heard on the other, and ended
/// with everything it started when its time is over.
package struct ProgramRun: Sendable {
    package enum Command: Sendable, Equatable {
        /// Started as it is; a name without slash is looked for in PATH.
        case words([[UInt8]])
        /// A line for a shell.
        case shell(path: [UInt8], flag: [UInt8], line: [UInt8])
    }

    package enum Output: Sendable, Equatable {
        case discarded
        /// Kept up to so many octets; the rest is read and forgotten.
        case captured(limit: Int)
    }

    package var command: Command
    package var environment: [[UInt8]]
    package var output = Output.discarded
    /// Where standard error goes: the number of an open descriptor; nil: where the output goes.
    package var errors: Int32?
    package var timeLimit = Deadline.never
    /// Milliseconds between SIGTERM and SIGKILL when the time is over; 0 sends SIGKILL at once.
    package var mercy = 0
    /// Signals that end the wait: the caller's own reasons to stop.
    package var interrupts: [Int32] = []

    /// What the new process does instead of becoming a program; yields its exit status.
    var body: (@Sendable () -> Int32)?

    package init(command: Command, environment: [[UInt8]]) {
        self.command = command
        self.environment = environment
    }

    /// How the program ended.
    package struct Report: Equatable, Sendable {
        package enum Ending: Equatable, Sendable {
            case exited(Int32), signalled(Int32)
            /// There is no such program, it must not be run, or the machine has no room for it.
            case notStarted(SystemError)
            case timedOut
            /// One of `interrupts` came.
            case interrupted(Int32)
        }
        package var ending: Ending
        package var output: [UInt8] = []
        /// The program took all of its input.
        package var readAll = true

        package init(ending: Ending, output: [UInt8] = [], readAll: Bool = true) {
            self.ending = ending
            self.output = output
            self.readAll = readAll
        }
    }

    /// Runs the program and feeds it what `next` yields, until that is empty; `meanwhile` is called now
    /// and then while it runs.
    package func run(
        meanwhile: () -> Void = {}, feeding next: () throws(SystemError) -> [UInt8]
    ) throws(SystemError) -> Report {
        let signals = try SignalDescriptor([Signal.child] + interrupts, passing: true)
        let start: Start
        do throws(SystemError) { start = try begin() } catch {
            return Report(ending: .notStarted(error), readAll: false)
        }
        let child = start.child
        // What the pipe holds is given at once, while a reading end of our own is open: a program
        // that ends soon without looking at it has been given it all the same.
        let held = try start.input.reading.duplicate()
        var feed = Feed(writing: start.input.keepWriting())
        try feed.prepare()
        try feed.fillPipe(next)
        _ = consume held
        let hearing = start.answer.keepReading()
        if let error = startError(start.failure.keepReading()) {
            _ = try Process.wait(child)
            return Report(ending: .notStarted(error), readAll: !feed.isUnfinished)
        }
        var report = Report(ending: .exited(0))
        let ended: Bool
        do throws(SystemError) {
            try feed.prepare()
            ended = try converse(&feed, hearing, child, signals, &report, meanwhile, next)
        } catch {
            // It must not take the end of what it got for the end of the letter.
            try end(child)
            throw error
        }
        if !ended { try end(child) }
        return report
    }

    /// A new process and the pipes that lead to it and from it.
    private struct Start: ~Copyable {
        let child: Int32
        let input: Pipe
        let answer: Pipe
        let failure: Pipe
    }

    private func begin() throws(SystemError) -> Start {
        let input = try Pipe()
        let answer = try Pipe()
        let failure = try Pipe()
        guard let child = try Process.fork() else {
            become(
                input: input.reading.number, output: answer.writing.number,
                failure: failure.writing.number)
        }
        return Start(child: child, input: input, answer: answer, failure: failure)
    }

    /// Feeds and hears the program until it has ended; false when it has to be ended.
    private func converse(
        _ feed: inout Feed, _ hearing: borrowing FileDescriptor, _ child: Int32,
        _ signals: borrowing SignalDescriptor, _ report: inout Report, _ meanwhile: () -> Void,
        _ next: () throws(SystemError) -> [UInt8]
    ) throws(SystemError) -> Bool {
        var isHearing = output != .discarded
        var ending: Process.Ending?
        while ending == nil || isHearing {
            meanwhile()
            try feed.fill(next)
            var waits: [(descriptor: Int32, interest: Readiness)] = [
                (signals.descriptor.number, .readable)
            ]
            if isHearing { waits.append((hearing.number, .readable)) }
            let feedPlace = waits.count
            if let number = feed.number { waits.append((number, .writable)) }
            let ready = try poll(waits, until: min(timeLimit, .after(milliseconds: Self.glance)))
            if let signal = signals.next(), interrupts.contains(signal) {
                report.ending = .interrupted(signal)
                return false
            }
            if ending == nil { ending = try Process.poll(child) }
            if isHearing, !ready[1].isEmpty { isHearing = try hear(hearing, &report) }
            if feedPlace < ready.count, !ready[feedPlace].isEmpty {
                report.readAll = try feed.give() && report.readAll
            }
            // A program that ends without its input has not read it.
            if ending != nil, feed.isUnfinished { report.readAll = feed.abandon() }
            if timeLimit.hasPassed, ending == nil || isHearing {
                report.ending = .timedOut
                return false
            }
        }
        switch ending {
        case .exited(let code)?: report.ending = .exited(code)
        case .signalled(let signal)?: report.ending = .signalled(signal)
        case nil: break
        }
        return true
    }

    /// Milliseconds after which the program is looked at although nothing woke us: in a process of
    /// several threads another one may get the signal of its end.
    private static let glance = 200

    /// Reads what the program says; false when it has closed its output.
    private func hear(
        _ hearing: borrowing FileDescriptor, _ report: inout Report
    ) throws(SystemError) -> Bool {
        let part = try hearing.read(limit: 65536)
        if case .captured(let limit) = output {
            report.output += part.prefix(max(0, limit - report.output.count))
        }
        return !part.isEmpty
    }

    /// Ends the program and what it has started.
    private func end(_ child: Int32) throws(SystemError) {
        if mercy > 0 {
            signal(group: child, Signal.terminate)
            let deadline = Deadline.after(milliseconds: mercy)
            while !deadline.hasPassed, try Process.poll(child) == nil {
                Process.sleep(milliseconds: 20)
            }
        }
        signal(group: child, Signal.kill)
        do throws(SystemError) { _ = try Process.wait(child) } catch {
            // It was waited for above.
            guard error.code == SystemError.noChild else { throw error }
        }
    }

    private func signal(group: Int32, _ signal: Int32) {
        do throws(SystemError) { try Process.signal(-group, signal) } catch {
            // The group is gone already.
        }
    }

    /// Why the program could not be started; nil when it was.
    private func startError(_ failure: consuming FileDescriptor) -> SystemError? {
        do throws(SystemError) {
            let octets = try failure.read(limit: 4)
            guard octets.count == 4 else { return nil }
            let code = octets.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return SystemError(Int32(truncatingIfNeeded: code), "execvp \(name)")
        } catch { return error }
    }

    /// The program's name for texts.
    package var name: String {
        switch command {
        case .words(let words): String(printable: words.first ?? [])
        case .shell(let path, _, _): String(printable: path)
        }
    }
}
