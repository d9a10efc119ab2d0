import Bytes
import Posix

/// The body of a letter: copied line by line, with the lines quoted that would begin a letter, until
/// one does begin.
extension Reformatter {
    /// What the copying knows about the place it is at.
    private struct Place {
        /// The line before was empty, or there was none.
        var isBehindEmptyLine = true
        /// The line that is held ended the header without an empty line between.
        var endsHeader = true
        /// Letters may begin here: in a BABYL file only behind a separator.
        var mayBegin: Bool
        /// The whole letter is quoted: it goes into a reply.
        let quotesAll: Bool
    }

    /// Copies the body; true when it ended because another letter begins, whose first fields the
    /// reader holds.
    mutating func copyBody() throws(SystemError) -> Bool {
        var place = Place(
            mayBegin: !options.isBabyl, quotesAll: options.replies && options.escapesFrom)
        // The header's end has been put out.
        if reader.line == [.lf] { reader.line = [] }
        if options.isBabyl { try skipBabylHeader() }
        if bodyLength > 0 { try copyVerbatim(&place) }
        while true {
            if reader.line.isEmpty {
                if place.isBehindEmptyLine, try reader.input.peek() == nil { return false }
                place.endsHeader = false
                guard try mayBeStart(place) else {
                    try copyLine(&place)
                    continue
                }
                _ = try reader.readField()
            }
            if try isStart(place) {
                if !place.isBehindEmptyLine { output.put([.lf]) }
                endLetter()
                return true
            }
            putHeld(&place)
        }
    }

    /// The next line may begin a letter, so that it has to be looked at as a field.
    private mutating func mayBeStart(_ place: Place) throws(SystemError) -> Bool {
        guard options.splitting != nil, place.mayBegin,
            place.isBehindEmptyLine || options.startsAnywhere
        else { return false }
        if options.isDigest { return true }
        return try reader.input.begins(with: LetterField.from)
    }

    /// What the reader holds begins a letter; a From_ line that cannot begin one is marked.
    private mutating func isStart(_ place: Place) throws(SystemError) -> Bool {
        guard place.mayBegin else { return false }
        let mayBegin =
            options.splitting != nil && (place.isBehindEmptyLine || options.startsAnywhere)
        if let first = reader.fields.first, !first.isFromLine {
            guard mayBegin, options.isDigest, KnownFields.contain(first) else { return false }
        } else if !reader.fields.isEmpty || reader.takeFromLine() {
            let isApart = !place.endsHeader || options.startsAnywhere
            guard mayBegin, isApart, Self.isPostmark(reader.fields[0]) else {
                if options.escapesFrom { output.put(options.prefix) }
                return false
            }
        } else {
            guard mayBegin, options.isDigest, reader.takeArticle() else { return false }
        }
        return try reader.readFields(max(1, minimumFields))
    }

    /// Fields that begin a letter, unless `-m` says otherwise.
    private static let usualMinimum = 2

    private var minimumFields: Int {
        options.minimumFields > 0 ? options.minimumFields : Self.usualMinimum
    }

    /// `From `, a word and something behind it.
    private static func isPostmark(_ field: LetterField) -> Bool {
        let rest = field.octets.dropFirst(LetterField.from.count).drop(while: \.isBlank)
        let end = rest.drop { !$0.isBlank && $0 != .lf }
        guard end.startIndex > rest.startIndex, let next = end.first(where: { !$0.isBlank }) else {
            return false
        }
        return next != .lf
    }

    /// Puts out the fields that were no letter's, or else the line.
    private mutating func putHeld(_ place: inout Place) {
        place.endsHeader = false
        place.isBehindEmptyLine = reader.line == [.lf]
        if options.isBabyl, reader.line.first == Self.babylSeparator { openBabyl(&place) }
        if reader.fields.isEmpty {
            if place.quotesAll, reader.line.count > 1 { output.put(options.prefix) }
            output.put(reader.line)
            reader.line = []
            return
        }
        for field in reader.fields {
            guard place.quotesAll else {
                output.put(field.octets)
                continue
            }
            for line in field.lines {
                output.put(options.prefix)
                output.put(line)
            }
        }
        reader.fields = []
    }

    /// Copies one line that begins no letter, without holding it.
    private mutating func copyLine(_ place: inout Place) throws(SystemError) {
        let isFromLine = try reader.input.begins(with: LetterField.from)
        var piece = try reader.input.linePiece()
        place.isBehindEmptyLine = piece.isEmpty || piece.elementsEqual([.lf])
        // In a BABYL file such lines are no danger before the separator.
        if isFromLine, place.mayBegin, options.escapesFrom { output.put(options.prefix) }
        if place.quotesAll, !place.isBehindEmptyLine { output.put(options.prefix) }
        if options.isBabyl, piece.first == Self.babylSeparator { openBabyl(&place) }
        try copyRest(&piece)
    }

    /// Copies from `piece` to the end of its line, which gets an LF when the input has none there.
    private mutating func copyRest(_ piece: inout ArraySlice<UInt8>) throws(SystemError) {
        while !piece.isEmpty, piece.last != .lf {
            output.put(piece)
            piece = try reader.input.linePiece()
        }
        output.put(piece.isEmpty ? [.lf] : piece)
    }

    /// Copies as much as the Content-Length field says.
    private mutating func copyVerbatim(_ place: inout Place) throws(SystemError) {
        var left = bodyLength
        if !reader.line.isEmpty {
            output.put(reader.line)
            left -= reader.line.count
            reader.line = []
            place.isBehindEmptyLine = false
        }
        var before: [UInt8] = [.lf]
        while left > 0 {
            let piece = try reader.input.piece(left)
            if piece.isEmpty { break }
            output.put(piece)
            left -= piece.count
            before = Array((before + piece.suffix(2)).suffix(2))
            place.isBehindEmptyLine = before == [.lf, .lf]
        }
        if before.last != .lf, try reader.input.peek() == .lf {
            output.put([.lf])
            _ = try reader.input.next()
        }
        // The number that formail has always told: one less than what is missing.
        if left > 1, !options.isQuiet {
            tell("Content-Length: field exceeds actual length by \(left - 1) bytes")
        }
    }
}

// MARK: BABYL

extension Reformatter {
    private static let babylSeparator: UInt8 = 0x1F
    private static let formFeed: UInt8 = 0x0C

    /// Skips what stands in front of the first letter: up to the line of a separator and a form
    /// feed, and one line more.
    mutating func skipBabylStart() throws(SystemError) {
        while try reader.input.peek() != nil {
            let line = try reader.input.line()
            if line == [Self.babylSeparator, Self.formFeed, .lf] { break }
        }
        if try reader.input.peek() != nil { _ = try reader.input.line() }
    }

    /// Skips the second header, which is for the reader of a BABYL file.
    private mutating func skipBabylHeader() throws(SystemError) {
        guard try reader.input.next() != nil else { return }
        var isBehindEnd = false
        while let octet = try reader.input.peek() {
            // The empty line itself is the first of the body.
            if octet == .lf, isBehindEnd { return }
            isBehindEnd = octet == .lf
            _ = try reader.input.next()
        }
    }

    /// A separator: what follows is no letter's until one begins.
    private mutating func openBabyl(_ place: inout Place) {
        place.mayBegin = true
        if !output.end(), !options.isQuiet { tell("Couldn't write to stdout") }
    }
}
