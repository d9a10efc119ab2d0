import Bytes

/// The flags that a Maildir's file names can have; the letters are the Maildir specification's.
package struct MaildirFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let draft = MaildirFlags(rawValue: 1)
    package static let flagged = MaildirFlags(rawValue: 2)
    /// Resent, forwarded or bounced: no IMAP flag, kept as it is.
    package static let passed = MaildirFlags(rawValue: 4)
    package static let replied = MaildirFlags(rawValue: 8)
    package static let seen = MaildirFlags(rawValue: 16)
    package static let trashed = MaildirFlags(rawValue: 32)

    /// Each flag with its letter, in the order in which they stand in a name.
    static let letters: [(flag: MaildirFlags, letter: UInt8)] = [
        (.draft, UInt8(ascii: "D")), (.flagged, UInt8(ascii: "F")), (.passed, UInt8(ascii: "P")),
        (.replied, UInt8(ascii: "R")), (.seen, UInt8(ascii: "S")), (.trashed, UInt8(ascii: "T")),
    ]
}

/// What stands behind `:2,` in a file name of `cur/`.
///
/// Whatever this does not know (capital letters of others, a second section after a comma) is kept
/// through every change.
package struct MaildirInfo: Equatable, Sendable {
    package var flags: MaildirFlags
    /// Bit n is the letter number n of the alphabet: the keyword number n of `dovecot-keywords`.
    package var keywords: UInt32
    /// Other letters, in ascending order.
    private let others: [UInt8]
    /// From the second comma on.
    private let rest: [UInt8]

    package init(flags: MaildirFlags = [], keywords: UInt32 = 0) {
        self.flags = flags
        self.keywords = keywords
        others = []
        rest = []
    }

    /// Reads what stands behind the colon: `2,` and letters; anything else has no flags.
    package init(parsing text: some Collection<UInt8>) {
        var cursor = ByteCursor(text)
        var others: Set<UInt8> = []
        flags = []
        keywords = 0
        guard cursor.take(ignoringCase: "2,") else {
            self.others = []
            rest = []
            return
        }
        for letter in cursor.take(upTo: UInt8(ascii: ",")) {
            if let known = MaildirFlags.letters.first(where: { $0.letter == letter }) {
                flags.insert(known.flag)
            } else if letter.isLowercase {
                keywords |= 1 << UInt32(letter - UInt8(ascii: "a"))
            } else {
                others.insert(letter)
            }
        }
        self.others = others.sorted()
        rest = Array(cursor.rest)
    }

    /// Nothing at all is said: in `new/` such a message needs no suffix.
    package var isEmpty: Bool {
        flags.isEmpty && keywords == 0 && others.isEmpty && rest.isEmpty
    }

    /// The suffix of a name in `cur/`, `:2,` included; letters in ASCII order as the specification
    /// asks.
    package var suffix: [UInt8] {
        var letters = others
        for (flag, letter) in MaildirFlags.letters where flags.contains(flag) {
            letters.append(letter)
        }
        for number in 0..<UInt32(Self.keywordLimit) where keywords & 1 << number != 0 {
            letters.append(UInt8(ascii: "a") + UInt8(number))
        }
        return Array(":2,") + letters.sorted() + rest
    }

    /// As many keywords as there are small letters.
    package static let keywordLimit = 26
}
