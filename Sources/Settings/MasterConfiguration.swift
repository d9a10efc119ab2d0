import Bytes
package import Posix

/// master.cf: the services that master offers.
package struct MasterConfiguration: Sendable {
    /// The largest master.cf that is read: 1 MiB.
    private static let sizeLimit = 1 << 20

    package let file: Path
    package let services: [ServiceEntry]

    /// Reads `directory`/master.cf.
    package static func load(directory: Path) throws(ConfigurationError) -> MasterConfiguration {
        let file = directory / "master.cf"
        let text: [UInt8]
        do throws(SystemError) {
            text = try FileDescriptor.open(file).readAll(limit: sizeLimit)
        } catch { throw ConfigurationError("open \(file): \(error.reason)") }
        return try MasterConfiguration(text: text, file: file)
    }

    package init(
        text: some Collection<UInt8>, file: Path = "master.cf"
    ) throws(ConfigurationError) {
        self.file = file
        var services: [ServiceEntry] = []
        for line in LogicalLines(text) {
            guard !line.isStray else {
                throw ConfigurationError(
                    file: file, line: line.number, "logical line must not start with whitespace")
            }
            do throws(EntryFault) {
                let entry = try ServiceEntry(line)
                if services.contains(where: { $0.clashes(with: entry) }) {
                    throw EntryFault("duplicate entry for \"\(entry.name)\"")
                }
                services.append(entry)
            } catch {
                throw ConfigurationError(file: file, line: line.number, error.text)
            }
        }
        self.services = services
    }
}

/// Why a line of master.cf is no service.
struct EntryFault: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

extension ServiceEntry {
    fileprivate func clashes(with other: ServiceEntry) -> Bool {
        name == other.name && endpoint == other.endpoint && isPrivate == other.isPrivate
    }

    /// Reads the eight columns of master(5).
    init(_ line: LogicalLine) throws(EntryFault) {
        var cursor = ByteCursor(line.bytes)
        name = try cursor.column("service name")
        let type = try cursor.column("service type")
        guard let endpoint = Endpoint(type, name) else {
            throw EntryFault("bad service type: \"\(type)\"")
        }
        self.endpoint = endpoint
        isPrivate = try cursor.flag("private", default: true)
        if case .inet = endpoint, isPrivate {
            throw EntryFault("inet service cannot be private: \"\(name)\"")
        }
        isUnprivileged = try cursor.flag("unprivileged", default: true)
        isChrooted = try cursor.flag("chroot", default: false)
        (wakeup, wakesOnlyIfUsed) = try cursor.wakeup()
        processLimit = try cursor.processLimit()
        command = try cursor.column("command name")
        arguments = try cursor.arguments()
        self.line = line.number
    }
}

extension ServiceEntry.Endpoint {
    fileprivate init?(_ type: String, _ name: String) {
        switch type {
        case "inet":
            let (host, port) = ServiceEntry.hostAndPort(name)
            guard !port.isEmpty else { return nil }
            self = .inet(host: host, port: port)
        case "unix": self = .unix
        case "fifo": self = .fifo
        case "pass": self = .pass
        case "unix-dgram": self = .unixDatagram
        default: return nil
        }
    }
}

extension ServiceEntry {
    /// The two parts of `host:port`, `[address]:port` or `port`.
    static func hostAndPort(_ name: String) -> (host: String?, port: String) {
        let bytes = Array(name.utf8)
        if bytes.first == UInt8(ascii: "["), let end = bytes.firstIndex(of: UInt8(ascii: "]")) {
            let host = String(decoding: bytes[1..<end], as: UTF8.self)
            let rest = bytes[(end + 1)...]
            guard rest.first == .colon else { return (host, "") }
            return (host.isEmpty ? nil : host, String(decoding: rest.dropFirst(), as: UTF8.self))
        }
        guard let colon = bytes.lastIndex(of: .colon) else { return (nil, name) }
        let host = String(decoding: bytes[..<colon], as: UTF8.self)
        return (
            host.isEmpty ? nil : host, String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        )
    }
}

extension ByteCursor {
    fileprivate mutating func column(_ what: String) throws(EntryFault) -> String {
        skipSpace()
        let word = take { !$0.isSpace }
        guard !word.isEmpty else { throw EntryFault("missing \(what) field") }
        return String(decoding: word, as: UTF8.self)
    }

    /// `y`, `n`, or `-` for the default.
    fileprivate mutating func flag(
        _ what: String, default assumed: Bool
    ) throws(EntryFault) -> Bool {
        let word = try column(what)
        switch word {
        case "-": return assumed
        case "y": return true
        case "n": return false
        default: throw EntryFault("bad \(what) field: \"\(word)\"")
        }
    }

    /// Seconds, perhaps with `?`; `-` means never.
    fileprivate mutating func wakeup() throws(EntryFault) -> (Int, Bool) {
        let word = try column("wakeup time")
        if word == "-" { return (0, false) }
        let onlyIfUsed = word.hasSuffix("?")
        let digits = onlyIfUsed ? Array(word.utf8.dropLast()) : Array(word.utf8)
        guard let seconds = Int32(decimal: digits) else {
            throw EntryFault("bad wakeup time field: \"\(word)\"")
        }
        return (Int(seconds), onlyIfUsed)
    }

    fileprivate mutating func processLimit() throws(EntryFault) -> Int? {
        let word = try column("max_proc")
        if word == "-" { return nil }
        guard let count = Int32(decimal: Array(word.utf8)) else {
            throw EntryFault("bad max_proc field: \"\(word)\"")
        }
        return Int(count)
    }

    /// The words of the command; `{ … }` is one word, without the blanks inside the braces' ends.
    fileprivate mutating func arguments() throws(EntryFault) -> [String] {
        var words: [String] = []
        while true {
            skipSpace()
            guard let first = peek else { return words }
            if first == UInt8(ascii: "{") {
                guard let inside = takeBalanced(UInt8(ascii: "{"), UInt8(ascii: "}")) else {
                    throw EntryFault("missing '}' in \"\(String(printable: rest))\"")
                }
                words.append(String(decoding: inside.trimmed, as: UTF8.self))
            } else {
                words.append(String(decoding: take { !$0.isSpace }, as: UTF8.self))
            }
        }
    }
}
