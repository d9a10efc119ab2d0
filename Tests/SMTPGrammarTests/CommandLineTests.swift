import Bytes
import Testing

@testable import SMTPGrammar

/// Command lines as people and programs type them.
@Suite struct CommandLineTests {
    struct Case: Sendable {
        let line: String
        let verb: String
        let words: [String]
        var isOpen = false
        init(_ line: String, _ verb: String, _ words: [String], isOpen: Bool = false) {
            self.line = line
            self.verb = verb
            self.words = words
            self.isOpen = isOpen
        }
    }

    @Test(arguments: [
        Case("", "", []),
        Case("   ", "", []),
        Case("quit", "QUIT", []),
        Case(" \tNOOP x y ", "NOOP", ["x", "y"]),
        Case("MAIL FROM:<a@b>", "MAIL", ["FROM:", "<a@b>"]),
        Case("mail from: tech", "MAIL", ["from:", "tech"]),
        Case("MAIL FROM: <a@b> SIZE=1", "MAIL", ["FROM:", "<a@b>", "SIZE=1"]),
        Case("MAIL FROM:<a@b>SIZE=1", "MAIL", ["FROM:", "<a@b>SIZE=1"]),
        Case("MAIL FROM :<a@b>", "MAIL", ["FROM", ":<a@b>"]),
        Case("MAIL FROM:<\"a b\"@c>", "MAIL", ["FROM:", "<\"a b\"@c>"]),
        Case("MAIL FROM:\"a b\"@c", "MAIL", ["FROM:", "\"a b\"@c"]),
        Case("MAIL FROM:<\"a>b\"@c>", "MAIL", ["FROM:", "<\"a>b\"@c>"]),
        Case("MAIL FROM:<a\\>b@c>", "MAIL", ["FROM:", "<a\\>b@c>"]),
        Case("MAIL FROM:<a b@c>", "MAIL", ["FROM:", "<a b@c>"]),
        Case("MAIL FROM:a(b c)@d", "MAIL", ["FROM:", "a(b", "c)@d"]),
        Case("MAIL FROM:<a@b", "MAIL", ["FROM:", "<a@b"], isOpen: true),
        Case("MAIL FROM:<\"a@b>", "MAIL", ["FROM:", "<\"a@b>"], isOpen: true),
        Case("MAIL FROM:\"a", "MAIL", ["FROM:", "\"a"], isOpen: true),
        Case("RCPT TO:<a\\", "RCPT", ["TO:", "<a\\"], isOpen: true),
    ])
    func cutsIntoWords(_ form: Case) {
        let command = CommandLine(Array(form.line.utf8))
        #expect(String(latin1: command.verb) == form.verb)
        #expect(command.arguments.map { String(latin1: $0.bytes) } == form.words)
        #expect((command.arguments.last?.isOpen ?? false) == form.isOpen)
    }

    struct Parameters: Sendable {
        let words: [String]
        let reply: String
    }

    @Test(arguments: [
        Parameters(words: ["SIZE="], reply: "501 5.5.4 Bad message size syntax"),
        Parameters(words: ["SIZE=-1"], reply: "501 5.5.4 Bad message size syntax"),
        Parameters(words: ["SIZE=+5"], reply: "501 5.5.4 Bad message size syntax"),
        Parameters(
            words: ["BODY=BINARYMIME"], reply: "555 5.5.4 Unsupported option: BODY=BINARYMIME"),
        Parameters(words: ["size=1", "FOO"], reply: "555 5.5.4 Unsupported option: FOO"),
        Parameters(words: ["RET=HDRS"], reply: "501 5.7.1 DSN support is disabled"),
        Parameters(words: ["SMTPUTF8"], reply: "555 5.5.4 Unsupported option: SMTPUTF8"),
    ])
    func refusesParameters(_ form: Parameters) {
        let words = form.words.map { CommandLine.Argument(Array($0.utf8)) }
        #expect(throws: ParameterFault.self) { try MailParameters(words) }
        do throws(ParameterFault) { _ = try MailParameters(words) } catch {
            #expect(error.reply.text == form.reply)
        }
    }

    @Test func takesParameters() throws {
        let words = ["body=8bitmime", "SIZE=1", "SIZE=20", "AUTH=<>"].map {
            CommandLine.Argument(Array($0.utf8))
        }
        let parameters = try MailParameters(words)
        #expect(parameters.size == .octets(20))
        #expect(parameters.body == .eightBitMIME)
        let huge = CommandLine.Argument(Array("SIZE=18446744073709551616".utf8))
        #expect(try MailParameters([huge]).size == .enormous)
    }

    @Test func writesRepliesThatAClientCannotBreak() {
        let reply = Reply(250, "", lines: ["a", "b\r\nc"])
        #expect(String(latin1: reply.octets) == "250-a\r\n250 b??c\r\n")
        #expect(Reply(550, "5.1.1", "x").octets == Array("550 5.1.1 x\r\n".utf8))
        let long = Reply(250, "", String(repeating: "x", count: 10_000))
        #expect(long.octets.count <= 512)
    }
}
