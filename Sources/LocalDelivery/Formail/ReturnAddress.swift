import Bytes

/// Finds the address that a reply goes to, or that a From_ line names: of all fields that name a
/// sender the one that deserves the most trust.
struct ReturnAddress {
    /// The best address so far.
    private(set) var address: [UInt8]?
    private var weight = 0
    private let target: FormailOptions.ReplyTarget

    init(_ options: FormailOptions) {
        target = options.replies ? options.replyTarget : .envelope
    }

    /// A field that names a sender, and how much that counts for each kind of reply.
    private struct Source {
        let name: [UInt8]
        let header: Int
        let resentHeader: Int

        init(_ name: String, header: Int, resentHeader: Int) {
            self.name = Array(name.utf8)
            self.header = header
            self.resentHeader = resentHeader
        }
    }

    /// In the order of their worth for the envelope's sender.
    private static let sources = [
        Source("Reply-To:", header: 8, resentHeader: 7),
        Source("From:", header: 7, resentHeader: 6),
        Source("Sender:", header: 6, resentHeader: 5),
        Source("Resent-Reply-To:", header: 0, resentHeader: 10),
        Source("Resent-From:", header: 0, resentHeader: 9),
        Source("Resent-Sender:", header: 0, resentHeader: 8),
        Source("Path:", header: 1, resentHeader: 0),
        Source("Return-Receipt-To:", header: 2, resentHeader: 1),
        Source("Errors-To:", header: 3, resentHeader: 2),
        Source("Return-Path:", header: 5, resentHeader: 4),
        Source("From ", header: 4, resentHeader: 3),
    ]
    private static let returnPath = 9
    private static let fromLine = 10
    /// More than any source: worse forms of addresses lose against better ones of any source.
    private static let step = 12

    /// Looks at a field of the header; a From_ line counts only where it is the first one.
    mutating func consider(_ field: LetterField, isFirst: Bool) {
        guard let source = Self.sources.lastIndex(where: { field.isNamed($0.name) }),
            source != Self.fromLine || isFirst
        else { return }
        var weight = weight(of: source)
        // An address has no NUL; what stands behind one is not looked at.
        let content = field.content.dropLast().prefix { $0 != 0 }
        var text = Array(content)
        if source == Self.fromLine {
            // Several From_ lines: somebody on the way may have made one up.
            if content.contains(.lf) { weight -= 2 }
            text = FromLineAddress.text(in: content)
        }
        guard let found = AddressWord.address(in: text) else { return }
        if found.isEmpty {
            // The null sender: nothing else counts.
            if source == Self.returnPath { keep([.less, .greater], Self.step) }
            return
        }
        weight -= Self.step * Self.doubts(found)
        if address == nil || weight > self.weight { keep(found, weight) }
    }

    private mutating func keep(_ address: [UInt8], _ weight: Int) {
        self.address = address
        self.weight = weight
    }

    private func weight(of source: Int) -> Int {
        switch target {
        case .envelope: source
        case .header: Self.sources[source].header
        case .resentHeader: Self.sources[source].resentHeader
        }
    }

    /// How little an address looks like one of today: 0 for `user@host.domain`.
    private static func doubts(_ address: [UInt8]) -> Int {
        let hasAt = address.contains(.at)
        let hasBang = address.contains(UInt8(ascii: "!"))
        if !hasAt, !hasBang, !address.contains(UInt8(ascii: "/")) { return 4 }
        if address.holds(".UUCP") { return 3 }
        if hasAt, !address.contains(.dot) { return 2 }
        return hasBang ? 1 : 0
    }
}

/// The sender in a From_ line, whose host may stand behind it as UUCP had it.
private enum FromLineAddress {
    private static let markers = [" remote from ", " forwarded by "].map { Array($0.utf8) }

    /// The address in a bracket, or the content as it is when no address can be told from it.
    static func text(in content: ArraySlice<UInt8>) -> [UInt8] {
        var start = content.startIndex
        if content.first == .lf, let blank = content.firstIndex(of: .space) { start = blank + 1 }
        // The last of several lines is the oldest one.
        var last = start
        while let line = content[last...].firstIndex(of: .lf),
            let blank = content[line...].firstIndex(of: .space)
        {
            last = blank + 1
        }
        guard let end = content[last...].firstIndex(of: .space) else {
            return Array(content[last...])
        }
        let user = content[last..<end]
        let hosts = user.contains(.at) ? [] : bangPath(in: content[start...])
        return [.less] + hosts + user
    }

    /// The hosts behind the markers, each with its `!`.
    private static func bangPath(in text: ArraySlice<UInt8>) -> [UInt8] {
        var path: [UInt8] = []
        var rest = text
        while let blank = rest.firstIndex(of: .space) {
            guard let marker = markers.first(where: { rest[blank...].starts(with: $0) }) else {
                rest = rest[(blank + 1)...]
                continue
            }
            let host = rest[(blank + marker.count)...].prefix { $0 != .lf }
            path += host + [UInt8(ascii: "!")]
            rest = rest[host.endIndex...].dropFirst()
        }
        return path
    }
}

extension [UInt8] {
    fileprivate func holds(_ text: StaticString) -> Bool {
        let wanted = text.octets
        return indices.contains { self[$0] == wanted[0] && self[$0...].starts(with: wanted) }
    }
}
