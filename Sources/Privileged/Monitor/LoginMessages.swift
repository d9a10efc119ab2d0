package import Accounts
package import Bytes
import Services

/// What the front of an access server tells and asks its monitor.
package enum LoginQuestion: FramedMessage, Equatable {
    /// Is this password right?
    case password(Credentials)
    /// After `.accepted`: go on with the client, who has sent `octets` already; `tag` is that of the
    /// command that asked for the login, empty where the protocol has none.
    case takeOver(tag: [UInt8], octets: [UInt8])
    /// The client has gone, or was sent away, before a login.
    case ended(Ending)

    /// Why a connection ended before login.
    package enum Ending: Int, Sendable {
        case loggedOut
        case closed
        case timedOut
        case tooManyBadCommands
    }

    package var kind: UInt8 {
        switch self {
        case .password: 1
        case .takeOver: 2
        case .ended: 3
        }
    }

    package func encode(into fields: inout FieldWriter) {
        switch self {
        case .password(let credentials):
            fields.put(credentials.name)
            fields.put(credentials.password)
        case .takeOver(let tag, let octets):
            fields.put(tag)
            fields.put(octets)
        case .ended(let ending):
            fields.put(ending.rawValue)
        }
    }

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1:
            let (name, password) = (try fields.octets(), try fields.octets())
            guard let credentials = Credentials(name: name, password: password) else {
                throw MalformedFrame()
            }
            self = .password(credentials)
        case 2: self = .takeOver(tag: try fields.octets(), octets: try fields.octets())
        case 3:
            guard let ending = Ending(rawValue: try fields.number()) else { throw MalformedFrame() }
            self = .ended(ending)
        default: throw MalformedFrame()
        }
    }
}

/// What the monitor answers to a password; it says no more than the client may know.
package enum LoginAnswer: UInt8, FramedMessage, Equatable {
    case accepted = 1
    case refused = 2
    /// It cannot be said now.
    case unavailable = 3
    /// Refused, and no further password will be looked at.
    case tooManyFailures = 4

    package var kind: UInt8 { rawValue }

    package func encode(into fields: inout FieldWriter) {}

    package init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        guard let answer = LoginAnswer(rawValue: kind) else { throw MalformedFrame() }
        self = answer
    }
}

/// What the process that looked at one password says to the monitor that started it.
enum Verdict: FramedMessage, Equatable {
    case right(Account)
    /// No such user, or another password: which one is nobody's business.
    case wrong
    /// The password was right or not; the account may not be used.
    case refused(String)
    case unavailable(String)

    var kind: UInt8 {
        switch self {
        case .right: 1
        case .wrong: 2
        case .refused: 3
        case .unavailable: 4
        }
    }

    func encode(into fields: inout FieldWriter) {
        switch self {
        case .right(let account): account.encode(into: &fields)
        case .wrong: break
        case .refused(let reason), .unavailable(let reason): fields.put(reason)
        }
    }

    init(kind: UInt8, from fields: inout FieldReader) throws(MalformedFrame) {
        switch kind {
        case 1: self = .right(try Account(from: &fields))
        case 2: self = .wrong
        case 3: self = .refused(try fields.text())
        case 4: self = .unavailable(try fields.text())
        default: throw MalformedFrame()
        }
    }
}
