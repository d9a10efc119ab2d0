import Bytes

/// One word of an address field as formail reads it: comments and blanks taken out, quoted strings
/// and literals kept, all of it in one pass without recursion.
///
/// Not `AddressList`: a reply must go where procmail's formail sends it, odd forms included.
struct AddressWord {
    /// The word without comments and blanks.
    private(set) var octets: [UInt8] = []
    /// Where the next word begins; nil when nothing that could be an address follows.
    private(set) var next: Int?

    private enum Group { case possible, open, none }
    private enum Last { case nothing, word, wordAndBlank }

    private let text: [UInt8]
    private var place: Int
    private var last = Last.nothing
    private var group = Group.possible
    private var isBracketed: Bool
    /// A bracketed word holds a comma or semicolon, so it needs brackets again.
    private var needsBrackets = false

    /// The word of `text` that begins at `start`.
    init(in text: [UInt8], at start: Int) {
        self.text = text
        isBracketed = start < text.count && text[start] == .less
        place = isBracketed ? start + 1 : start
        read()
    }

    /// The address in a field's content: what stands in brackets, else the first word; nil when
    /// there is no word.
    static func address(in text: [UInt8]) -> [UInt8]? {
        guard var place = text.firstIndex(where: { !$0.isBlank && $0 != .lf }) else { return nil }
        var found: [UInt8]?
        while true {
            let isBracketed = text[place] == .less
            let word = AddressWord(in: text, at: place)
            if isBracketed { return word.octets }
            found = found ?? word.octets
            guard let next = word.next else { return found }
            place = next
        }
    }

    private mutating func read() {
        while place < text.count {
            switch text[place] {
            case .less:
                guard isBracketed else { return endBefore() }
                // Brackets do not nest: the inner one counts.
                octets = []
                last = .nothing
                place += 1
            case UInt8(ascii: "("):
                skipComment()
                noteBlank()
            case .space, .tab, .lf:
                place += 1
                noteBlank()
            case UInt8(ascii: ";") where group == .open:
                take()
                return finish()
            case UInt8(ascii: ";"), UInt8(ascii: ","):
                guard group == .open || isBracketed else { return finish() }
                if group != .open { needsBrackets = true }
                takeSpecial()
            case .greater: return finish()
            case .colon, .at, .dot:
                if group == .possible { group = text[place] == .colon ? .open : .none }
                takeSpecial()
            case UInt8(ascii: "["): takeQuoted(until: UInt8(ascii: "]"))
            case .quote:
                take()
                takeQuoted(until: .quote)
            default:
                if !isBracketed, last == .wordAndBlank, !octets.isEmpty { return endBefore() }
                if text[place] == .backslash, place + 1 < text.count { take() }
                take()
                last = .word
            }
        }
        finish()
    }

    private mutating func endBefore() { next = place }

    private mutating func take() {
        octets.append(text[place])
        place += 1
    }

    private mutating func takeSpecial() {
        take()
        last = .nothing
    }

    private mutating func noteBlank() { if last == .word { last = .wordAndBlank } }

    /// Takes up to `end`, which stands behind an octet that is taken in any case.
    private mutating func takeQuoted(until end: UInt8) {
        while place < text.count {
            let octet = text[place]
            take()
            if octet == end { break }
            if octet == .backslash, place < text.count { take() }
        }
        last = .word
    }

    /// Steps behind a comment, which may hold others; one that is not closed reaches to the end.
    private mutating func skipComment() {
        var depth = 0
        while place < text.count {
            switch text[place] {
            case .backslash: place += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            place += 1
            if depth == 0 { return }
        }
        place = min(place, text.count)
    }

    private mutating func finish() {
        if needsBrackets { octets = [.less] + octets + [.greater] }
    }
}
