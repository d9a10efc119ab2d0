import Bytes

/// One record of the outcomes that follow a message in its queue file.
///
/// A letter, the length of the value, a colon, the value, a blank, the checksum of all before it, LF.
package enum OutcomeRecord: Equatable, Sendable {
    /// `s`, `d` or `b`: an attempt at a recipient ended, at this second since 1970.
    case attempt(recipient: Int, at: Int, Outcome)
    /// `n`: the sender has been told that this recipient will not have the message.
    case notified(recipient: Int)
    /// `c`: qmgr found the message active when it started, so it had not come to an end with it.
    case crashed

    /// The longest value, with room for every part of an `Outcome` at its limit.
    static let valueLimit = 1 << 14

    package var bytes: [UInt8] {
        let value: [UInt8]
        let letter: UInt8
        switch self {
        case .attempt(let recipient, let time, let outcome):
            letter = outcome.kind.letter
            value = Array("\(recipient) \(time) ".utf8) + outcome.parts
        case .notified(let recipient):
            letter = UInt8(ascii: "n")
            value = Array("\(recipient)".utf8)
        case .crashed:
            letter = UInt8(ascii: "c")
            value = []
        }
        let record = [letter] + Array("\(value.count):".utf8) + value + [.space]
        return record + Array(Checksum(record).value.hexadecimal.utf8) + [.lf]
    }

    /// Takes the next record; nil, and the cursor anywhere, when none that is whole is next.
    init?(from cursor: inout ByteCursor) {
        let start = cursor.position
        guard let letter = cursor.next(), let count = cursor.takeNumber(Int.self),
            count <= Self.valueLimit, cursor.take(.colon), count <= cursor.rest.count
        else { return nil }
        let value = Array(cursor.take(count))
        guard cursor.take(.space) else { return nil }
        let digits = Checksum(cursor.bytes[start..<cursor.position]).value.hexadecimal
        guard cursor.take(16).elementsEqual(digits.utf8), cursor.take(.lf) else { return nil }
        guard let record = Self(letter: letter, value: value) else { return nil }
        self = record
    }

    private init?(letter: UInt8, value: [UInt8]) {
        var value = ByteCursor(value)
        if letter == UInt8(ascii: "c") {
            guard value.isAtEnd else { return nil }
            self = .crashed
            return
        }
        guard let recipient = value.takeNumber(Int.self) else { return nil }
        if letter == UInt8(ascii: "n") {
            guard value.isAtEnd else { return nil }
            self = .notified(recipient: recipient)
            return
        }
        guard let kind = Outcome.Kind(letter: letter), value.take(.space),
            let time = value.takeNumber(Int.self), value.take(.space),
            let outcome = Outcome(kind, parts: &value), value.isAtEnd
        else { return nil }
        self = .attempt(recipient: recipient, at: time, outcome)
    }
}

extension Outcome.Kind {
    fileprivate var letter: UInt8 {
        switch self {
        case .sent: UInt8(ascii: "s")
        case .deferred: UInt8(ascii: "d")
        case .bounced: UInt8(ascii: "b")
        }
    }

    fileprivate init?(letter: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.letter == letter }) else {
            return nil
        }
        self = kind
    }
}

extension Outcome {
    /// The texts of the outcome, each with its length in front.
    fileprivate var parts: [UInt8] {
        [status, text, relay, remoteHost, diagnostic].flatMap { part in
            let octets = Array(part.utf8.prefix(Self.textLimit))
            return Array("\(octets.count):".utf8) + octets
        }
    }

    fileprivate init?(_ kind: Kind, parts: inout ByteCursor) {
        var texts: [String] = []
        for _ in 0..<5 {
            guard let count = parts.takeNumber(Int.self), parts.take(.colon),
                count <= parts.rest.count
            else { return nil }
            texts.append(String(decoding: parts.take(count), as: UTF8.self))
        }
        self.init(
            kind, status: texts[0], text: texts[1], relay: texts[2], remoteHost: texts[3],
            diagnostic: texts[4])
    }
}
