import Bytes
import Maildir
import Posix

/// The text of a `dovecot-keywords`: which keyword each small letter of a file name stands for.
struct KeywordTable: Equatable {
    static let fileName: Path = "dovecot-keywords"
    /// Far more than 26 keywords of any length that a command line can have.
    static let sizeLimit = 1 << 20

    /// The keyword of each number from 0 to 25; nil: the letter is not used.
    private var names: [Keyword?]
    /// Lines with other numbers, kept.
    private let others: [[UInt8]]

    /// Reads the lines `N KEYWORD`; what is no such line is passed over.
    init(parsing text: [UInt8]) {
        var names = [Keyword?](repeating: nil, count: MaildirInfo.keywordLimit)
        var others: [[UInt8]] = []
        for line in text.split(separator: .lf) {
            guard let space = line.firstIndex(of: .space),
                let number = Int(decimal: line[..<space]), space + 1 < line.endIndex
            else { continue }
            if number < names.count {
                names[number] = Keyword(line[(space + 1)...])
            } else {
                others.append(Array(line))
            }
        }
        self.names = names
        self.others = others
    }

    /// The keywords in the order of their letters.
    var keywords: [Keyword] { names.compactMap { $0 } }

    /// Which letters stand for a keyword; the others are kept in every name as they are.
    var known: UInt32 {
        names.indices.reduce(0) { names[$1] == nil ? $0 : $0 | 1 << UInt32($1) }
    }

    func keywords(of bits: UInt32) -> Set<Keyword> {
        guard bits != 0 else { return [] }
        var set: Set<Keyword> = []
        for (number, name) in names.enumerated() where bits & 1 << UInt32(number) != 0 {
            if let name { set.insert(name) }
        }
        return set
    }

    /// The letters of some keywords, as bits; keywords without a letter are left out.
    func bits(of keywords: Set<Keyword>) -> UInt32 {
        keywords.reduce(0) { bits, keyword in
            names.firstIndex(of: keyword).map { bits | 1 << UInt32($0) } ?? bits
        }
    }

    /// Whether every one of `keywords` has a letter.
    func covers(_ keywords: Set<Keyword>) -> Bool {
        keywords.allSatisfy { names.contains($0) }
    }

    /// Gives letters to those of `keywords` that have none; false when there are too few letters.
    mutating func add(_ keywords: Set<Keyword>) -> Bool {
        for keyword in keywords.sorted() where !names.contains(keyword) {
            // Behind the last one in use: a letter that was used once may still stand in a name.
            let next = (names.lastIndex { $0 != nil } ?? -1) + 1
            guard next < names.count else { return false }
            names[next] = keyword
        }
        return true
    }

    var text: [UInt8] {
        var out: [UInt8] = []
        for (number, name) in names.enumerated() {
            guard let name else { continue }
            out += "\(number) "
            out += name.bytes
            out.append(.lf)
        }
        for line in others { out += line + [.lf] }
        return out
    }
}

/// What a name's letters and an IMAP session's flags say of one another.
extension MaildirInfo {
    /// IMAP's flags and their letters.
    private static let pairs: [(MaildirFlags, SystemFlags)] = [
        (.draft, .draft), (.flagged, .flagged), (.replied, .answered), (.seen, .seen),
        (.trashed, .deleted),
    ]

    func imapFlags(_ table: KeywordTable) -> Flags {
        var system: SystemFlags = []
        for (letter, flag) in Self.pairs where flags.contains(letter) { system.insert(flag) }
        return Flags(system, keywords: table.keywords(of: keywords))
    }

    /// Sets exactly these flags, and leaves alone what IMAP does not know.
    mutating func set(_ wanted: Flags, _ table: KeywordTable) {
        for (letter, flag) in Self.pairs {
            if wanted.system.contains(flag) { flags.insert(letter) } else { flags.remove(letter) }
        }
        keywords = keywords & ~table.known | table.bits(of: wanted.keywords)
    }
}
