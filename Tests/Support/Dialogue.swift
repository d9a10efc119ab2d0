import Bytes
package import Posix

/// A conversation with a server, written down in a file and played against one.
///
/// A line of the file is a mark, a colon, a blank and a text; empty lines and lines beginning with
/// `#` say nothing. A digit behind the letter means that connection (`C2:`, `S2:`), else it is the
/// first; a connection is opened when it is first named.
///
/// | mark | meaning |
/// |---|---|
/// | `C:` | sends the text and CRLF |
/// | `C!` | sends the text alone, with `\r \n \t \\ \xHH` written out: for literals and odd octets |
/// | `S:` | the next line of the server is this, and ends in CRLF |
/// | `S*` | lines of the server are passed over until one is this |
/// | `S<` | the server closes the connection |
/// | `C<` | closes the connection |
/// | `X:` | runs the action of this name, which the test provides |
///
/// In the text of `S`, `{any}` stands for any octets, `{number}` for digits and `{word}` for octets
/// without blank, bracket or parenthesis; `{name=number}` and `{name=word}` also keep what stood
/// there, and `{$name}` in a later line of either side is replaced by it. All other octets, braces
/// among them, stand for themselves.
package struct Dialogue: Sendable {
    /// What the tests wait for one line: far beyond what a server takes, short for a person.
    static let patience = 10

    package let name: String
    package let steps: [DialogueStep]

    package init(name: String, text: String) throws(DialogueFailure) {
        self.name = name
        var steps: [DialogueStep] = []
        for (index, line) in [UInt8](text).split(
            separator: .lf, omittingEmptySubsequences: false
        ).enumerated() where !line.isEmpty && line.first != UInt8(ascii: "#") {
            guard let step = DialogueStep(line: index + 1, Array(line)) else {
                throw DialogueFailure(
                    dialogue: name, line: index + 1, text: "not a line of a dialogue")
            }
            steps.append(step)
        }
        self.steps = steps
    }

    /// Reads a file.
    package init(_ file: Path) throws {
        let octets = try FileDescriptor.open(file).readAll(limit: 1 << 20)
        try self.init(
            name: file.name.description, text: String(decoding: octets, as: UTF8.self))
    }

    /// The files of Tests/Dialogues/`folder`, in the order of their names.
    package static func files(in folder: String, tests: String = #filePath) -> [Path] {
        let directory = Path(tests).parent.parent / "Dialogues" / folder
        do throws(SystemError) {
            return try directory.list().filter { $0.bytes.suffix(4) == [UInt8](".txt")[...] }
                .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map { directory / $0 }
        } catch {
            return []
        }
    }

    /// Plays the dialogue; `connect` opens one connection to the server.
    package func play(
        actions: [String: () throws -> Void] = [:], connect: () throws -> FileDescriptor
    ) throws {
        var connections: [Int: DialogueConnection] = [:]
        var kept: [String: [UInt8]] = [:]
        for step in steps {
            if case .action(let action) = step.kind {
                guard let run = actions[action] else {
                    throw DialogueFailure(dialogue: name, line: step.line, text: "no such action")
                }
                try run()
                continue
            }
            if connections[step.connection] == nil {
                connections[step.connection] = DialogueConnection(try connect())
            }
            do {
                try connections[step.connection]?.play(step.kind, &kept)
            } catch {
                let text = (error as? DialogueMismatch)?.text ?? "\(error)"
                throw DialogueFailure(dialogue: name, line: step.line, text: text)
            }
            if step.kind == .close { connections[step.connection] = nil }
        }
    }
}

/// Where a dialogue went another way than it is written.
package struct DialogueFailure: Error, CustomStringConvertible {
    package let dialogue: String
    package let line: Int
    package let text: String

    package var description: String { "\(dialogue):\(line): \(text)" }
}

struct DialogueMismatch: Error { let text: String }

/// One line of a dialogue.
package struct DialogueStep: Sendable {
    enum Kind: Equatable, Sendable {
        case send([UInt8])
        case expect(DialoguePattern)
        case await(DialoguePattern)
        case expectEnd
        case close
        case action(String)
    }

    let line: Int
    let connection: Int
    let kind: Kind

    init?(line: Int, _ octets: [UInt8]) {
        var cursor = ByteCursor(octets)
        self.line = line
        let side = cursor.next()
        connection = cursor.takeNumber(Int.self) ?? 1
        let mark = cursor.next()
        if cursor.peek != nil { guard cursor.take(.space) else { return nil } }
        let text = Array(cursor.rest)
        switch (side, mark) {
        case (UInt8(ascii: "C"), UInt8.colon): kind = .send(text + [.cr, .lf])
        case (UInt8(ascii: "C"), UInt8(ascii: "!")):
            guard let raw = Self.unescaped(text) else { return nil }
            kind = .send(raw)
        case (UInt8(ascii: "C"), UInt8.less): kind = .close
        case (UInt8(ascii: "S"), UInt8.colon): kind = .expect(DialoguePattern(text))
        case (UInt8(ascii: "S"), UInt8(ascii: "*")): kind = .await(DialoguePattern(text))
        case (UInt8(ascii: "S"), UInt8.less): kind = .expectEnd
        case (UInt8(ascii: "X"), UInt8.colon): kind = .action(String(decoding: text, as: UTF8.self))
        default: return nil
        }
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8]? {
        var cursor = ByteCursor(text)
        var out: [UInt8] = []
        while let byte = cursor.next() {
            guard byte == .backslash else {
                out.append(byte)
                continue
            }
            switch cursor.next() {
            case UInt8(ascii: "r"): out.append(.cr)
            case UInt8(ascii: "n"): out.append(.lf)
            case UInt8(ascii: "t"): out.append(.tab)
            case UInt8.backslash: out.append(.backslash)
            case UInt8(ascii: "x"):
                let digits = cursor.take(2)
                guard let octet = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
                    return nil
                }
                out.append(octet)
            default: return nil
            }
        }
        return out
    }
}
