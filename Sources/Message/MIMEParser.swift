import Bytes

/// Finds the parts of a message in its octets, which come in pieces cut anywhere.
///
/// One pass, linear, without recursion: what is open is a stack of bounded depth, and a line that may
/// be a delimiter is looked up, not compared with every boundary. Lines end in CRLF or LF. A header
/// ends at an empty line or at a delimiter of a part around it.
package struct MIMEParser {
    /// Parts of one message (CVE-2020-12100: a million of them stop a server).
    package static let partLimit = 10_000
    /// Parts within parts.
    package static let depthLimit = 100
    /// Octets of a line that are looked at, and of a Content field that are kept.
    private static let fieldLimit = ParameterizedValue.lengthLimit

    private var parts: [OpenPart] = [OpenPart(parent: nil, headerStart: 0)]
    /// Open parts, the innermost last.
    private var stack: [Int] = [0]
    /// For each open boundary the parts that it separates, the innermost last.
    private var boundaries: [[UInt8]: [Int]] = [:]
    private var isInHeader = true
    private var isCut = false

    /// The first octets of the line that is being read.
    private var line: [UInt8] = []
    private var lineStart = 0
    private var offset = 0
    private var endsInCR = false
    /// Octets of the line end before this line.
    private var previousEnding = 0
    private var lineCount = 0

    package init() {}

    /// Takes the octets that follow those taken before.
    package mutating func take(_ bytes: some Collection<UInt8>) {
        var rest = Array(bytes)[...]
        while let end = rest.firstIndex(of: .lf) {
            add(rest[..<end])
            offset += 1
            endLine(ending: endsInCR ? 2 : 1)
            rest = rest[(end + 1)...]
        }
        add(rest)
    }

    private mutating func add(_ octets: ArraySlice<UInt8>) {
        guard let last = octets.last else { return }
        line += octets.prefix(max(0, Self.fieldLimit - line.count))
        endsInCR = last == .cr
        offset += octets.count
    }

    /// Ends the message and yields what was found.
    package mutating func finish() -> MIMEStructure {
        if offset > lineStart { endLine(ending: 0) }
        // Ending a header may open a message inside, whose own header is empty.
        while isInHeader { endHeader(at: offset, bodyStart: offset) }
        close(downTo: 0, at: offset, lines: lineCount)
        return MIMEStructure(parts: parts.map(\.part), isCut: isCut)
    }

    private mutating func endLine(ending: Int) {
        defer {
            line.removeAll(keepingCapacity: true)
            lineStart = offset
            previousEnding = ending
            endsInCR = false
            if ending > 0 { lineCount += 1 }
        }
        let content = offset - lineStart - ending
        if !boundaries.isEmpty, let delimiter = delimiter() { return separate(delimiter) }
        guard isInHeader else { return }
        if content == 0 {
            // The empty line itself belongs to the header and not to the body's lines.
            endHeader(at: offset, bodyStart: offset, linesBefore: lineCount + 1)
        } else {
            takeHeaderLine(content: content)
        }
    }

    // MARK: Headers

    private mutating func takeHeaderLine(content: Int) {
        let text = line.prefix(content)
        let part = stack[stack.count - 1]
        if text.first?.isBlank == true {
            parts[part].continueField(text, limit: Self.fieldLimit)
        } else {
            parts[part].beginField(text)
        }
    }

    /// Ends the innermost part's header and opens what its type says is inside.
    private mutating func endHeader(at end: Int, bodyStart: Int, linesBefore: Int? = nil) {
        let index = stack[stack.count - 1]
        let isInDigest = parts[index].parent.map { parts[$0].type.isDigest } ?? false
        parts[index].endHeader(
            at: end, bodyStart: bodyStart, lines: linesBefore ?? lineCount, isInDigest: isInDigest)
        isInHeader = false
        let type = parts[index].type
        guard type.isMultipart || type.isMessage else { return }
        guard stack.count < Self.depthLimit, parts.count < Self.partLimit, !isCut else {
            isCut = true
            return
        }
        if let boundary = type.boundary, type.isMultipart {
            boundaries[boundary, default: []].append(index)
            parts[index].isTakenApart = true
        } else {
            open(childOf: index, at: bodyStart)
            parts[index].isTakenApart = true
        }
    }

    private mutating func open(childOf parent: Int, at start: Int) {
        parts[parent].children.append(parts.count)
        stack.append(parts.count)
        parts.append(OpenPart(parent: parent, headerStart: start))
        isInHeader = true
    }

    // MARK: Boundaries

    private struct Delimiter {
        let part: Int
        let isLast: Bool
    }

    /// The line as a delimiter of an open multipart: `--boundary` or `--boundary--`, and blanks.
    private func delimiter() -> Delimiter? {
        guard line.count > 2, line[0] == UInt8(ascii: "-"), line[1] == UInt8(ascii: "-"),
            line.count < Self.fieldLimit,
            let last = line.lastIndex(where: { !$0.isSpace }), last > 1
        else { return nil }
        let text = line[2...last]
        guard text.count <= ContentType.boundaryLimit + 2 else { return nil }
        if let part = boundaries[Array(text)]?.last { return Delimiter(part: part, isLast: false) }
        guard text.suffix(2).elementsEqual("--".utf8),
            let part = boundaries[Array(text.dropLast(2))]?.last
        else { return nil }
        return Delimiter(part: part, isLast: true)
    }

    private mutating func separate(_ delimiter: Delimiter) {
        while isInHeader { endHeader(at: lineStart, bodyStart: lineStart) }
        guard let depth = stack.lastIndex(of: delimiter.part) else { return }
        // The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1).
        close(
            downTo: depth + 1, at: lineStart - previousEnding,
            lines: lineCount - (previousEnding > 0 ? 1 : 0))
        if delimiter.isLast {
            forgetBoundary(of: delimiter.part)
        } else if parts.count < Self.partLimit {
            open(childOf: delimiter.part, at: offset)
        } else {
            isCut = true
            boundaries = [:]
        }
    }

    private mutating func close(downTo depth: Int, at end: Int, lines: Int) {
        while stack.count > depth {
            let index = stack.removeLast()
            forgetBoundary(of: index)
            parts[index].close(at: end, lines: lines)
        }
    }

    private mutating func forgetBoundary(of index: Int) {
        guard parts[index].isTakenApart, let boundary = parts[index].type.boundary,
            boundaries[boundary]?.last == index
        else { return }
        boundaries[boundary]?.removeLast()
        if boundaries[boundary]?.isEmpty == true { boundaries[boundary] = nil }
    }
}

/// A part while its end is not known.
private struct OpenPart {
    let parent: Int?
    let headerStart: Int
    var children: [Int] = []
    var isTakenApart = false
    private(set) var type = ContentType(nil, isInDigest: false)
    private var header = 0..<0
    private var bodyStart = 0
    private var bodyEnd = 0
    private var firstLine = 0
    private var lines = 0
    private var fields: [[UInt8]: [UInt8]] = [:]
    /// The field that the next line may continue.
    private var openField: [UInt8]?

    /// What BODYSTRUCTURE and the decoders ask for.
    private static let kept: Set<[UInt8]> = Set(
        [
            "TYPE", "TRANSFER-ENCODING", "ID", "DESCRIPTION", "DISPOSITION", "LANGUAGE", "LOCATION",
            "MD5",
        ].map { [UInt8]($0) })

    init(parent: Int?, headerStart: Int) {
        self.parent = parent
        self.headerStart = headerStart
    }

    mutating func beginField(_ line: ArraySlice<UInt8>) {
        openField = nil
        guard let colon = HeaderField.colon(in: line) else { return }
        let field = line.prefix(colon).trimmed
        guard field.startsIgnoringCase(with: Array("Content-".utf8)) else { return }
        let name = field.dropFirst("Content-".utf8.count).uppercased
        guard Self.kept.contains(name), fields[name] == nil else { return }
        fields[name] = Array(line.dropFirst(colon + 1))
        openField = name
    }

    mutating func continueField(_ line: ArraySlice<UInt8>, limit: Int) {
        guard let openField else { return }
        let room = limit - (fields[openField]?.count ?? 0)
        fields[openField]?.append(contentsOf: line.prefix(max(0, room)))
    }

    mutating func endHeader(at end: Int, bodyStart: Int, lines: Int, isInDigest: Bool) {
        header = headerStart..<max(headerStart, end)
        self.bodyStart = max(headerStart, bodyStart)
        firstLine = lines
        for (name, value) in fields { fields[name] = Array(value.trimmed) }
        type = ContentType(fields[[UInt8]("TYPE")], isInDigest: isInDigest)
    }

    mutating func close(at end: Int, lines: Int) {
        bodyEnd = max(bodyStart, end)
        self.lines = max(0, lines - firstLine)
    }

    var part: MIMEPart {
        MIMEPart(
            header: header, body: bodyStart..<max(bodyStart, bodyEnd), lines: lines,
            children: children, fields: fields, type: type, isTakenApart: isTakenApart)
    }
}
