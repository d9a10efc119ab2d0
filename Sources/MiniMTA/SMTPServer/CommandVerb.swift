import Bytes

/// The commands that smtpd knows, in the order in which the log counts them.
package enum CommandVerb: String, CaseIterable, Sendable {
    case helo, ehlo, xclient, xforward, starttls, auth, mail, rcpt, data, bdat, rset, noop, vrfy
    case etrn, quit
    /// Whatever else a client sends.
    case unknown

    init(_ word: [UInt8]) {
        self =
            Self.allCases.first {
                $0 != .unknown && word.equalsIgnoringCase(Array($0.rawValue.utf8))
            }
            ?? .unknown
    }

    /// The name in capitals, as the log has it.
    package var name: String { rawValue.uppercased() }

    /// Counts against smtpd_junk_command_limit: no mail comes of it.
    var isJunk: Bool {
        switch self {
        case .helo, .ehlo, .rset, .noop, .vrfy, .etrn, .xclient, .xforward: true
        case .starttls, .auth, .mail, .rcpt, .data, .bdat, .quit, .unknown: false
        }
    }

    /// Must be the last of a group of commands sent ahead (RFC 2920 section 3.1).
    var endsPipelining: Bool {
        switch self {
        case .helo, .ehlo, .data, .noop, .vrfy, .quit, .starttls, .auth, .etrn, .xclient: true
        case .mail, .rcpt, .rset, .bdat, .xforward, .unknown: false
        }
    }
}

/// How often each command came and how often it succeeded.
package struct CommandCounts: Equatable, Sendable {
    private var good: [CommandVerb: Int] = [:]
    private var all: [CommandVerb: Int] = [:]

    mutating func add(_ verb: CommandVerb, succeeded: Bool) {
        all[verb, default: 0] += 1
        if succeeded { good[verb, default: 0] += 1 }
    }

    /// `helo=1 mail=1 rcpt=1/2 commands=3/4`: what succeeded, and of how many when not all did.
    package var text: String {
        var words: [String] = []
        for verb in CommandVerb.allCases {
            guard let count = all[verb] else { continue }
            words.append(Self.word(verb.rawValue, good[verb] ?? 0, count))
        }
        let total = all.values.reduce(0, +)
        words.append(
            total == 0
                ? "commands=0/0" : Self.word("commands", good.values.reduce(0, +), total))
        return words.joined(separator: " ")
    }

    private static func word(_ name: String, _ good: Int, _ all: Int) -> String {
        good == all ? "\(name)=\(all)" : "\(name)=\(good)/\(all)"
    }
}
