@testable import Formail
@testable import Posix

/// Fuzzes formail's core: options and a letter in, and whatever comes out must be the same when the
/// input comes octet by octet, and no letter may be lost when a mailbox is only split.
///
/// The first octet chooses the options, the rest is the letter.
@c(LLVMFuzzerTestOneInput)
public func fuzzFormail(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return 0 }
    let words = lines[Int(choice) % lines.count].split(separator: " ").map { Array($0.utf8) }
    let letter = Array(input.dropFirst())
    guard let whole = reformat(words, letter, pieceSize: 65536) else { return 0 }
    // Small inputs only: a piece for each octet is slow.
    if letter.count <= 512, reformat(words, letter, pieceSize: 1) != whole {
        fatalError("another result in pieces: \(lines[Int(choice) % lines.count])")
    }
    return 0
}

/// Command lines: each option, and those that meddle with one another.
private let lines = [
    "-f", "", "-s", "-ds", "-des", "-Bs", "-fbcz", "-r", "-rt", "-rk", "-rkb", "-rta Resent-",
    "-l box", "-fl box",
    "-D 100 c", "-rD 100 c -s", "-x Subject:", "-czx X-", "-kX From", "-I Subject:", "-I From -f",
    "-i Subject: -A X-Loop:me", "-a Date: -a Message-ID:", "-u X- -U Subject:", "-r -i X- -U To:",
    "-R Subject: X-Old: -R X- Y- -R From From:", "-m1 -dYs", "+1 -1 -ds", "-p| -rk",
    "-zc -a From -s",
]

/// Letters and status; nil for a command line that is refused.
private func reformat(_ words: [[UInt8]], _ letter: [UInt8], pieceSize: Int) -> [[UInt8]]? {
    do {
        let options = try FormailCommandLine.parse(words)
        let host = FuzzHost(letter, pieceSize)
        var formatter = Reformatter(options, host)
        let status = try formatter.run()
        return host.letters + [Array("\(status)".utf8)]
    } catch { return nil }
}

/// A world in memory.
private final class FuzzHost: FormailHost {
    private var input: ArraySlice<UInt8>
    private let pieceSize: Int
    private var seen: Set<[UInt8]> = []
    private(set) var letters: [[UInt8]] = []

    init(_ input: [UInt8], _ pieceSize: Int) {
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
    func tell(_ text: [UInt8]) {}
    var date: [UInt8] { Array("Sat Nov 21 09:00:00 2026".utf8) }
    func newMessageID() -> [UInt8] { Array("<new@here>".utf8) }
}
