import Bytes
package import Posix

/// Reads files in the configuration language of Dovecot 2.3: `name = value`, blocks in braces,
/// comments, `!include`, quoted and continued values, `$name`.
///
/// It knows no setting by name, and opens the first file and those that it includes.
package struct DovecotReader {
    /// A configuration file of more octets is not one.
    static let sizeLimit = 1 << 20
    /// Files may include files this deep, as with Dovecot; a file that includes itself ends here.
    static let includeLimit = 10
    /// Blocks may stand in blocks this deep; Dovecot's own go to three.
    static let depthLimit = 16

    /// The blocks that are open, outermost first; the first stands for the file as a whole.
    private var open: [DovecotBlock]
    /// What `$name` stands for: the last value of each top-level setting.
    private var values: [String: String] = [:]

    private init(_ file: Path) {
        open = [DovecotBlock(name: "", label: "", place: DovecotPlace(file: file, line: 0))]
    }

    /// The entries of `file` and of all that it includes.
    package static func read(_ file: Path) throws(DovecotError) -> [DovecotEntry] {
        var reader = DovecotReader(file)
        try reader.read(file, includedAt: DovecotPlace(file: file, line: 0), depth: 0)
        return reader.open[0].entries
    }

    private mutating func read(
        _ file: Path, includedAt place: DovecotPlace, depth: Int
    ) throws(DovecotError) {
        guard depth < Self.includeLimit else {
            throw DovecotError(place, "files include files more than \(Self.includeLimit) deep")
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileDescriptor.open(file).readAll(limit: Self.sizeLimit)
        } catch { throw DovecotError(place, error.description) }
        let depthBefore = open.count
        var lines = ContinuedLines(bytes)
        while let (number, line) = lines.next() {
            let place = DovecotPlace(file: file, line: number)
            try take(line, at: place, depth: depth, outermost: depthBefore)
        }
        guard open.count == depthBefore else {
            throw DovecotError(open[open.count - 1].place, "missing '}' for this block")
        }
    }

    private mutating func take(
        _ line: [UInt8], at place: DovecotPlace, depth: Int, outermost: Int
    ) throws(DovecotError) {
        switch try DovecotLine(line, at: place) {
        case .empty: break
        case .include(let pattern, let isOptional):
            for file in try files(pattern, from: place, isOptional: isOptional) {
                try read(file, includedAt: place, depth: depth + 1)
            }
        case .setting(let name, let value):
            try set(name, value, at: place)
        case .blockStart(let name, let label):
            guard open.count <= Self.depthLimit else {
                throw DovecotError(place, "blocks nest more than \(Self.depthLimit) deep")
            }
            open.append(DovecotBlock(name: name, label: label, place: place))
        case .blockEnd:
            guard open.count > outermost, let block = open.popLast() else {
                throw DovecotError(place, "'}' without a block in this file")
            }
            open[open.count - 1].entries.append(.block(block))
        }
    }

    private mutating func set(
        _ name: String, _ value: DovecotValue, at place: DovecotPlace
    ) throws(DovecotError) {
        let text = try value.text(at: place) { values[$0] ?? "" }
        if open.count == 1 { values[name] = text }
        open[open.count - 1].entries.append(
            .setting(DovecotSetting(name: name, value: text, place: place)))
    }

    /// The files that an include names: `*` and `?` may stand in the last component.
    private func files(
        _ pattern: String, from place: DovecotPlace, isOptional: Bool
    ) throws(DovecotError) -> [Path] {
        let path = place.file.parent / pattern
        do throws(SystemError) {
            guard
                path.name.bytes.contains(where: {
                    $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?")
                })
            else {
                let exists = try path.statusIfPresent() != nil
                return exists || !isOptional ? [path] : []
            }
            let names = try path.parent.list().filter {
                $0.bytes.first != .dot && matches($0.bytes, path.name.bytes)
            }
            let sorted = names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            guard !sorted.isEmpty || isOptional else {
                throw SystemError(SystemError.missing, "no file matches \(path)")
            }
            return sorted.map { path.parent / $0 }
        } catch {
            if isOptional, error.isMissing { return [] }
            throw DovecotError(place, error.description)
        }
    }
}

/// Whether `name` is of the form `pattern`, in which `*` is any run and `?` any octet.
///
/// Steps back to the last `*` only, so the time is bounded by the product of the lengths.
func matches(_ name: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (at, want) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while at < name.count {
        if want < pattern.count, pattern[want] == UInt8(ascii: "*") {
            star = (want, at)
            want += 1
        } else if want < pattern.count,
            pattern[want] == UInt8(ascii: "?") || pattern[want] == name[at]
        {
            at += 1
            want += 1
        } else if let last = star {
            star = (last.pattern, last.name + 1)
            (want, at) = (last.pattern + 1, last.name + 1)
        } else {
            return false
        }
    }
    return pattern[want...].allSatisfy { $0 == UInt8(ascii: "*") }
}

/// The lines of a text; a line that ends in a backslash goes on with the next one.
private struct ContinuedLines {
    private var cursor: ByteCursor
    private var number = 0

    init(_ bytes: [UInt8]) { cursor = ByteCursor(bytes) }

    /// The next line and the number of its first part.
    mutating func next() -> (Int, [UInt8])? {
        guard var line = cursor.takeLine().map({ Array($0.trimmed) }) else { return nil }
        number += 1
        let first = number
        while line.last == .backslash, line.first != UInt8(ascii: "#"), let more = cursor.takeLine()
        {
            number += 1
            line.removeLast()
            line = Array(line.trimmed) + [.space] + Array(more.trimmed)
        }
        return (first, line)
    }
}
