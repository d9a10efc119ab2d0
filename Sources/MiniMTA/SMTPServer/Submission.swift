import Bytes
import SMTPGrammar

/// The message of one transaction on its way into the queue.
final class Submission {
    /// The longest first line that is looked at for a mailbox separator.
    private static let firstLineLimit = 2048

    private let sink: any MessageSink
    private var firstLine: [UInt8]? = []

    init(_ sink: any MessageSink) { self.sink = sink }

    var queueID: String { sink.queueID }

    func add(_ recipient: [UInt8]) { sink.add(recipient) }

    func begin(received: [UInt8]) { sink.content(received) }

    /// Passes content on; its first line decides what stands between it and our Received line.
    func content(_ piece: [UInt8]) {
        guard var line = firstLine else {
            sink.content(piece)
            return
        }
        line += piece
        guard line.contains(.lf) || line.count > Self.firstLineLimit else {
            firstLine = line
            return
        }
        passFirstLine(line)
    }

    private func passFirstLine(_ text: [UInt8]) {
        var rest = text[...]
        // The separator of an mbox file is no header: it is kept as one.
        while rest.isMailboxSeparator, let end = rest.firstIndex(of: .lf) {
            sink.content(Array("X-Mailbox-Line: ".utf8) + rest[...end])
            rest = rest[(end + 1)...]
        }
        guard !rest.isEmpty else {
            firstLine = []
            return
        }
        firstLine = nil
        // A first line that begins with a blank would continue our Received line.
        if let first = rest.first, first.isBlank { sink.content([.lf]) }
        sink.content(Array(rest))
    }

    /// Ends the message and says what became of it.
    func finish() -> Reply {
        if let line = firstLine, !line.isEmpty { passFirstLine(line) }
        return sink.finish()
    }
}

extension ArraySlice<UInt8> {
    /// `From ` at the start, behind any number of `>`.
    fileprivate var isMailboxSeparator: Bool {
        drop { $0 == .greater }.starts(with: "From ".utf8)
    }
}
