import Bytes
import Message
import Testing

/// `type/subtype[body]` of a part and those within.
private func outline(_ text: String, cut: Int? = nil) -> String {
    let octets = [UInt8](text)
    var parser = MIMEParser()
    parser.take(octets[..<(cut ?? octets.count)])
    if let cut { parser.take(octets[cut...]) }
    let structure = parser.finish()
    func describe(_ part: MIMEPart) -> String {
        let type = String(latin1: part.type.type + [UInt8(ascii: "/")] + part.type.subtype)
        guard part.children.isEmpty else {
            let inner = part.children.map { describe(structure.parts[$0]) }
            return type + "{" + inner.joined(separator: " ") + "}"
        }
        let body = String(latin1: octets[part.body])
        return type + "[" + body.replacing("\r\n", with: "|") + "]\(part.lines)"
    }
    return describe(structure.root)
}

extension String {
    fileprivate func replacing(_ old: String, with new: String) -> String {
        var out: [UInt8] = []
        var cursor = ByteCursor(utf8)
        while !cursor.isAtEnd {
            if cursor.take(ignoringCase: "\r\n") {
                out += new
            } else if let byte = cursor.next() {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

private let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

@Suite struct MIMETests {
    @Test(arguments: [
        ("\r\nhello\r\n", "text/plain[hello|]1"), ("A: b\r\n", "text/plain[]0"),
        ("", "text/plain[]0"),
        (
            multipart + "pre\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nepi",
            "multipart/mixed{text/plain[one]0 text/plain[two]0}"
        ),
        (
            multipart + "--b\r\n\r\none\r\n\r\n--b",
            "multipart/mixed{text/plain[one|]1 text/plain[]0}"
        ),
        (multipart + "--b  \r\nContent-Type: text/HTML\r\n--b--", "multipart/mixed{text/HTML[]0}"),
        (
            multipart + "--bb\r\n--b\r\n\r\nx\r\n--bb\r\n--b--",
            "multipart/mixed{text/plain[x|--bb]1}"
        ),
        (multipart + "no part", "multipart/mixed[no part]0"),
        ("Content-Type: multipart/mixed\r\n\r\n--\r\nx", "multipart/mixed[--|x]1"),
        (
            "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx\r\n",
            "message/rfc822{text/plain[x|]1}"
        ),
        (
            multipart + "--b\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n--b--",
            "multipart/mixed{message/rfc822{text/plain[]0}}"
        ),
        (
            "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nA: b\r\n\r\nx\r\n--b--",
            "multipart/digest{message/rfc822{text/plain[x]0}}"
        ),
        (
            multipart
                + "--b\r\nContent-Type: multipart/alternative; boundary=\"b b\"\r\n\r\n--b b\r\n\r\nx\r\n"
                + "--b\r\n\r\ny\r\n--b--",
            "multipart/mixed{multipart/alternative{text/plain[x]0} text/plain[y]0}"
        ),
        ("Content-Type: x\r\n\r\ny", "text/plain[y]0"),
        (
            "Content-Type:\r\n text/\r\n html\r\n\r\ny",
            "text/html[y]0"
        ),
        ("Content-Type: text/a\r\nContent-Type: text/b\r\n\r\ny", "text/a[y]0"),
    ])
    func findsPartsWhereverTheInputIsCut(text: String, want: String) {
        #expect(outline(text) == want)
        for cut in 0...text.utf8.count { #expect(outline(text, cut: cut) == want) }
    }

    @Test func numbersPartsAsIMAPDoes() throws {
        let text =
            multipart + "--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
            + "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nin\r\n--c--\r\n--b\r\n"
            + "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nplain\r\n--b--"
        var parser = MIMEParser()
        let octets = [UInt8](text)
        parser.take(octets)
        let structure = parser.finish()
        func body(_ numbers: [UInt32]) -> String? {
            structure.part(numbers).map { String(latin1: octets[$0.body]) }
        }
        #expect(body([1]) == "one")
        #expect(body([2, 1]) == "in")
        #expect(body([3, 1]) == "plain")
        #expect(body([3]) == "A: b\r\n\r\nplain")
        for missing: [UInt32] in [[4], [1, 1], [2, 2], [2, 1, 1], [3, 2], [3, 1, 1], [0]] {
            #expect(body(missing) == nil)
        }
    }

    @Test func numbersAMessageWithoutPartsAsItsOwnFirstPart() {
        var parser = MIMEParser()
        parser.take([UInt8]("A: b\r\n\r\nx"))
        let structure = parser.finish()
        #expect(structure.part([1])?.body == 8..<9)
        #expect(structure.part([2]) == nil)
        #expect(structure.part([1, 1]) == nil)
        #expect(structure.part([])?.body == 8..<9)
    }

    private static let nestedMultipart = (0..<200).map {
        "Content-Type: multipart/mixed; boundary=b\($0)\r\n\r\n--b\($0)\r\n"
    }.joined()

    @Test func stopsAtItsLimits() {
        func parse(_ text: String) -> MIMEStructure {
            var parser = MIMEParser()
            parser.take([UInt8](text))
            return parser.finish()
        }
        let many = parse(multipart + String(repeating: "--b\r\n\r\n\r\n", count: 20_000))
        #expect(many.isCut)
        #expect(many.parts.count == MIMEParser.partLimit)
        let deep = parse(Self.nestedMultipart)
        #expect(deep.isCut)
        #expect(deep.parts.count == MIMEParser.depthLimit)
        let messages = parse(
            String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 10_000))
        #expect(messages.isCut)
        #expect(messages.parts.count == MIMEParser.depthLimit)
    }

    @Test(arguments: [
        ("a/b; c=d", "a/b", ["c=d"]), ("a/b;c=\"d;\\\"e\" ;f=g", "a/b", ["c=d;\"e", "f=g"]),
        ("a / b (x;y) ; c=d", "a/b", ["c=d"]), ("a/b; c; d=e", "a/b", ["d=e"]),
        ("a/b; n*0=x; n*1=y", "a/b", ["n=xy"]), ("a/b; n*1=y; n*0=x", "a/b", ["n=xy"]),
        ("a/b; n*=utf-8''x%20", "a/b", ["n*=utf-8''x%20"]),
        ("a/b; n*0*=utf-8''x%20; n*1=y z; c=d", "a/b", ["n*=utf-8''x%20y", "c=d"]),
        ("a/b; n*0=x; n*2=z", "a/b", ["n=x"]), ("", "", []), (";", "", []),
        ("a/b; c=\"d", "a/b", ["c=d"]),
    ])
    func readsParameters(text: String, token: String, want: [String]) {
        let value = ParameterizedValue([UInt8](text))
        #expect(String(latin1: value.token) == token)
        #expect(
            value.parameters.map { String(latin1: $0.name + [UInt8(ascii: "=")] + $0.value) }
                == want)
    }

    @Test func boundsParameters() {
        let sections = (0..<200_000).map { "; name*\($0)*=x" }.joined()
        let value = ParameterizedValue([UInt8]("a/b" + sections))
        #expect(value.parameters.count == 1)
        #expect(value.parameters[0].value.count == ParameterizedValue.parameterLimit)
    }

    @Test(arguments: ["Zm9v", "Zm9vYg==", "Zm\r\n9v", "Zg==Zg==", "Z!g", "Zm9vYg"])
    func decodesBase64CutAnywhere(text: String) {
        let octets = [UInt8](text)
        var want: [UInt8] = []
        var whole = TransferDecoder(encoding: [UInt8]("base64"))
        whole.decode(octets, into: &want)
        whole.finish(into: &want)
        #expect(!want.isEmpty)
        for cut in 0...octets.count {
            var (decoder, out) = (TransferDecoder(encoding: [UInt8]("BASE64")), [UInt8]())
            decoder.decode(Array(octets[..<cut]), into: &out)
            decoder.decode(Array(octets[cut...]), into: &out)
            decoder.finish(into: &out)
            #expect(out == want)
        }
    }
}
