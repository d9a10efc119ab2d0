import Bytes

/// Reads the command line of lockfile: what is done, in the order of its words.
struct LockfileCommandLine {
    enum Step: Equatable {
        /// `-8`: seconds between attempts.
        case pause(Int)
        /// `-r`: attempts after the first; nil is without end.
        case retries(Int?)
        /// `-l`: the age in seconds at which a lock is removed; 0 is never.
        case timeout(Int)
        /// `-s`: seconds to wait after that.
        case suspend(Int)
        /// `-!`.
        case invert
        case take([UInt8])
        /// `-ml`.
        case takeMailbox
        /// `-mu`.
        case releaseMailbox
    }

    enum Refusal: Error, Equatable {
        case version, help, usage
    }

    private var words: ArraySlice<[UInt8]>
    private var letters: ArraySlice<UInt8> = []
    private var steps: [Step] = []

    static func parse(_ words: [[UInt8]]) throws(Refusal) -> [Step] {
        var line = LockfileCommandLine(words: words[...])
        return try line.read()
    }

    private init(words: ArraySlice<[UInt8]>) { self.words = words }

    private mutating func read() throws(Refusal) -> [Step] {
        while let word = words.popFirst() {
            guard word.first == UInt8(ascii: "-") else {
                steps.append(.take(word))
                continue
            }
            letters = word.dropFirst()
            while let letter = letters.first { try take(letter) }
        }
        let mailbox = steps.count { $0 == .takeMailbox || $0 == .releaseMailbox }
        guard mailbox <= 1, steps.contains(where: \.isWork) else { throw .usage }
        return steps
    }

    private mutating func take(_ letter: UInt8) throws(Refusal) {
        if letter.isDigit { return steps.append(.pause(try number())) }
        letters.removeFirst()
        switch letter {
        case UInt8(ascii: "!"): steps.append(.invert)
        case UInt8(ascii: "r"):
            // Below 0 is without end, as -1 is.
            let count = try value()
            steps.append(.retries(count < 0 ? nil : count))
        case UInt8(ascii: "l"): steps.append(.timeout(try natural()))
        case UInt8(ascii: "s"): steps.append(.suspend(try natural()))
        case UInt8(ascii: "m"):
            let action = letters
            letters = []
            if action.elementsEqual("l".utf8) { return steps.append(.takeMailbox) }
            guard action.elementsEqual("u".utf8) else { throw .usage }
            steps.append(.releaseMailbox)
        case UInt8(ascii: "v"): throw .version
        case UInt8(ascii: "h"), UInt8(ascii: "?"): throw .help
        default: throw .usage
        }
    }

    private mutating func natural() throws(Refusal) -> Int {
        let value = try value()
        guard value >= 0 else { throw .usage }
        return value
    }

    /// A number that may stand in the next word and have a sign.
    private mutating func value() throws(Refusal) -> Int {
        if letters.isEmpty {
            guard let word = words.popFirst() else { throw .usage }
            letters = word[...]
        }
        guard letters.first == UInt8(ascii: "-") else { return try number() }
        letters.removeFirst()
        return -(try number())
    }

    /// Seconds and counts beyond this many are as good as for ever.
    private static let numberLimit = Int(Int32.max)

    private mutating func number() throws(Refusal) -> Int {
        let digits = letters.prefix { $0.isDigit }
        guard !digits.isEmpty else { throw .usage }
        letters = letters.dropFirst(digits.count)
        return min(Int(decimal: digits) ?? .max, Self.numberLimit)
    }
}

extension LockfileCommandLine.Step {
    /// The step takes or releases a lock.
    var isWork: Bool {
        switch self {
        case .take, .takeMailbox, .releaseMailbox: true
        case .pause, .retries, .timeout, .suspend, .invert: false
        }
    }
}
