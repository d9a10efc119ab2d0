import Bytes

/// Runs recipe files statement by statement, as procmail does: each statement takes effect when it
/// is read, so a broken end of a file does not undo its beginning.
///
/// It touches the world only through its `RecipeHost`. Blocks and included files are kept on stacks
/// of its own: no nesting in a file can exhaust the program's stack.
package final class RecipeInterpreter {
    /// How a recipe file ended.
    package enum End: Equatable, Sendable {
        /// The letter is where it should be.
        case delivered
        /// The file's end was reached: the letter still needs a place.
        case fellThrough
        /// `HOST` is another machine: the next file of the command line is to be tried.
        case otherHost
    }

    let host: any RecipeHost
    /// Hears of every step, to explain it; recipes then tell nothing to the log that they would only
    /// tell for VERBOSE or LOGABSTRACT.
    package var observer: ((RecipeEvent) -> Void)?
    /// What the last condition has found, for the observer.
    var findings: [UInt8] = []
    package internal(set) var letter: Letter
    package internal(set) var variables: [[UInt8]: [UInt8]]
    package internal(set) var arguments: [[UInt8]]
    /// `$0`.
    package let programName: [UInt8]
    /// The name that HOST must have for a file to apply here.
    let hostNameOfMachine: [UInt8]

    var files: [RecipeFile] = []
    /// The chain flags of the present level.
    var chain = Chain()
    var lastSucceeded = false
    var lastStatus: Int32 = 0
    var lastScore = 0
    package internal(set) var isVerbose = false
    /// The global lock file that is held.
    package internal(set) var heldLock: [UInt8]?
    /// Octets that a folder or a program was given last, for the log.
    package internal(set) var lastOctets = 0
    /// DELIVERED: nobody hears any more what becomes of the letter.
    package internal(set) var isDetached = false
    /// MAILDIR is where we are: a recipe file was read, or an assignment said so.
    var hasDirectory = false
    /// DEFAULT was assigned by the recipes or on the command line.
    package internal(set) var hasOwnDefault = false
    /// Octets that expansions have yielded.
    var expandedOctets = 0
    /// The variables that are numbers.
    var numbers = [
        "LOCKSLEEP": 8, "LOCKTIMEOUT": 1024, "SUSPEND": 16, "NORESRETRY": 4, "TIMEOUT": 960,
    ]
    /// What a notice to comsat(8) would say of the last delivery.
    var notice = MailNotice()
    /// Where the letter went last, for the log.
    package internal(set) var lastFolder: [UInt8] = []
    /// The log has been told of the last delivery.
    var isTold = false
    var end: End?
    /// A relative folder name would be looked for in the wrong directory: MAILDIR could not be
    /// entered.
    var isAstray = false

    /// Files read at the same time through INCLUDERC: what runs away in a circle ends here.
    static let includeLimit = 64

    /// Files opened by one run; what goes in a circle without end has to end here too.
    static let fileLimit = 10_000
    var fileCount = 0

    package init(
        host: any RecipeHost, letter: Letter, variables: [[UInt8]: [UInt8]],
        arguments: [[UInt8]], programName: [UInt8], hostName: [UInt8]
    ) {
        self.host = host
        self.letter = letter
        self.variables = variables
        self.arguments = arguments
        self.programName = programName
        hostNameOfMachine = hostName
    }

    /// Runs one file of the command line to its end.
    package func run(_ text: [UInt8], named name: [UInt8]) -> End {
        chain = Chain()
        lastSucceeded = false
        files = [RecipeFile(name: name, text: text)]
        tell(.file(name))
        while end == nil, !files.isEmpty { runStatement() }
        let outcome = end ?? .fellThrough
        end = nil
        files = []
        return outcome
    }

    /// Reads and carries out the next statement of the innermost file.
    private func runStatement() {
        host.heedSignals()
        let last = files.count - 1
        files[last].skipBlank()
        guard let octet = files[last].cursor.peek else { return finishFile() }
        switch octet {
        case .colon:
            _ = files[last].cursor.next()
            runRecipe()
        case UInt8(ascii: "}"):
            _ = files[last].cursor.next()
            closeBlock()
        case let octet where octet.isLetter || octet == UInt8(ascii: "_"): runAssignment()
        default:
            let line = files[last].cursor.take(upTo: .lf)
            report("Skipped", line)
        }
    }

    private func finishFile() {
        let last = files.count - 1
        if files[last].blocks.contains(where: { !$0.isSkipped }) { report("Missing closing brace") }
        // What a file opened ends with it: its level goes back to what it was before.
        if let outermost = files[last].blocks.first, let saved = outermost.chain { chain = saved }
        files.removeLast()
    }

    private func closeBlock() {
        let last = files.count - 1
        guard let block = files[last].blocks.popLast() else {
            return report("Closing brace unexpected")
        }
        if let saved = block.chain { chain = saved }
        if !block.isSkipped { tell(.blockEnd) }
    }

    /// `NAME=value`, or `NAME` alone, which removes the variable.
    private func runAssignment() {
        let last = files.count - 1
        let begin = files[last].cursor.position
        let name = Array(files[last].cursor.take(while: \.isNameOctet))
        let afterName = files[last].cursor.position
        files[last].cursor.skipBlanks()
        if files[last].cursor.take(UInt8(ascii: "=")) {
            let value = read(.value).text
            tell(.statement(line: files[last].place(of: begin).line, name + [0x3D] + value))
            if !isSkipping { assign(name, value) }
            return
        }
        files[last].cursor.move(to: afterName)
        if let next = files[last].cursor.peek, !next.isSpace, next != UInt8(ascii: "}") {
            report("Skipped", name)
            let rest = files[last].cursor.take(upTo: .lf)
            return report("Skipped", rest)
        }
        tell(.statement(line: files[last].place(of: begin).line, name))
        if !isSkipping { assign(name, nil) }
    }

    /// Inside a block whose conditions did not hold.
    var isSkipping: Bool { files.last?.isSkipping ?? false }

    /// Reads words of the innermost file.
    func read(_ kind: WordReader.Kind, isSkipping skips: Bool? = nil) -> WordReader {
        let last = files.count - 1
        var reader = WordReader(
            files[last].cursor, source: self, isSkipping: skips ?? isSkipping)
        reader.read(kind)
        // A command in backquotes cannot change the files: only statements do.
        files[last].cursor.move(to: reader.position)
        if reader.unclosed != nil { report("Unexpected EOL") }
        return reader
    }

    /// Tells the log, if it is to hear much, which file comes next.
    package func tellFile(_ name: [UInt8]) {
        if isVerbose { report("Rcfile:", name) }
    }

    /// Makes `directory` the place of relative names, for the first recipe file that is read, unless
    /// MAILDIR says another.
    package func start(in directory: [UInt8]) {
        guard !hasDirectory else { return }
        hasDirectory = true
        if directory != [.dot] { enter(directory) }
        let name = Array("MAILDIR".utf8)
        if isVerbose { report("Assigning", name + [UInt8(ascii: "=")] + directory) }
        variables[name] = directory
    }

    /// A statement outside of all files has ended the work: HOST is another machine.
    package var isEnded: Bool { end != nil }

    /// Whether to tell the log of every step, as a signal asks for.
    package func setVerbose(_ isVerbose: Bool) { self.isVerbose = isVerbose && observer == nil }

    /// Logs a line of the program's own.
    package func report(_ text: String) {
        host.log(Array("procmail: \(text)\n".utf8))
    }

    /// Logs a line about something that may hold any octets.
    package func report(_ text: String, _ quoted: some Collection<UInt8>) {
        host.log(Array("procmail: \(text) \"".utf8) + Self.shown(quoted) + Array("\"\n".utf8))
    }

    /// Octets as the log shows them: what moves a terminal's cursor, and no more, is hidden.
    private static func shown(_ octets: some Collection<UInt8>) -> [UInt8] {
        octets.map { $0.isControl && $0 != .lf && $0 != .tab ? UInt8(ascii: "?") : $0 }
    }
}

/// A recipe file while it is run.
struct RecipeFile {
    let name: [UInt8]
    var cursor: ByteCursor
    var blocks: [Block] = []

    /// One `{` that is open.
    struct Block {
        let isSkipped: Bool
        /// The chain flags of the level outside; nil in a block that is skipped.
        let chain: Chain?
    }

    /// CR before LF is a blank: files written on other systems are read as meant.
    init(name: [UInt8], text: [UInt8]) {
        self.name = name
        var lines: [UInt8] = []
        lines.reserveCapacity(text.count)
        for (place, octet) in text.enumerated() {
            if octet == .cr, place + 1 < text.count, text[place + 1] == .lf { continue }
            lines.append(octet)
        }
        cursor = ByteCursor(lines)
    }

    var isSkipping: Bool { blocks.last?.isSkipped ?? false }

    /// The text up to the end of the line; a newline with a backslash before it does not end it.
    mutating func takeRawLine() -> [UInt8] {
        var line: [UInt8] = []
        while let octet = cursor.next(), octet != .lf {
            line.append(octet)
            if octet == .backslash, let next = cursor.next() { line.append(next) }
        }
        return line
    }

    /// Skips blanks, newlines and comments between statements; tells whether an empty line was among
    /// them.
    @discardableResult
    mutating func skipBlank() -> Bool {
        var isEmptyLine = false
        var isComment = false
        while let octet = cursor.peek {
            if octet == UInt8(ascii: "#") {
                _ = cursor.take(upTo: .lf)
                isComment = true
            } else if octet.isSpace {
                if octet == .lf {
                    isEmptyLine = isEmptyLine || !isComment
                    isComment = false
                }
                _ = cursor.next()
            } else {
                break
            }
        }
        return isEmptyLine
    }

    /// The line and column of a place, both from 1.
    func place(of position: Int) -> (line: Int, column: Int) {
        let before = cursor.bytes[..<position]
        let line = before.count { $0 == .lf } + 1
        let start = before.lastIndex(of: .lf).map { $0 + 1 } ?? 0
        return (line, position - start + 1)
    }

    /// The text from `position` to the end of its line.
    func line(at position: Int) -> [UInt8] {
        Array(Array(cursor.bytes[position...].prefix { $0 != .lf }).trimmed)
    }
}

/// What `A`, `a`, `E` and `e` look at.
struct Chain: Equatable {
    /// The last recipe without `A` or `a` matched.
    var lastMatched = false
    /// The recipe before this one matched, or an earlier one of its chain of `E`.
    var previousMatched = false
}
