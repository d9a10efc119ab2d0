import Bytes
import Message
import Testing

@testable import IMAPGrammar

@Suite struct ResponseTests {
    @Test(arguments: [
        ("a", "\"a\""), ("", "\"\""), ("a\"b\\", "\"a\\\"b\\\\\""), ("a\r\nb", "{4}\r\na\r\nb"),
        ("\u{E9}", "{2}\r\n\u{E9}"), ("a\u{0}", "{2}\r\na\u{80}"),
    ])
    func writesStrings(text: String, want: String) {
        let written = ResponseText.string(octets(text))
        #expect(written.filter { $0 < 0x80 } == octets(want).filter { $0 < 0x80 })
        #expect(!written.contains(0))
    }

    @Test(arguments: [
        (
            "From: A <a@b>\nTo: g: x@y, z;, q@r\nSubject: s\n",
            #"(NIL "s" (("A" NIL "a" "b")) (("A" NIL "a" "b")) (("A" NIL "a" "b")) ((NIL NIL "g" NIL)(NIL NIL "x" "y")(NIL NIL "z" "MISSING_DOMAIN")(NIL NIL NIL NIL)(NIL NIL "q" "r")) NIL NIL NIL NIL)"#
        ),
        (
            "From: <@c,@d:a@b>\nSender: <>\nReply-To: r@s\nCc: \nDate: now\nMessage-ID: <i@j>\nIn-Reply-To: <k>\n",
            #"("now" NIL ((NIL "@c,@d" "a" "b")) ((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN")) ((NIL NIL "r" "s")) NIL NIL NIL "<k>" "<i@j>")"#
        ),
        ("", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"),
        (
            "From: \"a <b@c>\n",
            #"(NIL NIL ((NIL NIL "a <b@c>" "MISSING_DOMAIN")) ((NIL NIL "a <b@c>" "MISSING_DOMAIN")) ((NIL NIL "a <b@c>" "MISSING_DOMAIN")) NIL NIL NIL NIL NIL)"#
        ),
    ])
    func writesEnvelopes(header: String, want: String) {
        let block = HeaderBlock.parse(octets(header)).header
        #expect(String(latin1: EnvelopeText.text(of: block)) == want)
    }

    @Test(arguments: [
        (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing",
            #"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0) "mixed")"#
        ),
        (
            "Content-Type: multipart/mixed\r\n\r\nx",
            #"("application" "octet-stream" NIL NIL NIL "7BIT" 1)"#
        ),
        (
            "Content-Type: image/png; name=\"a\\\"b\"\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <x>\r\n\r\nZg==",
            #"("image" "png" ("name" "a\"b") "<x>" NIL "BASE64" 4)"#
        ),
        ("\r\n", #"("text" "plain" ("charset" "us-ascii") NIL NIL "7BIT" 0 0)"#),
    ])
    func writesBodies(message: String, want: String) {
        var parser = MIMEParser()
        parser.take(octets(message))
        let structure = parser.finish()
        let text = BodyStructureText(structure, isExtended: false) { _ in [] }.text
        #expect(String(latin1: text) == want)
    }

    @Test func staysBalancedOnDeepNesting() {
        let message = (0..<150).map {
            "Content-Type: multipart/mixed; boundary=b\($0)\r\n\r\n--b\($0)\r\n"
        }.joined()
        var parser = MIMEParser()
        parser.take(octets(message))
        let text = BodyStructureText(parser.finish(), isExtended: true) { _ in [] }.text
        #expect(
            text.filter { $0 == UInt8(ascii: "(") }.count
                == text.filter { $0 == UInt8(ascii: ")") }.count)
    }
}
