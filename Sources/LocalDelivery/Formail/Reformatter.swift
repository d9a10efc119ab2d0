import Bytes
import LocalDelivery
import Posix

/// formail's work: reads letters, changes their headers and puts them out, one after the other.
struct Reformatter {
    let options: FormailOptions
    let host: any FormailHost
    var reader: LetterReader
    var output: LetterOutput
    private var skipped: Int
    private var left: Int?
    private var status = ExitStatus.success

    init(_ options: FormailOptions, _ host: any FormailHost) {
        self.options = options
        self.host = host
        reader = LetterReader(host)
        output = LetterOutput(host, counts: options.logFolder != nil)
        skipped = options.skipped
        left = options.total
    }

    /// Does all of it, and yields the exit status.
    mutating func run() throws(SystemError) -> Int32 {
        if options.isBabyl { try skipBabylStart() }
        try reader.input.skipEmptyLines()
        if options.splitting != nil {
            guard try reader.input.peek() != nil, left != 0 else { return ExitStatus.success }
        }
        begin()
        let isField = try reader.readField()
        if isField || (options.isDigest && reader.takeArticle()) { try reader.readHeader() }
        while true {
            if let early = try reformatHeader() { return early }
            guard try copyBody() else { break }
            guard left != 0 else { return finish() }
            begin()
            try reader.readHeader()
        }
        endLetter()
        return finish()
    }

    /// A letter begins, unless it is one of those to be skipped.
    private mutating func begin() {
        if skipped > 0 {
            skipped -= 1
            return
        }
        if let left { self.left = left - 1 }
        output.begin()
    }

    private func finish() -> Int32 {
        status == ExitStatus.success && output.hasFailed ? ExitStatus.inputOutput : status
    }

    /// Ends the letter with its line for the log.
    mutating func endLetter() {
        logFolder()
        if !output.end(), !options.isQuiet {
            tell("Couldn't write to stdout\(options.splitting == nil ? "" : ", continuing...")")
        }
    }

    func tell(_ text: String) { host.tell(Array("formail: \(text)\n".utf8)) }

    // MARK: The header

    /// Puts the header out; an exit status when that was all there is to do.
    private mutating func reformatHeader() throws(SystemError) -> Int32? {
        var header = LetterHeader(reader.fields, options, host)
        reader.fields = []
        output.startCounting()
        if options.cache != nil {
            let isKnown = try isDuplicate(header)
            guard options.splitting != nil else { return isKnown ? ExitStatus.success : 1 }
            if isKnown { output.drop() }
        }
        bodyLength = header.bodyLength
        if !header.complete() { status = ExitStatus.unknownUser }
        logStart(header.fields)
        for field in header.fields { show(field) }
        for field in header.appended { show(field) }
        for pattern in options.added + options.renamedOld + options.deleted
        where pattern.hasContent {
            show(pattern.field)
        }
        if options.keepsBody || !options.extracts { output.put([.lf]) }
        guard !options.wantsBody else { return nil }
        // Only the header was asked for.
        endLetter()
        return options.splitting == nil ? finish() : nil
    }

    /// Octets of the present letter's body that are copied as they are.
    var bodyLength = 0

    private func isDuplicate(_ header: LetterHeader) throws(SystemError) -> Bool {
        // An empty key would make one letter of all that have none.
        guard let key = header.key, !key.isEmpty, try host.hasSeen(key) else { return false }
        if !options.isQuiet { tell("Duplicate key found:\(String(printable: key))") }
        return true
    }

    /// Puts a field out, or what is to be extracted of it.
    private mutating func show(_ field: LetterField) {
        if options.extracts {
            if options.extracted.fits(field) {
                var content = field.content.dropLast()
                if options.zapsBlanks {
                    content = content.drop(while: \.isBlank)
                    while content.last?.isBlank == true { content.removeLast() }
                }
                output.write(content)
                output.write([.lf])
                return
            }
            guard options.extractedWhole.fits(field) else { return }
        }
        output.put(field.octets)
    }

    // MARK: The log

    /// The letter's first two lines in the log: who and what about.
    private mutating func logStart(_ fields: [LetterField]) {
        guard options.logFolder != nil else { return }
        if let first = fields.first, first.isFromLine { output.write(Self.tidy(first.octets)) }
        if let subject = fields.first(where: { $0.isNamed(FieldNames.subject) }) {
            let shown = subject.octets.dropLast().prefix(Self.subjectLimit)
            output.write([.space] + shown.map { $0.isControl ? .space : $0 } + [.lf])
        }
    }

    private static let subjectLimit = 78
    private static let folderLimit = 61
    private static let numberColumn = 72

    /// The third line: the folder and the letter's size.
    private mutating func logFolder() {
        guard let name = options.logFolder else { return }
        let shown = name.prefix(Self.folderLimit).map { $0.isControl ? UInt8.space : $0 }
        var line = Array("  Folder: ".utf8) + shown
        var column = line.count
        repeat {
            line.append(.tab)
            column = (column / 8 + 1) * 8
        } while column < Self.numberColumn
        let number = "\(output.count)"
        line += String(repeating: " ", count: max(0, 7 - number.utf8.count)) + number
        output.write(line + [.lf])
    }

    /// Octets that could move a terminal's cursor become blanks; line ends stay.
    private static func tidy(_ octets: [UInt8]) -> [UInt8] {
        octets.map { $0.isControl && $0 != .lf ? .space : $0 }
    }
}
