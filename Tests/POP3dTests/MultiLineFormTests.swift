import Testing

@testable import POP3d

@Suite struct MultiLineFormTests {
    private static let cases: [(String, Int?, String)] = [
        ("", nil, ".\r\n"), ("a: b\r\n\r\nx\r\n", nil, "a: b\r\n\r\nx\r\n.\r\n"),
        ("a: b", nil, "a: b\r\n.\r\n"), (".", nil, "..\r\n.\r\n"), (".\r\n", nil, "..\r\n.\r\n"),
        ("a\r\n..\r\n.b\r\n", nil, "a\r\n...\r\n..b\r\n.\r\n"),
        ("a\r.\r\n", nil, "a\r.\r\n.\r\n"), ("a\r\n\r\r\n.\r\n", nil, "a\r\n\r\r\n..\r\n.\r\n"),
        ("a\r", nil, "a\r\r\n.\r\n"), ("h: 1\r\n\r\none\r\ntwo\r\n", 0, "h: 1\r\n\r\n.\r\n"),
        ("h: 1\r\n\r\none\r\ntwo\r\n", 1, "h: 1\r\n\r\none\r\n.\r\n"),
        ("h: 1\r\n\r\none\r\ntwo\r\n", 9, "h: 1\r\n\r\none\r\ntwo\r\n.\r\n"),
        ("h: 1\r\nh: 2\r\n", 0, "h: 1\r\nh: 2\r\n.\r\n"), ("\r\nbody\r\n", 0, "\r\n.\r\n"),
        ("h: 1\r\n\r\n\r\n.dot\r\n", 2, "h: 1\r\n\r\n\r\n..dot\r\n.\r\n"),
        ("h: 1\r\n\r\nlast", 1, "h: 1\r\n\r\nlast\r\n.\r\n"),
    ]

    @Test(arguments: cases)
    func stuffsAndEndsMessagesCutAtEveryOctet(message: String, lines: Int?, sent: String) {
        let octets = Array(message.utf8)
        for cut in 0...octets.count {
            var form = MultiLineForm(bodyLines: lines)
            var out = form.add(Array(octets[..<cut]))
            out += form.add(Array(octets[cut...]))
            out += form.finish()
            #expect(String(decoding: out, as: UTF8.self) == sent, "cut at \(cut)")
        }
    }

    @Test func neverSendsTheEndEarly() {
        for text in ["\r\n.\r\n", "\r\n.\n", "a\n.\r\n", "\r.\r", "\n.\n"] {
            var form = MultiLineForm(bodyLines: nil)
            let out = form.add(Array("h: 1\r\n\r\nx\(text)y\r\n".utf8))
            let sent = String(decoding: out, as: UTF8.self)
            #expect(!sent.utf8.elementsEqual("".utf8))
            #expect(sent.range(of: "\n.\r") == nil && sent.range(of: "\n.\n") == nil, "\(text)")
        }
    }

    @Test func saysWhenNothingFollows() {
        var form = MultiLineForm(bodyLines: 1)
        _ = form.add(Array("h\r\n\r\n".utf8))
        #expect(!form.isDone)
        _ = form.add(Array("one\r\n".utf8))
        #expect(form.isDone)
        #expect(form.add(Array("two\r\n".utf8)).isEmpty)
    }
}

extension String {
    /// Where `text` begins, told by octets.
    fileprivate func range(of text: String) -> Int? {
        let (whole, part) = (Array(utf8), Array(text.utf8))
        guard whole.count >= part.count else { return nil }
        return (0...(whole.count - part.count)).first {
            Array(whole[$0..<($0 + part.count)]) == part
        }
    }
}
