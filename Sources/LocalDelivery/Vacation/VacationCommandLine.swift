import Bytes
import Posix

/// How long a sender is not answered again.
enum AnswerInterval: Equatable {
    case seconds(Int)
    case forever

    static let usual = days(7)

    static func days(_ count: Int) -> AnswerInterval {
        let (seconds, isTooLarge) = count.multipliedReportingOverflow(by: 86400)
        return isTooLarge ? .forever : .seconds(seconds)
    }

    /// `-r`: days; every other word is for ever.
    init(days text: String) {
        self = Int(decimal: Array(text.utf8)).map { .days($0) } ?? .forever
    }

    /// `-t`, as Solaris has it: a number and s, m, h, d or w; without a letter days.
    init(withUnit text: String) {
        let units = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400]
        guard let letter = text.last, let unit = units[String(letter)],
            let count = Int(decimal: Array(text.utf8.dropLast()))
        else {
            self.init(days: text)
            return
        }
        let (seconds, isTooLarge) = count.multipliedReportingOverflow(by: unit)
        self = isTooLarge ? .forever : .seconds(seconds)
    }
}

/// What the command line of vacation asks for.
struct VacationOptions: Equatable {
    enum Mode: Equatable {
        /// A letter comes on standard input.
        case answer
        /// `-i`, `-I`: begin a new absence.
        case start
        /// `-x`: addresses on standard input are never answered.
        case exclude
        /// `-l`: who was answered.
        case list
    }

    var mode = Mode.answer
    /// The login; nil is the user who runs this.
    var login: String?
    /// `-a`: further names and addresses of the user.
    var aliases: [String] = []
    /// `-c`: gets each answer too.
    var copies: [String] = []
    /// `-d`: complaints go to standard error.
    var complainsHere = false
    /// `-f`.
    var database = Path(".vacation.db")
    /// `-m`.
    var message = Path(".vacation.msg")
    /// `-j`: answer although the user is in no To or Cc.
    var answersAll = false
    /// `-r`, `-t`.
    var interval: AnswerInterval?
    /// `-R`: the answer's envelope sender instead of none.
    var sender = "<>"

    enum Refusal: Error, Equatable {
        case usage
    }

    /// Reads the command line, which is without the program's name.
    init(_ words: [String]) throws(Refusal) {
        var options = CommandOptions(words, bare: "dIijlxz", valued: "acfmrtR")
        while let item = options.next() {
            switch item {
            case .flag(let letter): take(letter)
            case .value(let letter, let value): take(letter, value)
            case .unknown, .valueMissing: throw .usage
            }
        }
        login = options.operands.first
        guard options.operands.count <= 1, mode != .answer || login != nil else { throw .usage }
    }

    private mutating func take(_ letter: Unicode.Scalar) {
        switch letter {
        case "i", "I": mode = .start
        case "x": mode = .exclude
        case "l": mode = .list
        case "j": answersAll = true
        case "d": complainsHere = true
        // -z: the answer has no envelope sender, which is always so.
        default: break
        }
    }

    private mutating func take(_ letter: Unicode.Scalar, _ value: String) {
        switch letter {
        case "a": aliases.append(value)
        case "c": copies.append(value)
        case "f": database = Path(value)
        case "m": message = Path(value)
        case "r": interval = AnswerInterval(days: value)
        case "t": interval = AnswerInterval(withUnit: value)
        default: sender = value
        }
    }
}
