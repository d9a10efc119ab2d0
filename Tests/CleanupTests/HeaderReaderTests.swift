import Bytes
import Testing

@testable import Cleanup

/// Content cut into headers and body.
@Suite struct HeaderReaderTests {
    /// The headers and the body of content that comes in the given pieces.
    static func read(_ pieces: [[UInt8]], limit: Int = 1000) -> (headers: [String], body: String) {
        var reader = HeaderReader(limit: limit)
        var headers: [String] = []
        var body: [UInt8] = []
        var ends = 0
        for event in pieces.flatMap({ reader.read($0) }) + reader.finish() {
            switch event {
            case .header(let field): headers.append(String(latin1: field.octets))
            case .endOfHeaders: ends += 1
            case .body(let octets): body += octets
            }
        }
        return ends == 1 ? (headers, String(latin1: body)) : ([], "the headers ended \(ends) times")
    }

    struct Case: Sendable {
        let input: String
        let headers: [String]
        let body: String
    }

    static let forms: [Case] = [
        Case(input: "A: b\n\nc\n", headers: ["A: b\n"], body: "\nc\n"),
        Case(input: "A: b\n c\n\td\nE:f\n\n", headers: ["A: b\n c\n\td\n", "E:f\n"], body: "\n"),
        Case(input: "\ntest\n\n", headers: [], body: "\ntest\n\n"),
        Case(input: "no header\nA: b\n", headers: [], body: "\nno header\nA: b\n"),
        Case(input: "A: b\nno header\n", headers: ["A: b\n"], body: "\nno header\n"),
        Case(input: "Subject : x\n\n", headers: ["Subject: x\n"], body: "\n"),
        Case(input: " a\n", headers: [], body: "\n a\n"),
        Case(input: ": a\n", headers: [], body: "\n: a\n"),
        Case(input: "A: b", headers: ["A: b\n"], body: ""),
        Case(input: "", headers: [], body: ""),
        Case(input: "caf\u{e9}: b\n\n", headers: [], body: "\ncaf\u{e9}: b\n\n"),
    ]

    @Test(arguments: forms)
    func findsHeadersWhereverTheInputIsCut(_ form: Case) {
        let input = form.input.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        for cut in 0...input.count {
            let found = Self.read([Array(input[..<cut]), Array(input[cut...])])
            #expect(found.headers == form.headers, "cut at \(cut)")
            #expect(found.body == form.body, "cut at \(cut)")
        }
    }

    @Test func cutsWhatIsTooLong() {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        let folded = Self.read([Array("A: b\n ".utf8), long, Array("\nB: c\n\n".utf8)], limit: 100)
        #expect(folded.headers.count == 2)
        #expect(folded.headers.first.map { $0.utf8.count <= 102 } == true)
        #expect(folded.body == "\n")
        let line = Self.read([Array("A: ".utf8), long, Array("\n\nbody\n".utf8)], limit: 100)
        #expect(line.headers.first.map { $0.utf8.count <= 101 } == true)
        #expect(line.body == "\nbody\n")
    }

    @Test func passesALongBodyLineWhole() {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        let found = Self.read([long, long, Array("\n".utf8)], limit: 100)
        #expect(found.headers.isEmpty)
        #expect(found.body.utf8.count == 20_002)
        let after = Self.read([Array("A: b\n".utf8), long, long, Array("\n".utf8)], limit: 100)
        #expect(after.headers == ["A: b\n"])
        #expect(after.body.utf8.count == 20_002)
    }
}
