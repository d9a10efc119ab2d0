import Bytes

/// Puts the tokens of an address header together (RFC 5322 sections 3.4 and 4.4).
struct AddressParser {
    private let value: [UInt8]
    private var scanner: AddressScanner
    private var token: AddressToken
    private var entries: [AddressList.Entry] = []
    /// The group that is open; groups do not nest.
    private var group: (name: [UInt8], members: [MailAddress])?

    init(_ value: [UInt8]) {
        self.value = value
        scanner = AddressScanner(value)
        token = scanner.next()
    }

    mutating func list() -> AddressList {
        while token.kind != .end {
            if token.is(UInt8(ascii: ",")) {
                advance()
            } else if token.is(UInt8(ascii: ";")) {
                closeGroup()
            } else {
                element()
            }
        }
        if group != nil {
            scanner.note(.unterminatedGroup, at: value.count)
            finishGroup()
        }
        return AddressList(entries: entries, problem: scanner.problem)
    }

    private mutating func advance() { token = scanner.next() }

    private mutating func closeGroup() {
        if group == nil { scanner.note(.strayCharacter, at: token.range.lowerBound) }
        finishGroup()
        advance()
    }

    private mutating func finishGroup() {
        guard let open = group else { return }
        entries.append(.group(name: open.name, members: open.members))
        group = nil
    }

    private mutating func add(_ address: MailAddress) {
        if group != nil {
            group?.members.append(address)
        } else {
            entries.append(.mailbox(address))
        }
    }

    /// One mailbox, or the name of a group with its colon.
    private mutating func element() {
        let start = token.range.lowerBound
        let words = takeWords()
        switch token.kind {
        case .special(UInt8(ascii: ":")): openGroup(named: words)
        case .special(.less): angle(name: words.phrase)
        case .special(.at): plainAddress(words, from: start)
        case .special(.greater):
            scanner.note(.strayCharacter, at: token.range.lowerBound)
            advance()
            bare(words)
        case .atom, .quoted, .literal, .comment, .special, .end: bare(words)
        }
    }

    private mutating func openGroup(named words: AddressWords) {
        if group != nil {
            scanner.note(.nestedGroup, at: token.range.lowerBound)
        } else {
            group = (words.phrase ?? [], [])
        }
        advance()
    }

    /// A local part without a domain, as people type it on their own machine.
    private mutating func bare(_ words: AddressWords) {
        // A comment that belongs to nothing.
        guard !words.isEmpty else { return }
        if words.hasGap { scanner.note(.spaceInLocalPart, at: words.range.lowerBound) }
        add(
            MailAddress(
                displayName: takeComment(or: words.comment), localPart: words.localPart, domain: [],
                range: words.range))
    }

    /// `local@domain` without brackets; when `<` follows after all, it was an unquoted name.
    private mutating func plainAddress(_ words: AddressWords, from start: Int) {
        if words.isEmpty { scanner.note(.missingLocalPart, at: token.range.lowerBound) }
        let (local, domain, end) = addressBehind(words)
        let comment = takeComment(or: words.comment)
        if token.is(.less) {
            scanner.note(.severalAtSigns, at: start)
            return angle(name: Array(value[start..<token.range.lowerBound].trimmed))
        }
        noteMissingComma()
        add(
            MailAddress(
                displayName: comment, localPart: local, domain: domain,
                range: (words.isEmpty ? start : words.range.lowerBound)..<end))
    }

    private mutating func noteMissingComma() {
        switch token.kind {
        case .end, .special(UInt8(ascii: ",")), .special(UInt8(ascii: ";")): break
        default: scanner.note(.missingComma, at: token.range.lowerBound)
        }
    }

    /// What stands in `<…>`.
    private mutating func angle(name: [UInt8]?) {
        let opening = token.range
        advance()
        let route = takeRoute()
        let words = takeWords(insideAngle: true)
        var (local, domain) = (words.localPart, [UInt8]())
        var end = words.isEmpty ? token.range.lowerBound : words.range.upperBound
        let start = words.isEmpty ? min(opening.upperBound, end) : words.range.lowerBound
        if token.is(.at) {
            if words.isEmpty { scanner.note(.missingLocalPart, at: token.range.lowerBound) }
            (local, domain, end) = addressBehind(words)
        }
        skipToClosingBracket()
        let comment = takeComment(or: words.comment)
        noteMissingComma()
        add(
            MailAddress(
                displayName: name ?? comment, route: route, localPart: local, domain: domain,
                range: start..<max(start, end)))
    }

    private mutating func skipToClosingBracket() {
        while true {
            switch token.kind {
            case .special(.greater): return advance()
            case .end, .special(UInt8(ascii: ",")), .special(UInt8(ascii: ";")):
                return scanner.note(.missingBracket, at: token.range.lowerBound)
            case .comment: advance()
            case .atom, .quoted, .literal, .special:
                scanner.note(.strayCharacter, at: token.range.lowerBound)
                advance()
            }
        }
    }

    /// `@a,@b:` before an address (RFC 5322 obs-route).
    private mutating func takeRoute() -> [[UInt8]] {
        var route: [[UInt8]] = []
        while token.is(.at) || token.is(UInt8(ascii: ",")) {
            if token.is(UInt8(ascii: ",")) {
                advance()
                continue
            }
            advance()
            route.append(takeDomain().text)
        }
        if !route.isEmpty, token.is(.colon) { advance() }
        return route
    }

    /// The domain behind `words`; of several `@` the last one separates.
    private mutating func addressBehind(
        _ words: AddressWords
    ) -> (local: [UInt8], domain: [UInt8], end: Int) {
        if words.hasGap { scanner.note(.spaceInLocalPart, at: words.range.lowerBound) }
        var local = words.localPart
        var domain: [UInt8] = []
        var end = token.range.upperBound
        var isFirst = true
        while token.is(.at) {
            if !isFirst {
                scanner.note(.severalAtSigns, at: token.range.lowerBound)
                local += [.at] + domain
            }
            isFirst = false
            end = token.range.upperBound
            advance()
            let found = takeDomain()
            domain = found.text
            end = found.end ?? end
            if domain.isEmpty { scanner.note(.missingDomain, at: end) }
        }
        return (local, domain, end)
    }

    /// Words separated by dots, or a literal.
    private mutating func takeDomain() -> (text: [UInt8], end: Int?) {
        var text: [UInt8] = []
        var end: Int?
        var wantsWord = true
        while true {
            switch token.kind {
            case .special(.dot): wantsWord = true
            case .atom, .quoted, .literal:
                guard wantsWord else { return (text, end) }
                wantsWord = false
            case .comment:
                // A comment between the parts; one behind them is the caller's.
                guard wantsWord else { return (text, end) }
                advance()
                continue
            case .special, .end: return (text, end)
            }
            text += token.text
            end = token.range.upperBound
            advance()
        }
    }

    private mutating func takeWords(insideAngle: Bool = false) -> AddressWords {
        var words = AddressWords()
        while true {
            switch token.kind {
            case .atom, .quoted, .literal, .special(.dot): words.append(token)
            case .comment: words.comment = token.text
            case .special(.colon) where insideAngle:
                scanner.note(.strayCharacter, at: token.range.lowerBound)
                words.append(token)
            case .special, .end: return words
            }
            advance()
        }
    }

    /// The comment behind an address, which names its owner in the oldest style.
    private mutating func takeComment(or earlier: [UInt8]?) -> [UInt8]? {
        var comment = earlier
        while token.kind == .comment {
            comment = token.text
            advance()
        }
        return comment
    }
}

/// Words and dots that turn out to be a phrase or a local part.
struct AddressWords {
    private var spaced: [UInt8] = []
    private(set) var localPart: [UInt8] = []
    private(set) var range = 0..<0
    /// Two words stand side by side with white space between them and no dot.
    private(set) var hasGap = false
    var comment: [UInt8]?
    private var endsInDot = true

    var isEmpty: Bool { range.isEmpty }
    /// The words as a display name; nil when there are none.
    var phrase: [UInt8]? { isEmpty ? nil : spaced }

    mutating func append(_ token: AddressToken) {
        let isDot = token.is(.dot)
        if isEmpty {
            range = token.range
        } else {
            if token.follows {
                spaced.append(.space)
                if !isDot, !endsInDot {
                    localPart.append(.space)
                    hasGap = true
                }
            }
            range = range.lowerBound..<token.range.upperBound
        }
        spaced += token.text
        localPart += token.text
        endsInDot = isDot
    }
}
