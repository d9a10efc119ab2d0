import Bytes
import Posix
import SMTPGrammar
import Wire

/// Reads the content after DATA, within the time limits, and hands it on in pieces.
struct ContentReader {
    /// The most that is read at once; nothing more of a message is ever held here.
    private static let block = 65_536

    /// Octets of the content that came from the client.
    private(set) var octets = 0
    private let stream: ByteStream
    private let settings: SMTPServerSettings
    private var decoder = ContentDecoder()

    init(_ stream: ByteStream, _ settings: SMTPServerSettings) {
        self.stream = stream
        self.settings = settings
    }

    /// Reads to the end of the content; what came after it stays in the stream.
    mutating func read(_ take: ([UInt8]) -> Void) throws(WireError) {
        let start = Clock.monotonic
        while !decoder.hasEnded {
            stream.deadline = deadline(since: start)
            let input = try stream.read(limit: Self.block)
            var content: [UInt8] = []
            content.reserveCapacity(input.count)
            let end = decoder.decode(input.span, from: 0, into: &content)
            octets += end
            if end < input.count { stream.putBack(Array(input[end...])) }
            take(content)
        }
    }

    /// Each piece may take `smtpd_timeout`; with `smtpd_per_request_deadline`, that and what
    /// `smtpd_min_data_rate` grants is for the whole.
    private func deadline(since start: Int) -> Deadline {
        guard settings.perRequestDeadline else { return .after(seconds: settings.timeout) }
        let granted = settings.timeout + octets / settings.minimumDataRate
        return Deadline(milliseconds: start + granted * 1000)
    }
}
