import Bytes

/// Where letters go: written in pieces, or with `-l` only counted.
struct LetterOutput {
    private let host: any FormailHost
    private let counts: Bool
    private var held: [UInt8] = []
    /// What is put goes to the letter that began; else nowhere.
    private var isOpen = false
    private var isTaken = true
    /// Octets of the present letter.
    private(set) var count = 0
    /// One of the letters was not taken whole.
    private(set) var hasFailed = false

    /// Octets written at once.
    private static let pieceSize = 65536

    init(_ host: any FormailHost, counts: Bool) {
        self.host = host
        self.counts = counts
    }

    mutating func begin() {
        host.begin()
        isOpen = true
        isTaken = true
    }

    mutating func startCounting() { count = 0 }

    /// Puts a part of the letter out, or counts it.
    mutating func put(_ octets: some RandomAccessCollection<UInt8>) {
        if counts { count += octets.count } else { write(octets) }
    }

    /// Puts out what is no part of the letter.
    mutating func write(_ octets: some RandomAccessCollection<UInt8>) {
        guard isOpen else { return }
        var rest = octets[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.pieceSize - held.count)
            held.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
            if held.count == Self.pieceSize { flush() }
        }
    }

    private mutating func flush() {
        if isTaken, !held.isEmpty { isTaken = host.write(held) }
        held.removeAll(keepingCapacity: true)
    }

    /// Ends the letter; what still comes goes nowhere.
    ///
    /// False when it was not taken whole.
    mutating func end() -> Bool {
        guard isOpen else { return true }
        flush()
        isOpen = false
        if !host.end() { isTaken = false }
        if !isTaken { hasFailed = true }
        return isTaken
    }

    /// Takes the letter back, of which nothing has been put out yet.
    mutating func drop() {
        guard isOpen else { return }
        held = []
        isOpen = false
        host.drop()
    }
}
