import Bytes

/// The three lines about a delivery that readers of the log, such as mailstat(1), look for.
extension RecipeInterpreter {
    /// Whether the end of the work is to be told: always or never when LOGABSTRACT says so, else
    /// only when there is a log.
    package func wantsAbstract(hasLog: Bool) -> Bool {
        guard let value = variables[Array("LOGABSTRACT".utf8)], !value.isEmpty else {
            return hasLog || isVerbose
        }
        if wantsEachAbstract { return !isTold }
        return truth(of: value) ?? (hasLog || isVerbose)
    }

    /// `LOGABSTRACT=all`: each delivery is told.
    var wantsEachAbstract: Bool {
        variables[Array("LOGABSTRACT".utf8)]?.first?.lowercased == UInt8(ascii: "a")
    }

    /// Logs the From_ line, the subject and the folder; no subject where a signal has ended the
    /// work.
    package func logAbstract(folder: [UInt8], isInterrupted: Bool = false) {
        var text: [UInt8] = []
        if let from = letter.fromLine { text += Self.tidy(from) + [.lf] }
        if !isInterrupted, let subject {
            text += [.space] + Self.tidy(subject.prefix(Self.subjectLimit)) + [.lf]
        }
        let shown = Self.tidy(folder.prefix(Self.folderLimit))
        text += Array("  Folder: ".utf8) + shown
        var column = 10 + shown.count
        repeat {
            text.append(.tab)
            column = (column / 8 + 1) * 8
        } while column < Self.numberColumn
        let number = "\(lastOctets)"
        text += Array(String(repeating: " ", count: max(0, 7 - number.utf8.count)).utf8)
        text += Array(number.utf8) + [.lf]
        host.log(text)
    }

    private static let subjectLimit = 78
    private static let folderLimit = 60
    private static let numberColumn = 72

    /// The first line of the Subject field, its name included.
    private var subject: ArraySlice<UInt8>? {
        letter.header.split(separator: .lf, omittingEmptySubsequences: true)
            .first { $0.startsIgnoringCase(with: "subject:".utf8) }
    }

    /// Octets that could move a terminal's cursor or begin a line become blanks.
    private static func tidy(_ text: some Sequence<UInt8>) -> [UInt8] {
        text.map { $0.isControl ? .space : $0 }
    }
}
