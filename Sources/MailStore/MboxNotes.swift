import Bytes
import Mbox
import Posix

/// The header lines in which an mbox keeps what IMAP knows of a message, as c-client and Dovecot
/// write and read them.
struct MboxNotes {
    var uid: UInt32
    var flags: Flags
    /// Some session has seen it: `Status: O`.
    var isOld: Bool
    /// In the first message, the mailbox's own line.
    var base: StatusHeader.Base?

    /// Room for flags and keywords to come, so that they are changed in place.
    private static let usualSize = 96
    private static let usualSizeWithBase = 256

    /// The lines; with `size` exactly that long when they fit, else as long as is usual.
    func lines(fitting size: Int? = nil) -> [UInt8] {
        let (head, tail) = (beforePadding, afterPadding)
        let least = head.count + tail.count
        let wanted = size.flatMap { $0 >= least ? $0 : nil } ?? usualSize(least)
        return head + [UInt8](repeating: .space, count: max(0, wanted - least)) + tail
    }

    private func usualSize(_ least: Int) -> Int {
        let usual = base == nil ? Self.usualSize : Self.usualSizeWithBase
        // Room for another keyword when there are many already.
        return least <= usual - 16 ? usual : least + 64
    }

    private var beforePadding: [UInt8] {
        var lines: [UInt8] = []
        if let base { lines += Self.baseLine("X-IMAPbase", base) + [.lf] }
        lines += "Status: " + (flags.system.contains(.seen) ? "R" : "") + (isOld ? "O" : "")
        lines += "\nX-Status: "
        for (letter, flag) in MboxIndex.flagLetters where flags.system.contains(flag) {
            lines.append(UInt8(ascii: letter))
        }
        lines += "\nX-Keywords:"
        for keyword in flags.sortedKeywords { lines += [.space] + keyword.bytes }
        return lines
    }

    private var afterPadding: [UInt8] { Array(" \nX-UID: \(uid)\n".utf8) }

    /// The name, ten digits each for UIDVALIDITY and the last UID, so that these are changed in
    /// place, and the keywords.
    static func baseLine(_ name: String, _ base: StatusHeader.Base) -> [UInt8] {
        var line = Array(
            "\(name): \(base.validity.padded(to: 10)) \(base.lastUID.padded(to: 10))".utf8)
        for keyword in base.keywords { line += [.space] + keyword }
        return line
    }

    /// The edits that give a letter these lines in place of those it has.
    func edits(for letter: Letter) -> [Edit] {
        let present = letter.status.lines.filter {
            $0.kind != .contentLength || !letter.hasTrueLength
        }.map(\.range)
        let isOnePiece = zip(present, present.dropFirst()).allSatisfy {
            $0.upperBound == $1.lowerBound
        }
        if isOnePiece, let first = present.first, let last = present.last {
            let region = first.lowerBound..<last.upperBound
            return [Edit(region, lines(fitting: region.count))]
        }
        let place = letter.headerEnd..<letter.headerEnd
        let separator: [UInt8] = letter.headerIsEnded ? [] : [.lf]
        return present.map { Edit($0) } + [Edit(place, separator + lines())]
    }
}

/// The letter that keeps UIDVALIDITY and the last UID while an mbox has no message.
enum PseudoLetter {
    static func text(_ base: StatusHeader.Base) -> [UInt8] {
        let now = Clock.now
        return FromLine.format(sender: [], date: now)
            + Array(
                """
                Date: \(CalendarTime.local(now).mailDate)
                From: Mail System Internal Data <MAILER-DAEMON@\(hostName)>
                Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA
                Message-ID: <\(now)@\(hostName)>

                """.utf8)
            + MboxNotes.baseLine("X-IMAP", base)
            + Array(
                """

                Status: RO

                This is no message: the mail servers of this machine note here how they have
                numbered the messages of this folder. Without it all mail is fetched anew.


                """.utf8)
    }

    /// The edits that give the pseudo letter another base.
    static func edits(for letter: Letter, _ base: StatusHeader.Base) -> [Edit] {
        guard let line = letter.status.lines.first(where: { $0.kind == .base }) else { return [] }
        let text = MboxNotes.baseLine("X-IMAP", base)
        let room = line.range.count - 1 - text.count
        return [Edit(line.range, text + [UInt8](repeating: .space, count: max(0, room)) + [.lf])]
    }
}
