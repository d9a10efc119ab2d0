import Bytes

/// A command of POP3, read from its line; it knows nothing of mailboxes.
///
/// Verbs in any case, blanks before an argument and at the end are passed over, except in a password.
enum Command: Equatable {
    case user([UInt8])
    case pass([UInt8])
    case auth(mechanism: [UInt8], initial: [UInt8]?)
    /// AUTH alone: which mechanisms are there?
    case authList
    case capa
    case stat
    case list(Int?)
    case uidl(Int?)
    case retr(Int)
    case top(Int, lines: Int)
    case dele(Int)
    case noop
    case rset
    case quit
    /// Known to POP3, not to us; the text names it.
    case notSupported(String)
    /// A known command with an argument that it cannot have.
    case malformed
    case unknown

    init(_ line: [UInt8]) {
        var cursor = ByteCursor(line)
        let verb = Array(cursor.take { !$0.isBlank }.uppercased)
        let arguments = cursor.rest
        switch String(printable: verb, limit: 5) {
        case "USER": self = Self.user(arguments)
        case "PASS": self = Self.pass(arguments)
        case "AUTH": self = Self.auth(arguments)
        case "LIST": self = Self.optionalNumber(arguments) { .list($0) }
        case "UIDL": self = Self.optionalNumber(arguments) { .uidl($0) }
        case "RETR": self = Self.number(arguments) { .retr($0) }
        case "DELE": self = Self.number(arguments) { .dele($0) }
        case "TOP": self = Self.top(arguments)
        case "CAPA": self = Self.alone(arguments, .capa)
        case "STAT": self = Self.alone(arguments, .stat)
        case "NOOP": self = Self.alone(arguments, .noop)
        case "RSET": self = Self.alone(arguments, .rset)
        case "QUIT": self = Self.alone(arguments, .quit)
        case "STLS", "APOP", "UTF8", "LANG", "LAST":
            self = .notSupported(String(printable: verb))
        default: self = .unknown
        }
    }

    private static func user(_ arguments: ArraySlice<UInt8>) -> Command {
        let name = arguments.trimmed
        return name.isEmpty ? .malformed : .user(Array(name))
    }

    /// One blank separates; every further octet belongs to the password.
    private static func pass(_ arguments: ArraySlice<UInt8>) -> Command {
        arguments.count < 2 ? .malformed : .pass(Array(arguments.dropFirst()))
    }

    private static func auth(_ arguments: ArraySlice<UInt8>) -> Command {
        let words = arguments.split { $0.isBlank }
        switch words.count {
        case 0: return .authList
        case 1: return .auth(mechanism: words[0].uppercased, initial: nil)
        // An empty message is sent as `=` (RFC 5034 section 4).
        case 2:
            let text = words[1].elementsEqual("=".utf8) ? [] : Array(words[1])
            return .auth(mechanism: words[0].uppercased, initial: text)
        default: return .malformed
        }
    }

    private static func top(_ arguments: ArraySlice<UInt8>) -> Command {
        let words = arguments.split { $0.isBlank }
        guard words.count == 2, let number = Int(decimal: words[0]),
            let lines = Int(decimal: words[1])
        else { return .malformed }
        return .top(number, lines: lines)
    }

    private static func number(
        _ arguments: ArraySlice<UInt8>, _ make: (Int) -> Command
    ) -> Command {
        Int(decimal: arguments.trimmed).map(make) ?? .malformed
    }

    private static func optionalNumber(
        _ arguments: ArraySlice<UInt8>, _ make: (Int?) -> Command
    ) -> Command {
        arguments.trimmed.isEmpty ? make(nil) : number(arguments, make)
    }

    private static func alone(_ arguments: ArraySlice<UInt8>, _ command: Command) -> Command {
        arguments.trimmed.isEmpty ? command : .malformed
    }
}
