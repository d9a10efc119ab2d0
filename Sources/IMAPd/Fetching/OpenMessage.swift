import Bytes
import MailStore
import Message

/// One message while a command looks at it: what was read of it is kept until the next message.
final class OpenMessage {
    /// Octets that are read at once.
    static let block = 65_536

    let uid: UInt32
    private let mailbox: Mailbox
    private var openContent: MessageContent?
    private var knownHeader: [UInt8]?
    private var knownStructure: MIMEStructure?

    init(_ uid: UInt32, in mailbox: Mailbox) {
        self.uid = uid
        self.mailbox = mailbox
    }

    /// The content; once it is open it stays readable whatever others expunge.
    func content() throws(StoreError) -> MessageContent {
        if let openContent { return openContent }
        let content = try mailbox.content(of: uid)
        openContent = content
        return content
    }

    func size() throws(StoreError) -> Int {
        if let openContent { return try openContent.size() }
        return try mailbox.size(of: uid)
    }

    func internalDate() throws(StoreError) -> Int { try mailbox.internalDate(of: uid) }

    /// The header with the empty line that ends it.
    func header() throws(StoreError) -> [UInt8] {
        if let knownHeader { return knownHeader }
        let header = try content().header()
        knownHeader = header
        return header
    }

    func headerBlock() throws(StoreError) -> HeaderBlock {
        HeaderBlock.parse(try header()).header
    }

    /// The parts, found in one pass over the content.
    func structure() throws(StoreError) -> MIMEStructure {
        if let knownStructure { return knownStructure }
        let content = try content()
        var parser = MIMEParser()
        var offset = 0
        while true {
            let octets = try content.read(at: offset, count: Self.block)
            if octets.isEmpty { break }
            parser.take(octets)
            offset += octets.count
        }
        let structure = parser.finish()
        knownStructure = structure
        return structure
    }

    /// The octets of a part of the message, at most `limit` of them.
    func octets(_ range: Range<Int>, limit: Int = .max) throws(StoreError) -> [UInt8] {
        let content = try content()
        var out: [UInt8] = []
        let end = range.lowerBound + min(range.count, limit)
        while range.lowerBound + out.count < end {
            let offset = range.lowerBound + out.count
            let octets = try content.read(at: offset, count: min(Self.block, end - offset))
            if octets.isEmpty { break }
            out += octets
        }
        return out
    }
}
