import Bytes

/// Reads a recipe file with all its branches and tells what is wrong in it, by line and column;
/// nothing is run and no letter is needed.
package final class RecipeChecker {
    package struct Finding: Equatable, Sendable {
        /// A warning is for what works but hardly as meant.
        package let isError: Bool
        package let line: Int
        package let column: Int
        package let text: String
    }

    /// A file that the recipes go on in, and where they say so.
    package struct Inclusion: Equatable, Sendable {
        package let name: [UInt8]
        package let line: Int
        package let column: Int
    }

    /// A `{` that is open.
    private struct OpenBlock {
        let place: Int
        /// Nothing but reaching it decides whether it is entered.
        let isUnconditional: Bool
    }

    package private(set) var findings: [Finding] = []
    package private(set) var inclusions: [Inclusion] = []
    /// What variables hold as far as the file alone tells; nil when only the run can know.
    package private(set) var variables: [[UInt8]: [UInt8]?]
    var file: RecipeFile
    private var blocks: [OpenBlock] = []
    /// A delivery without condition stands before what comes next.
    private var isUnreachable = false
    /// No recipe has been seen yet, so nothing for a chain to look at.
    private var isFirst = true
    /// Whether a name is that of a directory that is there.
    private let isDirectory: ([UInt8]) -> Bool
    /// An expansion has used something that only the run can know.
    var usesUnknown = false
    /// Octets that expansions have yielded.
    var expandedOctets = 0
    private var statementPlace = 0

    package init(
        _ text: [UInt8], variables: [[UInt8]: [UInt8]?] = [:],
        isDirectory: @escaping ([UInt8]) -> Bool = { _ in false }
    ) {
        file = RecipeFile(name: [], text: text)
        self.variables = variables
        self.isDirectory = isDirectory
    }

    package func check() {
        while true {
            file.skipBlank()
            guard let octet = file.cursor.peek else { break }
            statementPlace = file.cursor.position
            if octet == UInt8(ascii: "}") {
                _ = file.cursor.next()
                closeBlock()
                continue
            }
            if octet == .colon {
                checkRecipe()
            } else if octet.isLetter || octet == UInt8(ascii: "_") {
                checkAssignment()
            } else {
                let line = file.cursor.take(upTo: .lf)
                error(statementPlace, "neither a recipe nor an assignment: \(shown(line))")
            }
        }
        for block in blocks { error(block.place, "this { is never closed") }
    }

    private func closeBlock() {
        guard let block = blocks.popLast() else {
            return error(statementPlace, "this } closes nothing")
        }
        // What follows a block that may be left out is reached around it.
        isUnreachable = isUnreachable && block.isUnconditional
    }

    // MARK: Assignments

    private func warnIfUnreachable() {
        if isUnreachable {
            warn(statementPlace, "never reached: the delivery before has no condition")
        }
        isUnreachable = false
    }

    private func checkAssignment() {
        warnIfUnreachable()
        let name = Array(file.cursor.take(while: \.isNameOctet))
        let afterName = file.cursor.position
        file.cursor.skipBlanks()
        guard file.cursor.take(UInt8(ascii: "=")) else {
            file.cursor.move(to: afterName)
            return checkRemoval(name)
        }
        checkName(name)
        let begin = file.cursor.position
        usesUnknown = false
        let value = read(.value, at: begin).text
        variables[name] = .some(usesUnknown ? nil : value)
        if name.elementsEqual("INCLUDERC".utf8) || name.elementsEqual("SWITCHRC".utf8) {
            if !usesUnknown, !value.isEmpty, !value.elementsEqual("/dev/null".utf8) {
                let place = file.place(of: begin)
                inclusions.append(Inclusion(name: value, line: place.line, column: place.column))
            }
        }
        file.cursor.skipBlanks()
        warnAboutRest()
    }

    /// `NAME=foo bar` is a value and then the name of a variable to remove.
    private func warnAboutRest() {
        guard let octet = file.cursor.peek, octet.isLetter else { return }
        var ahead = file.cursor
        let name = Array(ahead.take(while: \.isNameOctet))
        ahead.skipBlanks()
        guard ahead.peek != UInt8(ascii: "=") else { return }
        warn(
            file.cursor.position,
            "the value ends before \(shown(name)), which is removed as a variable: quote the value")
    }

    private func checkRemoval(_ name: [UInt8]) {
        if let next = file.cursor.peek, !next.isSpace, next != UInt8(ascii: "}") {
            let rest = file.cursor.take(upTo: .lf)
            return error(
                statementPlace,
                "neither a recipe nor an assignment: \(shown(name + rest))")
        }
        variables[name] = nil
    }

    private func checkName(_ name: [UInt8]) {
        let text = String(printable: name)
        guard !KnownVariables.names.contains(text) else {
            if let what = KnownVariables.withoutEffect[text] { warn(statementPlace, what) }
            return
        }
        if let meant = KnownVariables.similar(to: text) {
            warn(statementPlace, "\(text) means nothing: is \(meant) meant?")
        }
    }

    // MARK: Recipes

    private func checkRecipe() {
        let begin = statementPlace
        _ = file.cursor.next()
        let digits = file.cursor.take(while: \.isDigit)
        let number = digits.isEmpty ? nil : Int(decimal: digits)
        let flagPlace = file.cursor.position
        usesUnknown = false
        let words = read(.line, at: flagPlace).words
        _ = file.cursor.take(.lf)
        let line = RecipeLine(words)
        if !usesUnknown { checkLine(line, flagPlace) }
        // After a delivery that fails an `e` is reached all the same.
        if line.flags.contains(.elseIfFailed) { isUnreachable = false }
        warnIfUnreachable()
        checkChain(line.flags, begin)
        let count = checkConditions(number ?? (line.flags.isChained ? 0 : 1), line.flags)
        let isUnconditional = count == 0 && !line.flags.isChained
        checkAction(line, begin, isUnconditional: isUnconditional && !usesUnknown)
        isFirst = false
    }

    private func checkLine(_ line: RecipeLine, _ place: Int) {
        guard !line.skipped.isEmpty else { return }
        let at = find(line.skipped, from: place)
        if line.lock == .none {
            error(
                at, "unknown flag \(shown(line.skipped.prefix(1))): the rest of the line is ignored"
            )
        } else {
            error(at, "more than one lock file: \(shown(line.skipped)) is ignored")
        }
    }

    private func checkChain(_ flags: RecipeFlags, _ place: Int) {
        if flags.contains(.elseIfFailed), flags.contains(.elseIfNotMatched) {
            error(place, "flags e and E exclude each other: E is ignored")
        }
        if flags.contains(.elseIfFailed), flags.contains(.alsoIfSucceeded) {
            error(place, "flags e and a exclude each other: a is ignored")
        }
        let looksBack: RecipeFlags = [.alsoIfMatched, .alsoIfSucceeded, .elseIfFailed]
        if isFirst, !flags.isDisjoint(with: looksBack) {
            warn(place, "never tried: no recipe stands before it")
        }
    }

    /// Checks the conditions; yields how many there are.
    private func checkConditions(_ plain: Int, _ flags: RecipeFlags) -> Int {
        var left = plain
        var count = 0
        while true {
            if left > 0 {
                guard !file.cursor.isAtEnd else { break }
                left -= 1
                file.cursor.skipBlanks()
                _ = file.cursor.take(UInt8(ascii: "*"))
            } else {
                isParted = file.skipBlank()
                guard file.cursor.take(UInt8(ascii: "*")) else { break }
            }
            let place = file.cursor.position
            checkCondition(file.takeRawLine(), at: place, flags)
            count += 1
        }
        return count
    }

    /// An empty line stands before the action.
    private var isParted = false

    private func checkAction(_ line: RecipeLine, _ begin: Int, isUnconditional: Bool) {
        let place = file.cursor.position
        guard let octet = file.cursor.peek, octet != UInt8(ascii: "}") else {
            return error(begin, "this recipe has no action")
        }
        if octet == .colon {
            if isParted { return error(begin, "this recipe has no action") }
            warn(place, "this line is the action of the recipe above: a folder with this name")
        }
        if octet == UInt8(ascii: "{"), file.cursor.peek(at: 1)?.isSpace ?? true {
            _ = file.cursor.next()
            checkBlockFlags(line, begin)
            let isEntered = isUnconditional && !line.flags.contains(.copies)
            blocks.append(OpenBlock(place: place, isUnconditional: isEntered))
            return
        }
        let action = RecipeAction(octet, following: file.cursor)
        file.cursor.move(to: place + action.length)
        var delivers = !line.flags.contains(.copies)
        switch action {
        case .capture:
            _ = file.takeRawLine()
            delivers = false
        case .pipe:
            checkPipe(file.takeRawLine(), line, begin)
            // One that is waited for may fail, and many are meant to.
            let waits = !line.flags.isDisjoint(with: [.waits, .waitsQuietly]) || line.lock != .none
            delivers = delivers && !waits && !line.flags.contains(.filters)
        case .forward:
            _ = file.cursor.next()
            if read(.line, at: place).words.isEmpty { error(place, "no address to forward to") }
        case .folder:
            usesUnknown = false
            checkFolder(read(.line, at: place).words, line, begin, place)
        }
        if isUnconditional, delivers { isUnreachable = true }
    }

    private func checkBlockFlags(_ line: RecipeLine, _ place: Int) {
        let flags = line.flags
        if !flags.contains(.copies), line.lock != .none {
            warn(place, "a block without flag c has no lock: it is ignored")
        }
        let empty: RecipeFlags = [.feedsHeader, .feedsBody, .ignoresWriteErrors, .raw, .filters]
        if !flags.isDisjoint(with: empty) {
            warn(place, "flags h, b, i, r and f mean nothing for a block")
        }
    }

    private func checkPipe(_ text: [UInt8], _ line: RecipeLine, _ place: Int) {
        let appends = zip(text, text.dropFirst()).contains { $0 == 0x3E && $1 == 0x3E }
        if appends, line.lock == .none {
            warn(place, "no lock: two letters at once may be mixed (write :0:)")
        }
        if line.flags.contains(.filters), line.flags.contains(.copies) {
            warn(place, "flag c means nothing for a filter")
        }
        let waits: RecipeFlags = [.waits, .waitsQuietly]
        if line.flags.contains(.filters), line.flags.isDisjoint(with: waits), line.lock == .none {
            warn(place, "a filter without flag w is believed even when it fails")
        }
    }

    private func checkFolder(
        _ words: [[UInt8]], _ line: RecipeLine, _ begin: Int, _ place: Int
    ) {
        if line.flags.contains(.filters) { warn(begin, "flag f means nothing for a folder") }
        guard !usesUnknown, let first = words.first, !first.isEmpty else { return }
        let folder = FolderName(first)
        let isFile = !folder.isDirectory && !isDirectory(folder.folder.name)
        if isFile, words.count > 1 {
            error(place, "more than one folder needs directories: only \(shown(first)) is used")
        }
        if isFile, line.lock == .none, !first.elementsEqual("/dev/null".utf8) {
            warn(begin, "no lock: two letters at once may be mixed (write :0:)")
        }
    }

    // MARK: What they share

    func error(_ place: Int, _ text: String) { add(place, text, isError: true) }
    func warn(_ place: Int, _ text: String) { add(place, text, isError: false) }

    private func add(_ place: Int, _ text: String, isError: Bool) {
        let at = file.place(of: min(place, file.cursor.bytes.count))
        findings.append(
            Finding(isError: isError, line: at.line, column: at.column, text: text))
    }

    func shown(_ text: some Collection<UInt8>) -> String {
        "\"\(String(printable: Array(text), limit: 100))\""
    }

    /// Where `text` stands from `place` on; `place` when it was made from variables.
    func find(_ text: [UInt8], from place: Int) -> Int {
        guard let first = text.first else { return place }
        let line = file.cursor.bytes[place...].prefix { $0 != .lf }
        return line.indices.first {
            line[$0] == first && line[$0...].starts(with: text.prefix(8))
        } ?? place
    }

    private func read(_ kind: WordReader.Kind, at place: Int) -> WordReader {
        var reader = WordReader(file.cursor, source: self)
        reader.read(kind)
        file.cursor.move(to: reader.position)
        if let begin = reader.unclosed {
            error(begin, "this is never closed: the rest of the file is taken for its text")
        }
        return reader
    }

    /// Where the statement begins that is being read.
    var placeOfStatement: Int { statementPlace }
}
