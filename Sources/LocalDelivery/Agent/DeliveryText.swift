import Bytes
import LocalDelivery
import Mbox
import Posix
import Recipes

/// What a letter looks like in an mbox.
extension FolderDelivery {
    /// The letter, or the part of it that is wanted, with a From_ line in front and an empty line behind;
    /// as it is when nothing may be added.
    ///
    /// Lines that begin with `From ` are quoted as by procmail. With `keepsLines`, in a letter that has a
    /// line of the form `>*From `, all of them are quoted as in an mboxrd, and the From_ line says so.
    func mboxText(keepsLines: Bool) -> LetterText {
        guard !isRaw else { return Self.text(letter.octets(of: parts)) }
        let letter = parts == .both ? letter.countingQuotes : letter
        var rest = letter.octets(of: parts)
        let end: [UInt8] =
            rest.endsInEmptyLine ? [] : rest.isEmpty || rest.last == .lf ? [.lf] : [.lf, .lf]
        // Without a From_ line the letter would be part of the one before it.
        let hasHeader = parts != .body
        let start = hasHeader ? letter.fromLine.map { $0.count + 1 } ?? 0 : 0
        let fromLine = rest.prefix(start)
        rest = rest.dropFirst(start)
        if keepsLines, hasHeader, rest.hasFromLines {
            return Self.mboxrd(rest, FromLine(fromLine.dropLast())?.date ?? Clock.now)
        }
        let made = FromLine.format(sender: letter.returnPath, date: Clock.now)
        var text = LetterText()
        text.put(!hasHeader ? [] : start > 0 ? Array(fromLine) : made)
        var quoting = MboxoQuoting()
        rest.forEachPiece { text.put(quoting.quote($0)) }
        text.put(quoting.end())
        text.put(end)
        return text
    }

    /// The octets alone.
    private static func text(_ octets: ArraySlice<UInt8>) -> LetterText {
        var text = LetterText()
        octets.forEachPiece { text.put(Array($0)) }
        return text
    }

    /// A letter from whose form in an mbox its lines can be had back.
    private static func mboxrd(_ octets: ArraySlice<UInt8>, _ date: Int) -> LetterText {
        var text = LetterText()
        // A Content-Length of the sender's would be believed, and is not true of the quoted letter.
        text.begin(sender: FromLine.quotingSender, date: date, notes: .replaced(by: []))
        octets.forEachPiece { text.write($0) }
        text.end()
        return text
    }
}

extension ArraySlice<UInt8> {
    /// In pieces, so that a long letter is held once more and not three times.
    fileprivate func forEachPiece(_ body: (ArraySlice<UInt8>) -> Void) {
        var rest = self
        while !rest.isEmpty {
            let piece = rest.prefix(1 << 17)
            body(piece)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// Whether a line of the form `>*From ` is among them.
    fileprivate var hasFromLines: Bool {
        countLines { $0.drop { $0 == .greater }.starts(with: "From ".utf8) } > 0
    }
}
