import Posix

@testable import Formail

/// A world in memory: the input in pieces of one size, and the letters that came out.
final class MemoryHost: FormailHost {
    private var input: ArraySlice<UInt8>
    private let pieceSize: Int
    private var seen: Set<[UInt8]> = []
    private var isOpen = false
    private(set) var letters: [[UInt8]] = []
    private(set) var said: [UInt8] = []

    init(_ input: [UInt8], pieceSize: Int = 65536) {
        self.input = input[...]
        self.pieceSize = pieceSize
    }

    func read() throws(SystemError) -> [UInt8] {
        defer { input = input.dropFirst(pieceSize) }
        return Array(input.prefix(pieceSize))
    }
    func begin() { letters.append([]) }
    func write(_ octets: [UInt8]) -> Bool {
        letters[letters.count - 1] += octets
        return true
    }
    func end() -> Bool { true }
    func drop() { letters.removeLast() }
    func hasSeen(_ key: [UInt8]) throws(SystemError) -> Bool { !seen.insert(key).inserted }
    func tell(_ text: [UInt8]) { said += text }
    var date: [UInt8] { Array("Sat Nov 21 09:00:00 2026".utf8) }
    func newMessageID() -> [UInt8] { Array("<new@here>".utf8) }
}

/// What formail makes of a letter, and its exit status.
func formail(
    _ words: [String], _ letter: String, pieceSize: Int = 65536
) throws -> (output: String, status: Int32) {
    let (letters, status) = try formailLetters(words, Array(letter.utf8), pieceSize: pieceSize)
    return (String(decoding: letters.joined(), as: UTF8.self), status)
}

func formailLetters(
    _ words: [String], _ letter: [UInt8], pieceSize: Int = 65536
) throws -> (letters: [[UInt8]], status: Int32) {
    let options = try FormailCommandLine.parse(words.map { Array($0.utf8) })
    let host = MemoryHost(letter, pieceSize: pieceSize)
    var formatter = Reformatter(options, host)
    let status = try formatter.run()
    return (host.letters, status)
}
