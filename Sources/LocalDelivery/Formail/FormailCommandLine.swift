import Bytes

/// Reads formail's command line: letters that may stand together, the last with a value.
struct FormailCommandLine {
    private var words: ArraySlice<[UInt8]>
    /// What is left of the word that is being read.
    private var letters: ArraySlice<UInt8> = []
    private var options = FormailOptions()
    private var trustsHeader = false
    private var wantsResent = false

    /// `words` are without the program's name.
    static func parse(_ words: some Collection<[UInt8]>) throws(FormailRefusal) -> FormailOptions {
        var line = FormailCommandLine(words: Array(words)[...])
        return try line.read()
    }

    private init(words: ArraySlice<[UInt8]>) { self.words = words }

    private mutating func read() throws(FormailRefusal) -> FormailOptions {
        while options.splitting == nil, let word = words.popFirst() {
            letters = word.dropFirst()
            switch word.first {
            case UInt8(ascii: "+"): options.skipped = try number()
            case UInt8(ascii: "-"): break
            default: throw .usage
            }
            while let letter = letters.first {
                if letter.isDigit {
                    options.total = try number()
                } else {
                    letters.removeFirst()
                    try take(letter)
                }
            }
        }
        try check()
        return options
    }

    private mutating func check() throws(FormailRefusal) {
        if options.splitting == nil {
            let splits =
                options.skipped > 0 || options.total != nil || options.startsAnywhere
                || options.isDigest || options.minimumFields > 0
                || options.parallel != .oneAfterTheOther
            if splits { throw .usage }
        }
        if options.extracts, options.logFolder != nil { throw .usage }
        if options.keepsBody, !options.replies, !options.extracts { throw .usage }
        if wantsResent, !trustsHeader { throw .invalidField(Self.resent) }
        // What stops loops of replies stays in the reply.
        if options.replies { options.renamedOld.append(FieldPattern(Array("X-Loop:".utf8))) }
        if trustsHeader { options.replyTarget = wantsResent ? .resentHeader : .header }
    }

    private static let resent = Array("Resent-".utf8)

    private mutating func take(_ letter: UInt8) throws(FormailRefusal) {
        switch letter {
        case UInt8(ascii: "t"): trustsHeader = true
        case UInt8(ascii: "r"): options.replies = true
        case UInt8(ascii: "f"): options.passesAnything = true
        case UInt8(ascii: "e"): options.startsAnywhere = true
        case UInt8(ascii: "d"): options.isDigest = true
        case UInt8(ascii: "B"):
            options.isBabyl = true
            options.startsAnywhere = true
            options.isDigest = true
        case UInt8(ascii: "k"): options.keepsBody = true
        case UInt8(ascii: "c"): options.concatenates = true
        case UInt8(ascii: "z"): options.zapsBlanks = true
        case UInt8(ascii: "b"): options.escapesFrom = false
        case UInt8(ascii: "Y"): options.ignoresLength = true
        case UInt8(ascii: "q"):
            options.isQuiet = letters.first != UInt8(ascii: "-")
            if !options.isQuiet { letters.removeFirst() }
        case UInt8(ascii: "n"): takeParallel()
        case UInt8(ascii: "m"):
            try enterValue()
            options.minimumFields = try number()
        case UInt8(ascii: "D"): try takeCache()
        case UInt8(ascii: "l"): options.logFolder = try value()
        case UInt8(ascii: "p"): options.prefix = try value()
        case UInt8(ascii: "s"):
            guard letters.isEmpty else { throw .usage }
            options.splitting = FormailOptions.Splitting(program: Array(words))
        case UInt8(ascii: "v"): throw .version
        case UInt8(ascii: "h"), UInt8(ascii: "?"): throw .help
        default: try takeField(letter)
        }
    }

    // MARK: Values

    /// Goes to the next word when this one has no more letters.
    private mutating func enterValue() throws(FormailRefusal) {
        guard letters.isEmpty else { return }
        guard let word = words.popFirst() else { throw .usage }
        letters = word[...]
    }

    /// The rest of this word, or the next word.
    private mutating func value() throws(FormailRefusal) -> [UInt8] {
        try enterValue()
        defer { letters = [] }
        return Array(letters)
    }

    private mutating func number() throws(FormailRefusal) -> Int {
        let digits = letters.prefix { $0.isDigit }
        guard !digits.isEmpty else { throw .usage }
        letters = letters.dropFirst(digits.count)
        return Int(decimal: digits) ?? .max
    }

    /// The number may be left out, or be the next word.
    private mutating func takeParallel() {
        if letters.isEmpty, let next = words.first, let first = next.first, first.isDigit {
            words.removeFirst()
            letters = next[...]
        }
        let digits = letters.prefix { $0.isDigit }
        letters = letters.dropFirst(digits.count)
        let limit = Int(decimal: digits) ?? 0
        options.parallel = limit > 0 ? .atMost(limit) : .asManyAsPossible
    }

    private mutating func takeCache() throws(FormailRefusal) {
        try enterValue()
        let limit = try number()
        options.cache = FormailOptions.Cache(limit: limit, path: try value())
    }

    // MARK: Fields

    private mutating func takeField(_ letter: UInt8) throws(FormailRefusal) {
        guard let list = Self.list(letter) else {
            guard letter == UInt8(ascii: "R") else { throw .usage }
            let word = try value()
            return options.renamings.append(try renaming(word))
        }
        let word = try value()
        let name = FieldName(of: word[...])
        if case .part(let length) = name {
            if letter == UInt8(ascii: "a"), word.equalsIgnoringCase(Self.resent) {
                wantsResent = true
                return
            }
            // A name may be a beginning only where fields are looked for.
            let mayBePart = letter != UInt8(ascii: "a") && letter != UInt8(ascii: "A")
            guard mayBePart, length == word.count else { throw .invalidField(word) }
        }
        options[keyPath: list].append(FieldPattern(word))
    }

    private static func list(
        _ letter: UInt8
    ) -> WritableKeyPath<FormailOptions, [FieldPattern]>? {
        switch letter {
        case UInt8(ascii: "x"): \.extracted
        case UInt8(ascii: "X"): \.extractedWhole
        case UInt8(ascii: "a"): \.addedIfMissing
        case UInt8(ascii: "A"): \.added
        case UInt8(ascii: "i"): \.renamedOld
        case UInt8(ascii: "I"): \.deleted
        case UInt8(ascii: "u"): \.firstKept
        case UInt8(ascii: "U"): \.lastKept
        default: nil
        }
    }

    /// The old name and the new one, which may stand in the same word or in the next.
    private mutating func renaming(_ word: [UInt8]) throws(FormailRefusal) -> FieldRenaming {
        let isWhole: Bool
        if case .whole = FieldName(of: word[...]) { isWhole = true } else { isWhole = false }
        let old = FieldPattern(word)
        let rest = word.dropFirst(old.nameLength).drop { $0.isBlank || $0 == .lf }
        let second = rest.isEmpty ? nil : Array(rest)
        guard let new = second ?? words.popFirst() else { throw .invalidField([]) }
        switch FieldName(of: new[...]) {
        case .whole(let length):
            return FieldRenaming(old: FieldPattern(Array(old.name)), new: Array(new[..<length]))
        case .part(let length):
            // An empty word takes the old beginning away.
            guard !isWhole, length > 0 || new.isEmpty else { throw .invalidField(new) }
            return FieldRenaming(old: FieldPattern(Array(old.name)), new: Array(new[..<length]))
        }
    }
}
