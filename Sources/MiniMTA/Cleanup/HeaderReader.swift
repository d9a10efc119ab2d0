import Bytes

/// Cuts content that comes in pieces into headers and body, holding one header at a time.
///
/// A header longer than the limit loses what is beyond it; the body passes as it comes.
struct HeaderReader {
    enum Event: Equatable {
        case header(HeaderField)
        /// The headers have ended; what the body begins with follows as `body`.
        case endOfHeaders
        case body([UInt8])
    }

    private let limit: Int
    /// The line that is not whole yet.
    private var line: [UInt8] = []
    /// The header whose continuation may still come.
    private var field: [UInt8] = []
    private var isInBody = false

    init(limit: Int) { self.limit = limit }

    mutating func read(_ piece: [UInt8]) -> [Event] {
        if isInBody { return [.body(piece)] }
        var events: [Event] = []
        var rest = piece[...]
        while !isInBody, let end = rest.firstIndex(of: .lf) {
            keep(rest[..<end])
            rest = rest[(end + 1)...]
            endLine(&events)
        }
        if isInBody {
            if !rest.isEmpty { events.append(.body(Array(rest))) }
        } else {
            keep(rest)
            // A line that can be no header any more is the body's, however long it gets.
            if line.count > limit, !belongsToHeaders(line[...]) {
                enterBody(&events, separator: [.lf])
                events.append(.body(line))
                line = []
            }
        }
        return events
    }

    /// The content has ended.
    mutating func finish() -> [Event] {
        guard !isInBody else { return [] }
        var events: [Event] = []
        if !line.isEmpty { endLine(&events) }
        if !isInBody { enterBody(&events, separator: []) }
        return events
    }

    private mutating func keep(_ octets: ArraySlice<UInt8>) {
        line += octets
        // One octet beyond the limit is kept, so that an overlong line shows.
        if line.count > limit + 1, belongsToHeaders(line[...]) {
            line.removeSubrange((limit + 1)...)
        }
    }

    /// The line begins a header, or continues one.
    private func belongsToHeaders(_ line: ArraySlice<UInt8>) -> Bool {
        if let first = line.first, first.isBlank { return !field.isEmpty }
        return HeaderField.colon(in: line) != nil
    }

    private mutating func endLine(_ events: inout [Event]) {
        let whole = line
        line = []
        if let first = whole.first, first.isBlank, !field.isEmpty {
            field += whole.prefix(max(0, limit - field.count)) + [.lf]
        } else if HeaderField.colon(in: whole[...]) != nil {
            endField(&events)
            field = whole.prefix(limit) + [.lf]
        } else {
            // A body without the empty line before it gets one.
            enterBody(&events, separator: whole.isEmpty ? [] : [.lf])
            events.append(.body(whole + [.lf]))
        }
    }

    private mutating func endField(_ events: inout [Event]) {
        guard let header = HeaderField(field) else { return }
        events.append(.header(header))
        field = []
    }

    private mutating func enterBody(_ events: inout [Event], separator: [UInt8]) {
        endField(&events)
        isInBody = true
        events.append(.endOfHeaders)
        if !separator.isEmpty { events.append(.body(separator)) }
    }
}
