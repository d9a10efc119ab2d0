import Bytes
import Message
import Posix

/// The recipients that a message's header names, for -t, and the lines read to find them.
///
/// Resent-To, Resent-Cc and Resent-Bcc count alone when one of them is there. Bcc and Resent-Bcc
/// are left out of the lines: nobody else may read them.
struct HeaderRecipients {
    private(set) var recipients: [[UInt8]] = []
    /// The header as it goes on, with the line that ended it.
    private(set) var lines: [[UInt8]] = []
    private var resent: [[UInt8]] = []

    static func read(
        _ input: inout MessageInput, limit: Int
    ) throws(SendmailFailure) -> HeaderRecipients {
        var result = HeaderRecipients()
        var splitter = HeaderSplitter()
        var size = 0
        var end: [UInt8]?
        while end == nil, let line = try next(&input) {
            size += line.count
            guard size <= limit else { throw .init("header too long for -t", ExitCode.temporary) }
            let step = splitter.take(line: line.last == .lf ? Array(line.dropLast()) : line)
            if let field = step.finished { result.take(field) }
            if step.place != .header { end = line }
        }
        if end == nil, let field = splitter.finish() { result.take(field) }
        if let end { result.lines.append(end) }
        if !result.resent.isEmpty { result.recipients = result.resent }
        return result
    }

    private static func next(_ input: inout MessageInput) throws(SendmailFailure) -> [UInt8]? {
        do throws(SystemError) { return try input.next() } catch {
            throw .init("error reading input: \(error.reason)", ExitCode.temporary)
        }
    }

    private mutating func take(_ field: HeaderField) {
        let isHidden = field.isNamed("bcc") || field.isNamed("resent-bcc")
        if isHidden || field.isNamed("to") || field.isNamed("cc") {
            if !field.isNamed("resent-bcc") { recipients += Self.addresses(field) }
        }
        if field.isNamed("resent-to") || field.isNamed("resent-cc") || field.isNamed("resent-bcc") {
            resent += Self.addresses(field)
        }
        if !isHidden { lines.append(field.octets + [.lf]) }
    }

    private static func addresses(_ field: HeaderField) -> [[UInt8]] {
        AddressList.parse(field.value).mailboxes.filter { !$0.isEmpty }.map(\.address)
    }
}
