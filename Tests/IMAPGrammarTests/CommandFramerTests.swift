import Bytes
import Testing

@testable import IMAPGrammar

/// Reads a stream as a server does: what each command was, and what was asked of the client.
private func frames(_ stream: String, limits: FrameLimits = .session) -> [String] {
    var cursor = ByteCursor(stream.utf8)
    var framer = CommandFramer(limits: limits)
    var out: [String] = []
    while let line = cursor.takeLine() {
        switch framer.take(line: Array(line.last == .cr ? line.dropLast() : line)) {
        case .complete(let frame): out.append(describe(frame))
        case .refused(let bad, let mustClose):
            out.append("\(String(latin1: bad.tag ?? [])) BAD \(bad.text)")
            if mustClose { return out + ["BYE"] }
        case .literal(let count, let isSynchronizing):
            let refusal = framer.refuseLiteral(count: count, isSynchronizing: isSynchronizing)
            if case .refused(let bad, let mustClose) = refusal {
                out.append("\(String(latin1: bad.tag ?? [])) BAD \(bad.text)")
                if mustClose { return out + ["BYE"] }
                continue
            }
            if isSynchronizing { out.append("+") }
            framer.take(literal: Array(cursor.take(count)))
        }
    }
    return out
}

private func describe(_ frame: CommandFrame) -> String {
    frame.pieces.map { piece in
        switch piece {
        case .text(let text): String(latin1: text)
        case .literal(let octets): "<" + String(latin1: octets) + ">"
        }
    }.joined()
}

@Suite struct CommandFramerTests {
    @Test(arguments: [
        ("a NOOP\r\n", ["a NOOP"]), ("a NOOP\n", ["a NOOP"]), ("", []),
        ("a LOGIN {3}\r\nbob {2+}\r\nxy\r\n", ["+", "a LOGIN <bob> <xy>"]),
        ("a X {0}\r\n\r\n", ["+", "a X <>"]), ("a X {2+}\r\n\r\n\r\n", ["a X <\r\n>"]),
        ("a X {}\r\n", ["a X {}"]), ("a X {-1}\r\n", ["a X {-1}"]), ("a X {1\r\n", ["a X {1"]),
        ("a X {1++}\r\n", ["a X {1++}"]), ("a X {1} \r\n", ["a X {1} "]),
        ("a X {3}\r\n}{}\r\nb\r\n", ["+", "a X <}{}>", "b"]),
    ])
    func putsLinesAndLiteralsTogether(stream: String, want: [String]) {
        #expect(frames(stream) == want)
    }

    @Test(arguments: [
        ("a X {99999999999999999999}\r\nb N\r\n", ["a BAD literal too large", "b N"]),
        ("a X {18446744073709551616+}\r\nb N\r\n", ["a BAD literal too large", "BYE"]),
        ("a X {101}\r\nb N\r\n", ["a BAD literal too large", "b N"]),
        ("a X {101+}\r\nb N\r\n", ["a BAD literal too large", "BYE"]),
        ("a X \u{0}\r\nb N\r\n", ["a BAD NUL in command", "b N"]),
        ("a X {1+}\r\nx{1+}\r\nx{1+}\r\nx\r\n", ["a BAD too many literals", "BYE"]),
        (
            "a X {90+}\r\n" + String(repeating: "x", count: 90) + " {50}\r\nb N\r\n",
            ["a BAD literal too large", "b N"]
        ),
        ("\r\n", [""]),
    ])
    func refusesWhatIsBeyondALimit(stream: String, want: [String]) {
        let limits = FrameLimits(line: 80, literal: 100, total: 140, literals: 2)
        #expect(frames(stream, limits: limits) == want)
    }

    @Test func refusesALongLine() {
        let limits = FrameLimits(line: 20, literal: 10, total: 30, literals: 2)
        let long = "a X " + String(repeating: "x", count: 17)
        #expect(frames(long + "\r\nb N\r\n", limits: limits) == ["a BAD command too long", "b N"])
    }
}
