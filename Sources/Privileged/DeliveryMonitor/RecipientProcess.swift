package import Accounts
import Bytes
import LocalDelivery
package import Posix

/// One recipient's share of a letter, as the process that has become that recipient gets it.
package struct DeliveryErrand: Sendable {
    package let account: Account
    /// The account of this machine; nil for one that only a list of ours knows.
    package let user: User?
    /// The envelope's sender, and the recipient's address, both with the quotes they need.
    package let sender: [UInt8]
    package let address: [UInt8]
    package let extensionPart: [UInt8]
}

/// What is done with a letter; runs in a process of its own for each recipient.
package protocol RecipientDelivery: Sendable {
    /// What only root can do for the recipient; nothing of the letter has been read.
    func prepare(_ errand: DeliveryErrand)
    /// Delivers, as the recipient, and yields a status of sysexits.h; why it failed is said on
    /// standard error.
    func deliver(_ errand: DeliveryErrand, _ letter: consuming FileDescriptor) -> Int32
}

/// A process that becomes one recipient for good and delivers the letter.
final class RecipientProcess {
    /// Octets kept of what the delivery says.
    private static let outputLimit = 4096
    /// EX_TEMPFAIL of sysexits.h.
    private static let temporaryFailure: Int32 = 75

    let number: Int32
    private let hearing: FileDescriptor
    private(set) var isHearing = true
    private var said: [UInt8] = []
    /// It was ended because it took too long.
    var isLate = false

    private init(_ number: Int32, _ hearing: consuming FileDescriptor) {
        self.number = number
        self.hearing = hearing
    }

    /// The descriptor to wait on for what the delivery says.
    var descriptor: Int32 { hearing.number }

    static func start(
        _ recipient: RecipientDirectory.Recipient, sender: [UInt8],
        _ letter: borrowing FileDescriptor, _ work: some RecipientDelivery
    ) throws(SystemError) -> RecipientProcess {
        let pipe = try Pipe()
        guard let child = try Process.fork() else {
            do throws(SystemError) {
                let letter = try keepOnly(letter, saying: pipe.writing)
                Process.leave(try deliver(recipient, sender, letter, work))
            } catch {
                FileDescriptor.say("\(error)")
                Process.leave(temporaryFailure)
            }
        }
        let hearing = pipe.keepReading()
        try hearing.setNonBlocking(true)
        return RecipientProcess(child, hearing)
    }

    /// The letter is descriptor 3, the pipe standard error; nothing else of the monitor's is kept.
    private static func keepOnly(
        _ letter: borrowing FileDescriptor, saying pipe: borrowing FileDescriptor
    ) throws(SystemError) -> FileDescriptor {
        // Its own group, so that what recipes start can be ended with it.
        Process.startGroup()
        Signal.restoreDefaults()
        Signal.ignoreWriteSignals()
        let null = try FileDescriptor.open("/dev/null", .readWrite)
        // They may lie on each other's places: they go up, out of the way, first.
        var moved: [Int32] = []
        for number in [null.number, null.number, pipe.number, letter.number] {
            moved.append(try Process.duplicate(number, from: 10))
        }
        for (number, place) in zip(moved, 0...3 as ClosedRange<Int32>) {
            try Process.redirect(number, to: place)
        }
        Process.closeDescriptors(from: 4)
        // Closed above, or one of the four places.
        _ = null.release()
        let kept = FileDescriptor(adopting: 3)
        try kept.setCloseOnExec(true)
        return kept
    }

    private static func deliver(
        _ recipient: RecipientDirectory.Recipient, _ sender: [UInt8],
        _ letter: consuming FileDescriptor, _ work: some RecipientDelivery
    ) throws(SystemError) -> Int32 {
        let account = recipient.account
        let user = try String(utf8: account.name).flatMap { (name) throws(SystemError) in
            try User.named(name)
        }
        let errand = DeliveryErrand(
            account: account, user: user?.id == account.user ? user : nil, sender: sender,
            address: recipient.address.written, extensionPart: recipient.extensionPart)
        if Rights.effectiveUser == 0 {
            work.prepare(errand)
            try become(errand)
        }
        return work.deliver(errand, letter)
    }

    /// The spool's group is kept only where no recipes are run.
    private static func become(_ errand: DeliveryErrand) throws(SystemError) {
        let account = errand.account
        guard errand.user == nil, let kept = account.privilegedGroup else {
            return try Rights.become(
                user: account.user, group: account.group, supplementary: account.groups)
        }
        try Rights.become(
            user: account.user, group: account.group, supplementary: account.groups,
            keepingGroup: kept)
    }

    /// Takes what the delivery has said so far; one that says much is heard again later.
    func hear() {
        for _ in 0..<64 where isHearing {
            do throws(SystemError) {
                let part = try hearing.read(limit: 4096)
                said += part.prefix(max(0, Self.outputLimit - said.count))
                if part.isEmpty { isHearing = false }
            } catch {
                if error.code != SystemError.tryAgain { isHearing = false }
                return
            }
        }
    }

    /// What became of the letter; nil while it is being delivered.
    func outcome() throws(SystemError) -> DeliveryAnswer? {
        guard let ending = try Process.poll(number) else { return nil }
        hear()
        let report: ProgramRun.Report.Ending =
            switch ending {
            case .exited(let status): .exited(status)
            case .signalled(let signal): .signalled(signal)
            }
        let failure = CommandOutcome.failure(
            ProgramRun.Report(ending: report, output: said), command: Array("mda".utf8))
        guard let failure else { return .accepted }
        guard !isLate else { return .late }
        return .failed(status: failure.status, text: failure.text)
    }

    /// Asks the delivery, or what it started, to end, or ends it.
    func signal(_ signal: Int32) {
        do throws(SystemError) { try Process.signal(-number, signal) } catch {
            // It has ended by itself.
        }
    }
}

extension DeliveryAnswer {
    static let late = DeliveryAnswer.failed(status: "4.4.7", text: "delivery took too long")
}

extension FileDescriptor {
    /// Says a line on standard error.
    fileprivate static func say(_ text: String) {
        do throws(SystemError) {
            try withInherited(2) { (errors) throws(SystemError) in
                try errors.write(Array("\(text)\n".utf8))
            }
        } catch {
            // Nobody listens.
        }
    }
}
