import Bytes
import IMAPGrammar
import MailStore
import Message

/// What a section of a message is: octets in memory, or where they lie in the content.
enum SectionData {
    case octets([UInt8])
    case range(Range<Int>)
    /// There is no such part.
    case missing

    init(_ section: BodySection, of message: OpenMessage) throws(StoreError) {
        guard section.part.isEmpty else {
            self = try Self.part(section, of: message)
            return
        }
        let size = try message.content().size()
        guard let content = section.content else {
            self = .range(0..<size)
            return
        }
        let header = try message.header()
        self =
            switch content {
            case .header: .octets(header)
            case .text: .range(min(header.count, size)..<size)
            case .headerFields(let names):
                .octets(HeaderSelection.fields(named: names, of: header))
            case .headerFieldsNot(let names):
                .octets(HeaderSelection.fields(notNamed: names, of: header))
            // The grammar has MIME behind a part number only.
            case .mime: .missing
            }
    }

    private static func part(
        _ section: BodySection, of message: OpenMessage
    ) throws(StoreError) -> SectionData {
        let structure = try message.structure()
        guard let part = structure.part(section.part) else { return .missing }
        guard let content = section.content else { return .range(part.body) }
        if content == .mime { return .range(part.header) }
        // HEADER and TEXT are those of the message that the part holds.
        guard let inner = structure.message(in: part) else { return .missing }
        switch content {
        case .header: return .range(inner.header)
        case .text: return .range(inner.body)
        case .headerFields(let names):
            let header = try message.octets(inner.header, limit: MessageContent.headerLimit)
            return .octets(HeaderSelection.fields(named: names, of: header))
        case .headerFieldsNot(let names):
            let header = try message.octets(inner.header, limit: MessageContent.headerLimit)
            return .octets(HeaderSelection.fields(notNamed: names, of: header))
        case .mime: return .missing
        }
    }

    /// The window `<first.count>` of the data; one that begins behind the end is empty.
    func window(_ window: BodyItem.Window?) -> SectionData {
        guard let window else { return self }
        switch self {
        case .missing: return self
        case .octets(let octets):
            return .octets(Array(octets.dropFirst(Int(window.first)).prefix(Int(window.count))))
        case .range(let range):
            let first = range.lowerBound + min(Int(window.first), range.count)
            return .range(first..<(first + min(Int(window.count), range.upperBound - first)))
        }
    }
}

/// Some fields of a header, octet for octet, with the empty line behind them (RFC 3501 section
/// 6.4.5).
enum HeaderSelection {
    static func fields(named names: [[UInt8]], of header: [UInt8]) -> [UInt8] {
        let names = Set(names.map(\.lowercased))
        return fields(of: header) { names.contains($0) }
    }

    static func fields(notNamed names: [[UInt8]], of header: [UInt8]) -> [UInt8] {
        let names = Set(names.map(\.lowercased))
        return fields(of: header) { !names.contains($0) }
    }

    private static func fields(of header: [UInt8], where isWanted: ([UInt8]) -> Bool) -> [UInt8] {
        var out: [UInt8] = []
        var isKept = false
        var start = 0
        while start < header.count {
            let end = header[start...].firstIndex(of: .lf).map { $0 + 1 } ?? header.count
            let line = header[start..<end]
            start = end
            guard let first = line.first, first != .cr, first != .lf else { break }
            if !first.isBlank {
                isKept =
                    HeaderField.colon(in: line).map {
                        isWanted(line.prefix($0).trimmed.lowercased)
                    } ?? false
            }
            if isKept { out += line }
        }
        if !out.isEmpty, out.last != .lf { out += [.cr, .lf] }
        return out + [.cr, .lf]
    }
}
