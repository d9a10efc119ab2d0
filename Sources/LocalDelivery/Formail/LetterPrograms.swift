import Bytes
import LocalDelivery
import Posix

/// formail's world: standard input, and standard output or a program for each letter.
final class LetterPrograms: FormailHost {
    private let options: FormailOptions
    private let environment: [(name: [UInt8], value: [UInt8])]
    private var number: LetterNumber
    private let cache: DuplicateCache?
    /// A letter has begun, but its program has not been started.
    private var isPending = false
    private var input: FileDescriptor?
    private var child: Int32?
    private var running = 0
    private(set) var status = ExitStatus.success
    private var identifiers = 0

    private static let pieceSize = 65536

    init(
        _ options: FormailOptions, environment: [(name: [UInt8], value: [UInt8])],
        cache: consuming DuplicateCache?
    ) {
        self.options = options
        self.environment = environment
        self.cache = cache
        number = LetterNumber(
            environment.last { $0.name.elementsEqual("FILENO".utf8) }?.value)
    }

    private var program: [[UInt8]] { options.splitting?.program ?? [] }

    func read() throws(SystemError) -> [UInt8] {
        try FileDescriptor.withInherited(0) { (input) throws(SystemError) in
            try input.read(limit: Self.pieceSize)
        }
    }

    func tell(_ text: [UInt8]) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (errors) throws(SystemError) in
                try errors.write(text)
            }
        } catch {
            // Nobody listens.
        }
    }

    func hasSeen(_ key: [UInt8]) throws(SystemError) -> Bool {
        switch cache {
        case .some(let cache): try cache.hasSeen(key)
        case .none: false
        }
    }

    var date: [UInt8] { Array(CalendarTime.local(Clock.now).asctime.utf8) }

    func newMessageID() -> [UInt8] {
        identifiers += 1
        let (seconds, microseconds) = Clock.precise
        let unique = "\(seconds).\(microseconds).\(Process.id).\(identifiers)"
        return Array("<\(unique).formail@\(hostName)>".utf8)
    }

    // MARK: Letters

    func begin() {
        isPending = true
        number.advance()
    }

    func drop() { isPending = false }

    func write(_ octets: [UInt8]) -> Bool {
        guard start() else { return false }
        do throws(SystemError) {
            switch input {
            case .some(let pipe): try pipe.write(octets)
            case .none:
                try FileDescriptor.withInherited(1) { (output) throws(SystemError) in
                    try output.write(octets)
                }
            }
            return true
        } catch { return false }
    }

    func end() -> Bool {
        guard start() else { return false }
        input = nil
        if options.parallel == .oneAfterTheOther, let child {
            wait(for: child)
            self.child = nil
        }
        return true
    }

    /// Waits for the programs that still run, and yields the first bad status among all.
    func finish() -> Int32 {
        while running > 0 { waitForAny() }
        return status
    }

    /// Starts the letter's program when something is to be written to it for the first time.
    private func start() -> Bool {
        guard isPending else { return true }
        isPending = false
        guard !program.isEmpty else { return true }
        collect()
        if case .atMost(let limit) = options.parallel {
            while running >= limit { waitForAny() }
        }
        do throws(SystemError) {
            let pipe = try Pipe()
            guard let child = try fork() else { become(pipe.reading.number) }
            self.child = child
            running += 1
            input = pipe.keepWriting()
            return true
        } catch {
            tell(Array("formail: Can't fork: \(error.reason)\n".utf8))
            note(ExitStatus.systemError)
            return false
        }
    }

    /// Forks; when there are too many processes, once one of ours has ended.
    private func fork() throws(SystemError) -> Int32? {
        while true {
            do throws(SystemError) { return try Process.fork() } catch {
                guard running > 0 else { throw error }
                waitForAny()
            }
        }
    }

    /// Becomes the letter's program, in the child.
    private func become(_ reading: Int32) -> Never {
        do throws(SystemError) { try Process.redirect(reading, to: 0) } catch {
            Process.leave(ExitStatus.systemError)
        }
        Signal.restoreDefaults()
        var variables = environment.filter { !$0.name.elementsEqual("FILENO".utf8) }
        variables.append((Array("FILENO".utf8), number.text))
        let error = ProgramSearch.execute(
            program, environment: variables.map { $0.name + [UInt8(ascii: "=")] + $0.value })
        let name = String(printable: program.first ?? [])
        tell(Array("formail: Failed to execute \"\(name)\": \(error.reason)\n".utf8))
        Process.leave(ExitStatus.unavailable)
    }

    // MARK: Programs that end

    private func collect() {
        while let (_, ending) = Process.reap() { note(ending) }
    }

    private func wait(for child: Int32) {
        do throws(SystemError) { note(try Process.wait(child)) } catch { running -= 1 }
    }

    private func waitForAny() {
        do throws(SystemError) { note(try Process.wait(-1)) } catch { running = 0 }
    }

    private func note(_ ending: Process.Ending) {
        running -= 1
        switch ending {
        case .exited(let code): note(code)
        case .signalled: note(ExitStatus.unavailable)
        }
    }

    private func note(_ code: Int32) {
        if status == ExitStatus.success { status = code }
    }
}

/// The number of a letter in FILENO, as wide as the variable was given.
struct LetterNumber {
    private var value: Int
    private let width: Int
    /// What the variable held when it was no number: then it stays.
    private let fixed: [UInt8]?
    private var isFirst = true

    /// More digits than any number has.
    private static let widthLimit = 25

    /// `start` is the variable's value in the environment, if it is there.
    init(_ start: [UInt8]?) {
        let start = start ?? Array("000".utf8)
        let signed = start.drop { $0.isSpace }
        let isNegative = signed.first == UInt8(ascii: "-")
        let digits = isNegative || signed.first == UInt8(ascii: "+") ? signed.dropFirst() : signed
        let number = digits.isEmpty && start.isEmpty ? 0 : Int(decimal: digits)
        fixed = number == nil ? start : nil
        value = isNegative ? -(number ?? 0) : number ?? 0
        width = min(start.count, Self.widthLimit) - (value < 0 ? 1 : 0)
    }

    /// Goes to the next letter.
    mutating func advance() {
        if !isFirst, value < .max { value += 1 }
        isFirst = false
    }

    var text: [UInt8] {
        if let fixed { return fixed }
        let digits = "\(value.magnitude)"
        let missing = max(0, width - (value < 0 ? 1 : 0) - digits.utf8.count)
        let sign = value < 0 ? "-" : ""
        return Array((sign + String(repeating: "0", count: missing) + digits).utf8)
    }
}
