import Bytes
import IMAPGrammar
import MailStore
import Message

/// The FETCH response for one message: all that can fail is done before its first octet is sent.
struct FetchResponse {
    enum Piece {
        case octets([UInt8])
        /// Octets of the content, sent as they are read.
        case content(Range<Int>)
    }

    private(set) var pieces: [Piece] = []
    private var isFirst = true

    /// Adds `name value`.
    mutating func add(_ name: [UInt8], _ value: [UInt8]) {
        begin(name)
        pieces.append(.octets(value))
    }

    mutating func add(_ name: String, _ value: [UInt8]) { add([UInt8](name), value) }

    /// Adds an item whose value is part of the content, as a literal.
    mutating func add(_ name: [UInt8], _ data: SectionData) {
        switch data {
        case .missing: add(name, [UInt8]("NIL"))
        case .octets(let octets): add(name, ResponseText.literal(octets))
        case .range(let range):
            begin(name)
            pieces.append(.octets([UInt8]("{\(range.count)}\r\n")))
            pieces.append(.content(range))
        }
    }

    private mutating func begin(_ name: [UInt8]) {
        pieces.append(.octets((isFirst ? [] : [.space]) + name + [.space]))
        isFirst = false
    }
}

/// Makes the items of FETCH responses.
struct FetchItems {
    /// Octets of the header of a message inside that its envelope is made of.
    private static let innerHeaderLimit = 1 << 20

    let items: [FetchItem]
    let numbering: Numbering

    /// Some item makes the message seen.
    var marksSeen: Bool {
        items.contains { item in
            switch item {
            case .body(let body): body.marksSeen
            case .rfc822, .rfc822Text: true
            case .flags, .internalDate, .uid, .envelope, .rfc822Header, .rfc822Size,
                .bodyStructure:
                false
            }
        }
    }

    /// The response for `message`, whose summary in the view is `summary`; `tellsFlags` when the
    /// flags have just changed.
    func response(
        for message: OpenMessage, _ summary: MessageSummary, tellsFlags: Bool
    ) throws(StoreError) -> FetchResponse {
        var response = FetchResponse()
        if numbering == .uid, !items.contains(.uid) {
            response.add("UID", [UInt8]("\(summary.uid)"))
        }
        for item in items { try add(item, of: message, summary, to: &response) }
        if tellsFlags, !items.contains(.flags) { response.add("FLAGS", FlagText.list(summary)) }
        return response
    }

    private func add(
        _ item: FetchItem, of message: OpenMessage, _ summary: MessageSummary,
        to response: inout FetchResponse
    ) throws(StoreError) {
        switch item {
        case .flags: response.add("FLAGS", FlagText.list(summary))
        case .uid: response.add("UID", [UInt8]("\(summary.uid)"))
        case .internalDate:
            let time = CivilTime(secondsSince1970: try message.internalDate())
            response.add("INTERNALDATE", IMAPDate.text(time))
        case .rfc822Size: response.add("RFC822.SIZE", [UInt8]("\(try message.size())"))
        case .envelope:
            response.add("ENVELOPE", EnvelopeText.text(of: try message.headerBlock()))
        case .bodyStructure(let isExtended):
            let text = try bodyStructure(of: message, isExtended: isExtended)
            response.add(isExtended ? "BODYSTRUCTURE" : "BODY", text)
        case .rfc822: try add("RFC822", nil, of: message, to: &response)
        case .rfc822Header: try add("RFC822.HEADER", .header, of: message, to: &response)
        case .rfc822Text: try add("RFC822.TEXT", .text, of: message, to: &response)
        case .body(let body):
            let data = try SectionData(body.section, of: message)
            response.add(body.responseName, data.window(body.window))
        }
    }

    private func add(
        _ name: String, _ content: BodySection.Text?, of message: OpenMessage,
        to response: inout FetchResponse
    ) throws(StoreError) {
        let section = BodySection(part: [], content: content)
        response.add([UInt8](name), try SectionData(section, of: message))
    }

    private func bodyStructure(
        of message: OpenMessage, isExtended: Bool
    ) throws(StoreError) -> [UInt8] {
        let structure = try message.structure()
        // Headers of messages inside are read first: the text is made without failing.
        var headers: [Range<Int>: [UInt8]] = [:]
        for part in structure.parts {
            guard let inner = structure.message(in: part) else { continue }
            headers[inner.header] = try message.octets(inner.header, limit: Self.innerHeaderLimit)
        }
        return BodyStructureText(structure, isExtended: isExtended) { headers[$0] ?? [] }.text
    }
}
