import Testing

@testable import Vacation

@Suite struct AnswerRulesTests {
    private func reason(
        _ header: String, aliases: [String] = [], answersAll: Bool = false
    ) -> AnswerRules.Reason? {
        let rules = AnswerRules(
            login: "ann", aliases: aliases, hosts: ["host.example"], answersAll: answersAll)
        do throws(AnswerRules.Reason) {
            _ = try rules.answer(IncomingLetter(Array(header.utf8)))
            return nil
        } catch { return error }
    }

    private static let usual = "From bob@x.example  Sat Nov 21 09:00:00 2026\nTo: ann@y.example\n"

    @Test func aLetterToTheUserIsAnswered() throws {
        #expect(reason(Self.usual + "\n") == nil)
        #expect(reason("\n\nReturn-Path: <bob@x>\nTo: Bob <b@x>, Ann\n <ANN@y>\n\n") == nil)
        #expect(reason("From b@x d\nCc: team: c@x, ann+list@y;\n\n") == nil)
        #expect(reason("From \"b c\"@x d\nResent-To: ann\n\n") == nil)
        #expect(reason("From b@x d\nTo: anne@y\n\n", aliases: ["other", "anne"]) == nil)
    }

    @Test(arguments: [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (x)",
        "auto-submitted:\n Auto-Notified; x",
        "Precedence: bulk", "Precedence:LIST", "precedence: junk", "List-Id: <l.x>",
        "List-Unsubscribe: <x>",
        "Mailing-List: x", "X-Auto-Response-Suppress: DR, OOF", "X-Auto-Response-Suppress: All",
        "X-Spam-Flag: YES", "Content-Type: multipart/report; x=y",
    ])
    func aLetterOfAProgramIsNot(_ field: String) {
        #expect(reason(Self.usual + field + "\n\n") != nil)
    }

    @Test(arguments: [
        "Auto-Submitted: no", "Auto-Submitted: No (x)", "Precedence: normal",
        "X-Auto-Response-Suppress: DR",
        "X-Spam-Flag: no", "Listing: x", "Content-Type: text/plain",
    ])
    func otherFieldsDoNotMatter(_ field: String) {
        #expect(reason(Self.usual + field + "\n\n") == nil)
    }

    @Test(arguments: [
        "MAILER-DAEMON@x", "postmaster@x", "UUCP", "mailer@x", "list-request@x", "Owner-list@x",
        "list-owner@x",
        "box-relay@x", "noreply@x", "no-reply+1@x", "DoNotReply@x", "x-bounces@x",
        "bounces+ann=y@x", "majordomo@x",
    ])
    func aProgramIsNotAnswered(_ sender: String) {
        #expect(reason("From \(sender)  d\nTo: ann\n\n") == .daemon)
    }

    @Test func nobodyAnswersTheNullSender() {
        #expect(reason("Return-Path: <>\nFrom: b@x\nTo: ann\n\n") == .nullSender)
        #expect(reason("From <>  d\nTo: ann\n\n") == .nullSender)
        // Return-Path counts more than the From_ line.
        #expect(reason("From b@x d\nReturn-Path: <>\nTo: ann\n\n") == .nullSender)
        #expect(reason("From: b@x\nTo: ann\n\n") == .unknownSender)
        #expect(reason("") == .unknownSender)
    }

    @Test func nobodyAnswersHimself() {
        #expect(reason("From ann  d\nTo: ann\n\n") == .ownAddress)
        #expect(reason("From ann@host.example  d\nTo: ann@y\n\n") == .ownAddress)
        #expect(reason("From ann@y  d\nTo: ann@y\n\n") == .ownAddress)
        #expect(reason("From me@x  d\nTo: ann@y\n\n", aliases: ["me@x"]) == .ownAddress)
        // Another Ann elsewhere.
        #expect(reason("From ann@z  d\nTo: ann@y\n\n") == nil)
    }

    @Test func whoIsNotAddressedDoesNotAnswer() {
        #expect(reason("From b@x d\nTo: other@y\n\n") == .notAddressed)
        #expect(reason("From b@x d\nTo: joann@y, ann.b@y, b@ann\n\n") == .notAddressed)
        // A comment is no address, as it is for BSD's.
        #expect(reason("From b@x d\nTo: other@y (ann@y)\n\n") == .notAddressed)
        #expect(reason("From b@x d\nTo: ann@z\n\n", aliases: ["other@y"]) == nil)
        #expect(reason("From b@x d\nTo: other@z\n\n", aliases: ["other@y"]) == .notAddressed)
        #expect(reason("From b@x d\nTo: other@y\n\n", answersAll: true) == nil)
    }
}
