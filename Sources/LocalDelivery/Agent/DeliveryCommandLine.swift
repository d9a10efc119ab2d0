import Bytes

/// The command line of `mda`: procmail's options, assignments and recipe files.
package struct DeliveryCommandLine: Equatable {
    package enum Mode: Equatable {
        /// Recipe files of the line, or those of the user.
        case filter
        /// `-d`: for these users.
        case deliver([[UInt8]])
        /// `-m`: one recipe file and its arguments, nobody's mailbox.
        case general
        /// `-v`
        case version
        /// `-h`, `-?`
        case usage
        /// `-z`
        case lmtp
        /// `--explain`: what the recipes would do with the letter.
        case explain
        /// `--check`: what is wrong with the recipes.
        case check
    }

    package var mode = Mode.filter
    var keepsEnvironment = false
    /// `-t`: failing is temporary.
    var failsSoftly = false
    /// `-o`: a From_ line that the caller may not choose is replaced rather than marked.
    var overridesFakes = false
    /// `-f`: the sender of the From_ line; `-` renews its date.
    var sender: [UInt8]?
    /// `-Y`: Content-Length stays, unless it is more than there is.
    var keepsLength = false
    /// `-a`: `$1` and so on.
    package var arguments: [[UInt8]] = []
    /// `NAME=value` of the line, in order.
    package var assignments: [(name: [UInt8], value: [UInt8])] = []
    var recipeFiles: [[UInt8]] = []
    /// What is wrong with the line: said, and gone on.
    var complaints: [String] = []
    let name: [UInt8]

    package static func == (left: DeliveryCommandLine, right: DeliveryCommandLine) -> Bool {
        left.mode == right.mode && left.keepsEnvironment == right.keepsEnvironment
            && left.failsSoftly == right.failsSoftly && left.sender == right.sender
            && left.overridesFakes == right.overridesFakes && left.arguments == right.arguments
            && left.assignments.elementsEqual(right.assignments) { $0 == $1 }
            && left.recipeFiles == right.recipeFiles && left.complaints == right.complaints
    }

    /// `name` is the name that the program was called by: one that is neither ours nor procmail's
    /// stands for `-d`.
    package init(_ words: some Collection<[UInt8]>, name: [UInt8]) {
        self.name = name
        let base = name.split(separator: UInt8(ascii: "/")).last ?? []
        let isOwn = base.starts(with: "procmail".utf8) || base.starts(with: "mda".utf8)
        var left = Array(words)[...]
        if let own = Self.ownMode(left.first) {
            mode = own
            takeRest(left.dropFirst())
            return
        }
        var isDelivering = !isOwn
        var isEnded = false
        while !isEnded, let word = left.first, word.first == UInt8(ascii: "-") {
            left.removeFirst()
            isEnded = takeOptions(word.dropFirst(), &left, &isDelivering)
        }
        if isDelivering { takeRecipients(&left) }
        if mode == .general, !arguments.isEmpty {
            complain("Conflicting options")
            arguments = []
        }
        takeRest(left)
    }

    /// The mode of an option that procmail does not have.
    private static func ownMode(_ word: [UInt8]?) -> Mode? {
        guard let word else { return nil }
        if word.elementsEqual("--explain".utf8) { return .explain }
        return word.elementsEqual("--check".utf8) ? .check : nil
    }

    /// Takes the options of one word; yields whether they were the last ones.
    private mutating func takeOptions(
        _ letters: ArraySlice<UInt8>, _ left: inout ArraySlice<[UInt8]>, _ isDelivering: inout Bool
    ) -> Bool {
        var letters = letters
        while let letter = letters.popFirst() {
            switch letter {
            case UInt8(ascii: "v"): mode = .version
            case UInt8(ascii: "h"), UInt8(ascii: "?"): mode = .usage
            case UInt8(ascii: "z"): mode = .lmtp
            case UInt8(ascii: "m"): mode = .general
            case UInt8(ascii: "p"): keepsEnvironment = true
            case UInt8(ascii: "t"): failsSoftly = true
            case UInt8(ascii: "o"): overridesFakes = true
            case UInt8(ascii: "Y"), UInt8(ascii: "y"): keepsLength = true
            case UInt8(ascii: "a"):
                let value = value(letters, &left)
                if let value { arguments.append(value) } else { complain("Missing argument") }
                return false
            case UInt8(ascii: "f"), UInt8(ascii: "r"):
                sender = value(letters, &left)
                if sender == nil { complain("Missing name") }
                return false
            case UInt8(ascii: "d"):
                isDelivering = true
                if !letters.isEmpty { left.insert(Array(letters), at: left.startIndex) }
                return true
            case UInt8(ascii: "-") where letters.isEmpty: return true
            default:
                let rest = letter == UInt8(ascii: "-") ? letters : [letter] + letters
                complain(
                    "Unrecognised options: \"\(String(printable: rest))\"\nProcessing continued")
                return false
            }
            // What these say is all that is done.
            if mode == .version || mode == .usage || mode == .lmtp { return true }
        }
        return false
    }

    private mutating func complain(_ text: String) { complaints.append(text) }

    /// The value of an option: the rest of its word, or the next word.
    private func value(
        _ rest: ArraySlice<UInt8>, _ left: inout ArraySlice<[UInt8]>
    ) -> [UInt8]? {
        rest.isEmpty ? left.popFirst() : Array(rest)
    }

    private mutating func takeRecipients(_ left: inout ArraySlice<[UInt8]>) {
        guard !left.isEmpty else { return complain("Missing recipient") }
        if keepsEnvironment || mode == .general { complain("Conflicting options") }
        keepsEnvironment = false
        mode = .deliver(Array(left))
        left = []
    }

    private mutating func takeRest(_ words: ArraySlice<[UInt8]>) {
        var words = words
        while let word = words.popFirst() {
            if let assignment = Self.assignment(word) {
                assignments.append(assignment)
            } else {
                recipeFiles.append(word)
                if mode == .general || mode == .explain {
                    arguments += words
                    return
                }
            }
        }
        if mode == .general, recipeFiles.isEmpty { complain("Missing rcfile") }
    }

    /// Whatever has a `=` in it is an assignment, even when no shell would take its name.
    private static func assignment(_ word: [UInt8]) -> (name: [UInt8], value: [UInt8])? {
        guard let sign = word.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return (Array(word[..<sign]), Array(word[(sign + 1)...]))
    }
}
