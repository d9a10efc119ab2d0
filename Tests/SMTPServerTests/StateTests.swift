import Bytes
import SMTPGrammar
import Testing

@testable import SMTPServer

/// Random sequences of commands, against a model of what a session has to remember.
@Suite struct StateTests {
    /// What RFC 5321 section 4.1.4 lets a server remember: a name, a sender, recipients.
    private struct Model {
        var hasName = false
        var sender: String?
        var recipients: [String] = []

        mutating func forget() {
            sender = nil
            recipients = []
        }

        func isKept(by session: Session) -> Bool {
            session.transaction.map { String(latin1: $0.sender) } == sender
                && (session.transaction?.recipients ?? []).map { String(latin1: $0) } == recipients
                && (session.heloName != nil) == hasName
        }

        /// The code that the command is answered with.
        mutating func answer(_ command: Command) -> Int {
            switch command {
            case .hello, .extendedHello:
                hasName = true
                forget()
                return 250
            case .helloWithoutName, .badReset,
                .dataWithArgument where sender == nil:
                return command == .dataWithArgument ? 503 : 501
            case .mail(let address):
                guard sender == nil else { return 503 }
                sender = address
                return 250
            case .badMail: return sender == nil ? 501 : 503
            case .oversizedMail: return sender == nil ? 552 : 503
            case .recipient(let address):
                guard sender != nil else { return 503 }
                recipients.append(address)
                return 250
            case .unknownRecipient: return sender == nil ? 503 : 550
            case .relayedRecipient: return sender == nil ? 503 : 454
            case .badRecipient: return sender == nil ? 503 : 501
            case .data, .dataWithArgument:
                guard sender != nil else { return 503 }
                guard !recipients.isEmpty else { return 554 }
                guard command == .data else { return 501 }
                return 354
            case .reset:
                forget()
                return 250
            case .noOperation: return 250
            case .verify: return 252
            case .nonsense: return 500
            }
        }
    }

    private enum Command: Equatable {
        case hello, extendedHello, helloWithoutName
        case mail(String), badMail, oversizedMail
        case recipient(String), unknownRecipient, relayedRecipient, badRecipient
        case data, dataWithArgument, reset, badReset, noOperation, verify, nonsense

        static let all: [Command] = [
            .hello, .extendedHello, .helloWithoutName, .mail("a@b.example"), .mail(""), .badMail,
            .mail("c@d.example"), .oversizedMail, .recipient("alice"), .recipient("tech"),
            .recipient("bob@formatux.lan"),
            .unknownRecipient, .relayedRecipient, .badRecipient, .data, .data, .dataWithArgument,
            .reset, .badReset, .noOperation, .verify, .nonsense,
        ]

        var line: String {
            switch self {
            case .hello: "HELO x"
            case .extendedHello: "EHLO x"
            case .helloWithoutName: "HELO"
            case .mail(let address): "MAIL FROM:<\(address)>"
            case .badMail: "MAIL FROM:<a@b"
            case .oversizedMail: "MAIL FROM:<a@b> SIZE=99999999"
            case .recipient(let address): "RCPT TO:<\(address)>"
            case .unknownRecipient: "RCPT TO:<nobody9>"
            case .relayedRecipient: "RCPT TO:<u@victim.example>"
            case .badRecipient: "RCPT TO:<a@b..c>"
            case .data: "DATA"
            case .dataWithArgument: "DATA x"
            case .reset: "RSET"
            case .badReset: "RSET x"
            case .noOperation: "NOOP"
            case .verify: "VRFY alice"
            case .nonsense: "FOO"
            }
        }
    }

    /// SplitMix64: the same sequences in every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func remembersWhatItMustAndForgetsTheRest(seed: UInt64) throws {
        var generator = Generator(state: seed)
        let fresh = try TestHost.session { settings, _ in
            settings.hardErrorLimit = .max
            settings.junkCommandLimit = .max
        }
        var letters = 0
        for sequence in 0..<5000 {
            var session = fresh
            var model = Model()
            for step in 0..<Int.random(in: 1...24, using: &generator) {
                let command = Command.all.randomElement(using: &generator) ?? .reset
                let wanted = model.answer(command)
                let code = session.answer(command.line)
                if code == 354 {
                    letters += 1
                    let succeeds = Bool.random(using: &generator)
                    session.finishContent(.init(succeeds ? 250 : 451, "", ""))
                    model.forget()
                }
                guard code == wanted, model.isKept(by: session) else {
                    Issue.record(
                        "seed \(seed), \(sequence).\(step): \(command.line): \(code)")
                    return
                }
            }
        }
        #expect(letters > 500)
    }
}

extension Session {
    /// The code that a line is answered with, cleanup having taken each recipient.
    fileprivate mutating func answer(_ line: String) -> Int {
        let step = handle(Array(line.utf8))
        if case .addRecipient(_, let original) = step.action {
            finishRecipient(original, step.reply)
        }
        return step.reply.code
    }
}
