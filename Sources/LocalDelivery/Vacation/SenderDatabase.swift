import Bytes
import Posix

/// The file of those who were answered, and when.
///
/// Lines of text: `interval SECONDS`, `never ADDRESS`, `SECONDS ADDRESS` (time 0: not answered after
/// all); the last line about an address counts. A line is added with one write and forced to the
/// disk, so a crash leaves it whole or not there, and a torn line is no line. That needs no library
/// and no recovery, and cat(1) reads it; gdbm and Berkeley DB change several pages in place for one
/// sender, and a crash between two of them leaves a file that nobody can open.
struct SenderDatabase {
    private let path: Path

    /// Octets from which on old lines are thrown out.
    private let compactSize: Int
    /// Far more senders than answer in an interval.
    private static let sizeLimit = 256 << 20

    init(_ path: Path, compactSize: Int = 65536) {
        self.path = path
        self.compactSize = compactSize
    }

    /// Notes that `address` is answered now; false when it was not to be, or was in the interval.
    func note(
        _ address: [UInt8], now: Int, interval: AnswerInterval?
    ) throws(SystemError) -> Bool {
        try change { (lines) throws(SystemError) in
            let interval = interval ?? lines.interval
            guard lines.isDue(address, now: now, interval: interval) else { return (false, nil) }
            return (true, SenderLines.answered(address, at: now))
        }
    }

    /// Takes back what `note` has noted: the answer could not be sent.
    func forget(_ address: [UInt8]) throws(SystemError) {
        _ = try change { (_) throws(SystemError) in (true, SenderLines.answered(address, at: 0)) }
    }

    /// Never answers these addresses; `@domain` is all of a domain.
    func exclude(_ addresses: [[UInt8]]) throws(SystemError) {
        let text = Array(addresses.map(SenderLines.never).joined())
        _ = try change { (_) throws(SystemError) in (true, text.isEmpty ? nil : text) }
    }

    /// Forgets everybody, and begins anew.
    func start(_ interval: AnswerInterval?) throws(SystemError) {
        try locked { (_) throws(SystemError) in
            try replace(SenderLines.interval(interval ?? .usual))
        }
    }

    func lines() throws(SystemError) -> SenderLines {
        try locked { (file) throws(SystemError) in
            SenderLines(try file.readAll(limit: Self.sizeLimit))
        }
    }

    private func change(
        _ decide: (SenderLines) throws(SystemError) -> (Bool, [UInt8]?)
    ) throws(SystemError) -> Bool {
        try compact()
        return try locked { (file) throws(SystemError) in
            let lines = SenderLines(try file.readAll(limit: Self.sizeLimit))
            let (answer, text) = try decide(lines)
            if let text { try append(text, to: file, lines) }
            return answer
        }
    }

    /// Throws out the lines that say nothing any more, where that is worth while.
    private func compact() throws(SystemError) {
        guard let status = try path.statusIfPresent(), status.size > compactSize else { return }
        try locked { (file) throws(SystemError) in
            let lines = SenderLines(try file.readAll(limit: Self.sizeLimit))
            let kept = lines.compacted(now: Clock.now)
            // Rewriting for few lines would make every answer a rewrite.
            if kept.count < lines.octets.count / 2 { try replace(kept) }
        }
    }

    private func append(
        _ text: [UInt8], to file: borrowing FileDescriptor, _ lines: SenderLines
    ) throws(SystemError) {
        let size = lines.octets.count
        // Behind a torn line a new one begins.
        let end: [UInt8] = size == 0 || lines.octets.last == .lf ? [] : [.lf]
        do throws(SystemError) {
            try file.write(end + text, at: size)
            try file.syncData()
            if size == 0 { try path.parent.syncDirectory() }
        } catch {
            // What failed must not count, or the letter that is tried again gets no answer.
            do throws(SystemError) { try file.truncate(to: size) } catch {}
            throw error
        }
    }

    /// Puts a file of these lines in the place of the old one.
    private func replace(_ text: [UInt8]) throws(SystemError) {
        let new = path.adding(suffix: ".new")
        // Left from a process that died here: we hold the lock.
        try new.unlinkIfPresent()
        let file = try FileDescriptor.open(new, .writeOnly, .exclusive, mode: 0o600)
        do throws(SystemError) {
            try file.write(text)
            try file.sync()
            try new.rename(to: path)
        } catch {
            do throws(SystemError) { try new.unlinkIfPresent() } catch {}
            throw error
        }
        try path.parent.syncDirectory()
    }

    /// Calls `body` with the file, which nobody else changes meanwhile.
    private func locked<Value>(
        _ body: (borrowing FileDescriptor) throws(SystemError) -> Value
    ) throws(SystemError) -> Value {
        while true {
            let file = try FileDescriptor.open(
                path, .readWrite, [.create, .noFollow, .nonBlocking], mode: 0o600)
            try file.lock(.exclusive)
            let status = try file.status()
            guard status.kind == .regular else {
                throw SystemError(SystemError.invalid, "open \(path)")
            }
            // Somebody may have put another file there while we waited.
            guard let there = try path.statusIfPresent(), there.isSameFile(as: status) else {
                continue
            }
            // Another vacation's file has NULs in its first line; ours begins anew beside it. Elsewhere, or
            // alone, they are of a line of ours that a power cut has taken.
            let first = try file.read(limit: Self.glance, at: 0).prefix { $0 != .lf }
            if first.contains(0), first.contains(where: { $0 != 0 }) {
                try path.rename(to: path.adding(suffix: ".old"))
                try path.parent.syncDirectory()
                continue
            }
            return try body(file)
        }
    }

    /// Octets by which a foreign file is told.
    private static let glance = 512
}

/// What the lines of the file say.
struct SenderLines {
    let octets: [UInt8]

    init(_ octets: [UInt8]) { self.octets = octets }

    private enum Line {
        case interval(AnswerInterval)
        case never(ArraySlice<UInt8>)
        case answered(ArraySlice<UInt8>, at: Int)
    }

    /// Calls `body` with each line that says something; one without LF is torn.
    private func forEach(_ body: (Line) -> Void) {
        var rest = octets[...]
        while let end = rest.firstIndex(of: .lf) {
            let line = rest[rest.startIndex..<end]
            rest = rest[(end + 1)...]
            guard let blank = line.firstIndex(of: .space) else { continue }
            let (word, value) = (line[..<blank], line[(blank + 1)...])
            if let time = Int(decimal: word) {
                body(.answered(value, at: time))
            } else if word.elementsEqual("never".utf8) {
                body(.never(value))
            } else if word.elementsEqual("interval".utf8) {
                body(.interval(Int(decimal: value).map { .seconds($0) } ?? .forever))
            }
        }
    }

    var interval: AnswerInterval {
        var found = AnswerInterval.usual
        forEach { if case .interval(let interval) = $0 { found = interval } }
        return found
    }

    /// Those who are never answered, and those who were, the last time of each.
    var entries: (never: [[UInt8]], answered: [[UInt8]: Int]) {
        var never: [[UInt8]] = []
        var answered: [[UInt8]: Int] = [:]
        forEach { line in
            switch line {
            case .interval: break
            case .never(let address): never.append(Array(address))
            case .answered(let address, let time): answered[Array(address)] = time
            }
        }
        return (never, answered.filter { $0.value > 0 })
    }

    func isDue(_ address: [UInt8], now: Int, interval: AnswerInterval) -> Bool {
        let key = Self.key(address)
        let domain = key.lastIndex(of: .at).map { key[$0...] } ?? []
        var isExcluded = false
        var last = 0
        forEach { line in
            switch line {
            case .interval: break
            case .never(let other):
                isExcluded =
                    isExcluded || other.elementsEqual(key)
                    || (!domain.isEmpty && other.elementsEqual(domain))
            case .answered(let other, let time): if other.elementsEqual(key) { last = time }
            }
        }
        if isExcluded { return false }
        guard last > 0 else { return true }
        switch interval {
        case .forever: return false
        // Subtracting cannot leave the range: neither is negative.
        case .seconds(let seconds): return now - last >= seconds
        }
    }

    /// The lines that still say something at this time.
    func compacted(now: Int) -> [UInt8] {
        let entries = entries
        var out = Self.interval(interval)
        for address in entries.never { out += Self.never(address) }
        for (address, time) in entries.answered.sorted(by: { $0.value < $1.value }) {
            if case .seconds(let seconds) = interval, now - time >= seconds { continue }
            out += Self.answered(address, at: time)
        }
        return out
    }

    // MARK: Writing

    static func answered(_ address: [UInt8], at time: Int) -> [UInt8] {
        Array("\(time) ".utf8) + key(address) + [.lf]
    }

    static func never(_ address: [UInt8]) -> [UInt8] {
        Array("never ".utf8) + key(address) + [.lf]
    }

    static func interval(_ interval: AnswerInterval) -> [UInt8] {
        switch interval {
        case .seconds(let seconds): Array("interval \(seconds)\n".utf8)
        case .forever: Array("interval forever\n".utf8)
        }
    }

    /// The address as it stands in the file: in small letters, on one line.
    private static func key(_ address: [UInt8]) -> [UInt8] {
        address.lowercased.map { $0.isControl ? UInt8(ascii: "?") : $0 }
    }
}
