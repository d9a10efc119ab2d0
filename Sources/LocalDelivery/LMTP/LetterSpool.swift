import DeliveryMonitor
import Posix
import SMTPGrammar
import Services

/// A letter while it comes in: a file in memory without a name.
///
/// What goes wrong is remembered, as the client is told only after the last dot.
struct LetterSpool: ~Copyable {
    private let limit: Int
    private var file: FileDescriptor?
    private var size = 0
    /// What every recipient is answered; nil: the letter is whole.
    private(set) var failure: Reply?

    init(limit: Int) {
        self.limit = limit
        do throws(SystemError) { file = try .inMemory() } catch {
            file = nil
            failure = Self.noRoom
        }
    }

    private static let noRoom = Reply(452, "4.3.1", "No room for the letter")

    mutating func take(_ content: [UInt8]) {
        guard failure == nil else { return }
        size += content.count
        guard size <= limit else {
            failure = .tooLarge
            return
        }
        do throws(SystemError) { try file?.write(content) } catch { failure = Self.noRoom }
    }

    /// Asks the monitor to deliver the letter to the recipients it knows.
    consuming func handOver(to monitor: Channel, sender: [UInt8]) throws(ChannelError) {
        guard let file = file.take() else { throw .closed }
        try monitor.send(DeliveryQuestion.deliver(sender: sender), passing: file)
    }
}
