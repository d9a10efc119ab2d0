import Accounts
import Bytes
import Posix
import Services
import Testing

@testable import Monitor

@Suite struct LoginMessagesTests {
    private static func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func encoded(_ message: some FramedMessage) -> [UInt8] {
        var fields = FieldWriter()
        message.encode(into: &fields)
        return fields.bytes
    }

    private func decoded<Message: FramedMessage>(
        _: Message.Type, _ kind: UInt8, _ bytes: [UInt8]
    ) throws(MalformedFrame) -> Message {
        var fields = FieldReader(bytes)
        let message = try Message(kind: kind, from: &fields)
        try fields.finish()
        return message
    }

    private static var questions: [LoginQuestion] {
        let credentials = Credentials(name: octets("alice"), password: octets("pass word"))
        return (credentials.map { [.password($0)] } ?? []) + [
            .takeOver(tag: [], octets: []),
            .takeOver(tag: octets("a1"), octets: [0, 13, 10, 255]), .ended(.closed),
            .ended(.loggedOut), .ended(.timedOut), .ended(.tooManyBadCommands),
        ]
    }

    @Test func questionsGoThereAndBackAndAreNeverReadCut() throws {
        #expect(Self.questions.count == 7)
        for question in Self.questions {
            let bytes = encoded(question)
            #expect(try decoded(LoginQuestion.self, question.kind, bytes) == question)
            for end in 0..<bytes.count {
                #expect(throws: MalformedFrame.self) {
                    try decoded(LoginQuestion.self, question.kind, Array(bytes[..<end]))
                }
            }
            #expect(throws: MalformedFrame.self) {
                try decoded(LoginQuestion.self, question.kind, bytes + [0])
            }
        }
    }

    @Test func verdictsGoThereAndBack() throws {
        let account = Account(
            name: Self.octets("bob@x"), user: 5000, group: 5001, groups: [5001, 7],
            home: "/srv/bob", mailLocation: Self.octets("maildir:~/M"), privilegedGroup: 8)
        let plain = Account(
            name: [0x61], user: 1, group: .max, groups: [], home: "", privilegedGroup: nil)
        for verdict in [
            Verdict.right(account), .right(plain), .wrong, .refused("why"), .unavailable("why"),
        ] {
            #expect(try decoded(Verdict.self, verdict.kind, encoded(verdict)) == verdict)
        }
    }

    @Test func answersGoThereAndBack() throws {
        for answer in [LoginAnswer.accepted, .refused, .unavailable, .tooManyFailures] {
            #expect(try decoded(LoginAnswer.self, answer.kind, encoded(answer)) == answer)
        }
    }

    @Test(arguments: [UInt8](0...255).filter { !(1...4).contains($0) })
    func knowsNoOtherKinds(kind: UInt8) {
        #expect(throws: MalformedFrame.self) { try decoded(LoginQuestion.self, kind, []) }
        #expect(throws: MalformedFrame.self) { try decoded(LoginAnswer.self, kind, []) }
        #expect(throws: MalformedFrame.self) { try decoded(Verdict.self, kind, []) }
    }

    @Test(arguments: [("", "x"), ("x", ""), ("a\0b", "x"), ("a", "x\0")])
    func aFrontCannotAskWhatCannotBeRight(name: String, password: String) {
        var fields = FieldWriter()
        fields.put(Self.octets(name))
        fields.put(Self.octets(password))
        #expect(throws: MalformedFrame.self) {
            try decoded(LoginQuestion.self, 1, fields.bytes)
        }
    }
}
