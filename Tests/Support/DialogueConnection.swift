import Bytes
import Posix

/// The client's end of one connection of a dialogue.
final class DialogueConnection {
    private let socket: FileDescriptor
    private var input: [UInt8] = []

    init(_ socket: consuming FileDescriptor) { self.socket = socket }

    func play(_ kind: DialogueStep.Kind, _ kept: inout [String: [UInt8]]) throws {
        switch kind {
        case .send(let octets):
            try socket.send(
                DialoguePattern.filled(octets, kept),
                until: .after(seconds: Dialogue.patience))
        case .expect(let pattern):
            let line = try line()
            guard pattern.matches(line, &kept) else {
                throw DialogueMismatch(
                    text:
                        "wanted: \(pattern.text)\n   got: \(String(decoding: line, as: UTF8.self))")
            }
        case .await(let pattern):
            var passed: [String] = []
            while true {
                let line = try line(wanted: pattern.text, passed: passed)
                if pattern.matches(line, &kept) { return }
                passed.append(String(decoding: line, as: UTF8.self))
            }
        case .expectEnd:
            let more = try receive()
            guard input.isEmpty, more.isEmpty else {
                throw DialogueMismatch(
                    text: "wanted the end, got: \(String(decoding: input + more, as: UTF8.self))")
            }
        case .close, .action: break
        }
    }

    private func line(wanted: String = "", passed: [String] = []) throws -> [UInt8] {
        while true {
            if let end = input.firstIndex(of: .lf) {
                let line = Array(input[..<end])
                input.removeSubrange(...end)
                guard line.last == .cr else {
                    throw DialogueMismatch(
                        text: "a line without CR: \(String(decoding: line, as: UTF8.self))")
                }
                return Array(line.dropLast())
            }
            let more = try receive()
            guard !more.isEmpty else {
                let so =
                    passed.isEmpty
                    ? "" : ", wanted \(wanted) after:\n\(passed.joined(separator: "\n"))"
                throw DialogueMismatch(text: "the server closed the connection\(so)")
            }
            input += more
        }
    }

    private func receive() throws -> [UInt8] {
        guard try socket.wait(for: .readable, until: .after(seconds: Dialogue.patience)) else {
            throw DialogueMismatch(text: "nothing came for \(Dialogue.patience) s")
        }
        do throws(SystemError) { return try socket.read(limit: 65_536) } catch {
            // A server that closes with input unread: its end is seen as a reset.
            guard error.code == SystemError.connectionReset else { throw error }
            return []
        }
    }
}
