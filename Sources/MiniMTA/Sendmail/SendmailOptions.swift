import Posix

/// The command line of sendmail(1): what is asked, and how the message is read.
struct SendmailOptions: Equatable {
    enum Mode: Equatable {
        case submit, listQueue, flush, start, serve, rebuildAliases
        case flushMessage(String)
        case flushSite(String)
    }

    private(set) var mode = Mode.submit
    /// -t: recipients come from the header.
    private(set) var takesRecipientsFromHeader = false
    /// -i, -oi: a line with only a dot is content.
    private(set) var ignoresDots = false
    /// -f, -r.
    private(set) var sender: String?
    /// -F.
    private(set) var fullName: String?
    /// -C: the directory of main.cf.
    private(set) var configuration: Path?
    /// -oA.
    private(set) var aliasDatabase: String?
    /// -B: `7bit` or `8bit`.
    private(set) var encoding: String?
    /// -N.
    private(set) var notify: String?
    /// -R, other than with -q: `full` or `hdrs`.
    private(set) var returned: String?
    /// -V.
    private(set) var envelopeID: String?
    /// -G: addresses are not completed as this machine's.
    private(set) var isGateway = false
    /// -v: how often it was given; once asks for a mailed report, more for a talkative program.
    private var verbosity = 0
    private(set) var recipients: [String] = []
    /// What was asked and will not be done, though the message goes on.
    private(set) var warnings: [String] = []

    private static let usage = "usage: sendmail [options] [recipient ...]"

    init(name: String, arguments: [String]) throws(SendmailFailure) {
        switch name {
        case "mailq": mode = .listQueue
        case "newaliases": mode = .rebuildAliases
        default: break
        }
        var options = CommandOptions(
            Self.separated(arguments), bare: "GIUcimntvx", valued: "ABCFLNOQRVXbefhopr")
        while let item = options.next() {
            switch item {
            case .flag(let letter): try take(letter)
            case .value(let letter, let value): try take(letter, value)
            case .unknown(let letter), .valueMissing(let letter):
                throw .init("invalid option -- '\(letter)'. \(Self.usage)", ExitCode.temporary)
            }
        }
        recipients = Array(options.operands)
        try check()
    }

    /// `-q`, whose value may only stick to it, is given the letter Q; `-o` with a letter of its own
    /// loses the word after it.
    private static func separated(_ arguments: [String]) -> [String] {
        var out: [String] = []
        var left = arguments[...]
        while let word = left.popFirst() {
            if word == "--" || !word.hasPrefix("-") || word == "-" { return out + [word] + left }
            if word.hasPrefix("-q") {
                out.append("-Q=" + word.dropFirst(2))
                continue
            }
            out.append(word)
            // Options whose value is the next word take it along, whatever it looks like.
            if word.count == 2, "ABCFLNORVXbefhopr".contains(word.dropFirst()),
                let value = left.popFirst()
            {
                out.append(value)
            }
        }
        return out
    }

    private mutating func take(_ letter: Unicode.Scalar) throws(SendmailFailure) {
        switch letter {
        case "t": takesRecipientsFromHeader = true
        case "i": ignoresDots = true
        case "I": mode = .rebuildAliases
        case "G": isGateway = true
        case "v": verbosity += 1
        case "n": throw .init("-n option not supported", ExitCode.temporary)
        // -m, -c, -x, -U: of no meaning here, as in Postfix.
        default: break
        }
    }

    private mutating func take(_ letter: Unicode.Scalar, _ value: String) throws(SendmailFailure) {
        switch letter {
        case "f", "r": sender = value
        case "F": fullName = value
        case "C": configuration = Self.directory(value)
        case "b": try takeMode(value)
        case "o": takeOption(value)
        case "Q": try takeQueueRun(String(value.dropFirst()))
        case "B":
            switch value.lowercased() {
            case "7bit": encoding = "7bit"
            case "8bitmime": encoding = "8bit"
            default: throw .init("-B option needs 8BITMIME or 7BIT", ExitCode.temporary)
            }
        case "N":
            notify = Self.notices(value)
            if notify == nil { warnings.append("bad -N option value -- ignored") }
        case "R":
            let isKnown = ["full", "hdrs"].contains(value.lowercased())
            if isKnown { returned = value.lowercased() }
            if !isKnown { warnings.append("bad -R option value -- ignored") }
        case "V":
            if !value.isEmpty { envelopeID = value }
            if value.isEmpty { warnings.append("bad syntax in -V option value -- ignored") }
        // -A, -L, -O, -X, -d, -e, -h, -p: of no meaning here, as in Postfix.
        default: break
        }
    }

    private static func directory(_ value: String) -> Path {
        let path = Path(value)
        return path.name == "main.cf" ? path.parent : path
    }

    private mutating func takeMode(_ value: String) throws(SendmailFailure) {
        switch value.first {
        case "m": mode = .submit
        case "s": mode = .serve
        case "p": mode = .listQueue
        case "i": mode = .rebuildAliases
        case "d", "l": mode = .start
        // Postfix has no host status: -bh and -bH do nothing.
        case "h", "H": break
        case "v": throw .init("not supported yet: -bv", ExitCode.temporary)
        default: throw .init("unsupported: -b\(value)", ExitCode.temporary)
        }
    }

    private mutating func takeOption(_ value: String) {
        switch value.first {
        case "i": ignoresDots = true
        case "A": aliasDatabase = String(value.dropFirst())
        default: break
        }
    }

    /// What follows -q: nothing, an interval that is ignored, `Iqueueid`, `Rsite` or `Ssite`.
    private mutating func takeQueueRun(_ value: String) throws(SendmailFailure) {
        switch value.first {
        case nil: mode = .flush
        case "I": mode = .flushMessage(String(value.dropFirst()))
        case "R", "S": mode = .flushSite(String(value.dropFirst()))
        case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": break
        default: throw .init("-q\(value) is not implemented", ExitCode.temporary)
        }
    }

    /// The list of -N in small letters: `never`, or some of success, failure and delay; nil for
    /// another.
    private static func notices(_ value: String) -> String? {
        let words = value.lowercased().split(separator: ",", omittingEmptySubsequences: false)
        let known = words.allSatisfy { ["success", "failure", "delay"].contains($0) }
        return words == ["never"] || known ? words.joined(separator: ",") : nil
    }

    private mutating func check() throws(SendmailFailure) {
        // More than one -v is for whoever looks for a fault in Postfix.
        if verbosity == 1, mode == .submit {
            warnings.append("not supported yet: -v; no report will be mailed")
        }
        guard let name = modeName else { return }
        guard !takesRecipientsFromHeader else {
            throw .init("-t can be used only in delivery mode", ExitCode.temporary)
        }
        guard recipients.isEmpty else {
            throw .init("\(name) mode requires no recipient", ExitCode.temporary)
        }
    }

    /// How messages call a mode that takes no recipients; nil for the delivery of a message.
    private var modeName: String? {
        switch mode {
        case .submit: nil
        case .listQueue: "display queue"
        case .flush, .flushMessage, .flushSite: "flush queue"
        case .start: "daemon"
        case .serve: "stand-alone"
        case .rebuildAliases: "alias initialization"
        }
    }
}
