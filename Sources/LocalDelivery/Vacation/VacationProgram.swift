import Bytes
import Diagnostics
import LocalDelivery
import Message
import Posix

/// vacation(1): tells those who write that the user is away, each of them once in a while.
package enum VacationProgram {
    /// Runs it; `words` are without the program's name, `environment` goes on to sendmail.
    package static func run(
        _ words: [[UInt8]], environment: [(name: [UInt8], value: [UInt8])]
    ) -> Int32 {
        Signal.restoreDefaults()
        Signal.ignoreWriteSignals()
        let options: VacationOptions
        do throws(VacationOptions.Refusal) {
            options = try VacationOptions(words.map { String(decoding: $0, as: UTF8.self) })
        } catch {
            Log(name: "vacation", to: [.standardError, .syslog()]).error(usage)
            return ExitStatus.usage
        }
        return Vacation(options, environment).run()
    }

    private static let usage =
        "usage: vacation [-ijlxdz] [-a alias] [-c address] [-f file] [-m file] [-r days] [-t time]"
        + " [-R sender] login"
}

/// One run for one user.
struct Vacation {
    private let options: VacationOptions
    private let environment: [(name: [UInt8], value: [UInt8])]
    private let log: Log

    /// Why no answer goes out.
    private enum Failure: Error {
        /// It may be otherwise later: the mail system tries the letter again.
        case passing(String)
        /// Trying again does not help, and a letter is never sent back for the lack of an answer.
        case lasting(String)
        /// Nobody knows whether the answer went out: then it counts as sent.
        case doubtful(String)
    }

    /// Octets of the user's text; more is no note of absence.
    private static let textLimit = 1 << 20
    /// Octets of a list of addresses.
    private static let listLimit = 16 << 20
    /// Seconds for sendmail to take the answer.
    private static let patience = 300

    init(_ options: VacationOptions, _ environment: [(name: [UInt8], value: [UInt8])]) {
        self.options = options
        self.environment = environment
        log = Log(name: "vacation", to: [options.complainsHere ? .standardError : .syslog()])
    }

    func run() -> Int32 {
        do throws(Failure) {
            let user = try user()
            let database = SenderDatabase(user.home / options.database)
            switch options.mode {
            case .answer: try answer(for: user, database)
            case .start:
                try attempt { () throws(SystemError) in try database.start(options.interval) }
            case .exclude:
                try attempt { () throws(SystemError) in try database.exclude(addresses()) }
            case .list: try attempt { () throws(SystemError) in try list(database) }
            }
            return ExitStatus.success
        } catch {
            switch error {
            case .passing(let text):
                log.warning(text)
                return ExitStatus.temporaryFailure
            case .doubtful(let text):
                log.error("\(text); the answer may be lost")
                return ExitStatus.success
            case .lasting(let text):
                log.error(text)
                return options.mode == .answer ? ExitStatus.success : 1
            }
        }
    }

    private func user() throws(Failure) -> User {
        let found = try attempt { () throws(SystemError) in
            guard let login = options.login else { return try User.withID(Rights.user) }
            return try User.named(login)
        }
        guard let found else {
            throw .lasting("no such user: \(options.login ?? "\(Rights.user)")")
        }
        return found
    }

    /// What a failed system call means for the letter.
    private func attempt<Value>(
        _ body: () throws(SystemError) -> Value
    ) throws(Failure) -> Value {
        do throws(SystemError) { return try body() } catch {
            let isLasting =
                error.isMissing || error.isDenied || error.code == SystemError.loop
                || error.code == SystemError.isDirectory || error.code == SystemError.tooLarge
            throw isLasting ? .lasting("\(error)") : .passing("\(error)")
        }
    }

    // MARK: Answering

    private func answer(for user: User, _ database: SenderDatabase) throws(Failure) {
        let letter = try attempt { () throws(SystemError) in
            try FileDescriptor.withInherited(0) { (input) throws(SystemError) in
                try IncomingLetter(reading: input)
            }
        }
        let rules = AnswerRules(
            login: user.name, aliases: options.aliases, hosts: [hostName],
            answersAll: options.answersAll)
        let answer: AnswerRules.Answer
        do throws(AnswerRules.Reason) { answer = try rules.answer(letter) } catch {
            if options.complainsHere { log.info("no answer: \(error.rawValue)") }
            return
        }
        let template = try attempt { () throws(SystemError) in
            try FileDescriptor.open(user.home / options.message, .readOnly, .nonBlocking)
                .readAll(limit: Self.textLimit)
        }
        let text = AnswerText(template, to: answer, of: letter, from: user).octets
        // Noted before it is sent: a crash in between costs one answer, never a second one.
        let address = answer.sender.address
        let isDue = try attempt { () throws(SystemError) in
            try database.note(address, now: Clock.now, interval: options.interval)
        }
        guard isDue else {
            if options.complainsHere { log.info("no answer: answered before") }
            return
        }
        do throws(Failure) { try send(text, to: address) } catch {
            if case .doubtful = error { throw error }
            do throws(SystemError) { try database.forget(address) } catch {
                // The letter would be tried again for nothing: it counts as answered.
                throw .doubtful("\(error)")
            }
            throw error
        }
    }

    /// Statuses of sendmail after which trying again helps nobody.
    private static let lastingStatuses: Set<Int32> = [64, 65, 67, 68, 77, 78]

    private func send(_ text: [UInt8], to address: [UInt8]) throws(Failure) {
        let program = environment.last { $0.name.elementsEqual("SENDMAIL".utf8) }?.value
        let path = program.flatMap { $0.first == UInt8(ascii: "/") ? $0 : nil }
        var words = [path ?? Array("/usr/sbin/sendmail".utf8)]
        words += ["-oi", "-f", options.sender, "--"].map { Array($0.utf8) }
        words += options.copies.map { Array($0.utf8) } + [address]
        var run = ProgramRun(
            command: .words(words),
            environment: environment.map { $0.name + [UInt8(ascii: "=")] + $0.value })
        run.output = .captured(limit: 1000)
        run.timeLimit = .after(seconds: Self.patience)
        var left = text[...]
        var isFed = false
        let report: ProgramRun.Report
        do throws(SystemError) {
            report = try run.run { () throws(SystemError) in
                isFed = true
                defer { left = [] }
                return Array(left)
            }
        } catch { throw isFed ? .doubtful("\(error)") : .passing("\(error)") }
        let said = report.output.isEmpty ? "" : ": " + String(printable: report.output.trimmed)
        switch report.ending {
        case .exited(0): return
        case .exited(let code) where Self.lastingStatuses.contains(code):
            throw .lasting("\(run.name) exited with status \(code)\(said)")
        case .exited(let code):
            throw .passing("\(run.name) exited with status \(code)\(said)")
        case .notStarted(let error): throw .passing("\(error)")
        case .timedOut, .signalled, .interrupted:
            throw .doubtful("\(run.name): \(report.ending)\(said)")
        }
    }

    // MARK: The list

    /// Addresses on standard input, one a line.
    private func addresses() throws(SystemError) -> [[UInt8]] {
        let text = try FileDescriptor.withInherited(0) { (input) throws(SystemError) in
            try input.readAll(limit: Self.listLimit)
        }
        return text.split(separator: .lf).map { Array($0.trimmed) }.filter { !$0.isEmpty }
    }

    /// Who is never answered, and who was answered when, in the columns of BSD's vacation.
    private func list(_ database: SenderDatabase) throws(SystemError) {
        let entries = try database.lines().entries
        var text: [UInt8] = []
        func put(_ address: [UInt8], _ when: String) {
            let shown = String(printable: address)
            text += shown + String(repeating: " ", count: max(0, 50 - shown.utf8.count)) + when
            text.append(.lf)
        }
        for address in entries.never { put(address, "(never deleted)") }
        for (address, time) in entries.answered.sorted(by: { $0.value < $1.value }) {
            put(address, CalendarTime.local(time).asctime)
        }
        try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
            try output.write(text)
        }
    }
}
