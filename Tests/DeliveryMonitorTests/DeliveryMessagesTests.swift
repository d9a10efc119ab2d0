import Accounts
import Bytes
import Posix
import Services
import Testing

@testable import DeliveryMonitor

@Suite struct DeliveryMessagesTests {
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

    private static func address(_ local: String) -> RecipientAddress {
        RecipientAddress(written: octets("w"), localPart: octets(local), domain: octets("d"))
    }

    private static let questions: [DeliveryQuestion] = [
        .recipient(address("alice")), .reset, .deliver(sender: []), .deliver(sender: octets("a@b")),
        .ended(.quit), .ended(.closed), .ended(.timedOut), .ended(.tooManyErrors), .ended(.stopped),
    ]

    @Test(arguments: questions) func aQuestionGoesThereAndBackAndIsNeverReadCut(
        question: DeliveryQuestion
    ) throws {
        let bytes = encoded(question)
        #expect(try decoded(DeliveryQuestion.self, question.kind, bytes) == question)
        for end in 0..<bytes.count {
            #expect(throws: MalformedFrame.self) {
                try decoded(DeliveryQuestion.self, question.kind, Array(bytes[..<end]))
            }
        }
        #expect(throws: MalformedFrame.self) {
            try decoded(DeliveryQuestion.self, question.kind, bytes + [0])
        }
    }

    @Test(arguments: [
        DeliveryAnswer.accepted, .failed(status: "4.3.0", text: "why"),
    ]) func anAnswerGoesThereAndBack(answer: DeliveryAnswer) throws {
        #expect(try decoded(DeliveryAnswer.self, answer.kind, encoded(answer)) == answer)
    }

    @Test(arguments: [
        RecipientLookup.Result.found(
            Account(
                name: octets("a@b"), user: 5000, group: 5001, groups: [5001, 7], home: "/srv/a",
                mailLocation: octets("maildir:~/M"), privilegedGroup: 8),
            extensionPart: octets("lists")),
        .unknown, .refused("why"), .unavailable("why"),
    ]) func theResultOfALookupGoesThereAndBack(result: RecipientLookup.Result) throws {
        #expect(try decoded(RecipientLookup.Result.self, result.kind, encoded(result)) == result)
    }

    /// Sender and address become header lines: a speaker that was taken over cannot add any.
    @Test(arguments: [
        DeliveryQuestion.recipient(address("a\nX: y")), .recipient(address("a\0")),
        .deliver(sender: octets("a\r\nX: y")),
        .deliver(sender: [UInt8](repeating: 0x61, count: 4097)),
    ]) func aLineEndInAnAddressIsMalformed(question: DeliveryQuestion) {
        #expect(throws: MalformedFrame.self) {
            try decoded(DeliveryQuestion.self, question.kind, encoded(question))
        }
    }

    @Test(arguments: [UInt8(0), 5, 255]) func otherKindsAreMalformed(kind: UInt8) {
        #expect(throws: MalformedFrame.self) { try decoded(DeliveryQuestion.self, kind, []) }
        #expect(throws: MalformedFrame.self) { try decoded(DeliveryAnswer.self, kind, []) }
    }
}
