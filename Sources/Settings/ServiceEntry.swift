import Bytes
package import Posix

/// One service of master.cf: what master listens on and which program serves it.
package struct ServiceEntry: Equatable, Sendable {
    package enum Endpoint: Equatable, Sendable {
        /// A TCP port at a host; nil means the addresses of `inet_interfaces`.
        case inet(host: String?, port: String)
        case unix
        case fifo
        /// A UNIX-domain socket whose connections are passed on as descriptors.
        case pass
        /// A UNIX-domain datagram socket.
        case unixDatagram
    }

    /// The first column as written.
    package let name: String
    package let endpoint: Endpoint
    /// Reachable by the mail system only: its socket lies in `private/`, else in `public/`.
    package let isPrivate: Bool
    /// Runs as the mail owner from the start.
    package let isUnprivileged: Bool
    package let isChrooted: Bool
    /// Seconds between two wake-ups; 0 means none.
    package let wakeup: Int
    /// Wake up only after the service has been used (`60?`).
    package let wakesOnlyIfUsed: Bool
    /// The largest number of processes; 0 means no limit, nil `default_process_limit`.
    package let processLimit: Int?
    /// The program's name in `daemon_directory`, or its path.
    package let command: String
    /// All arguments, `-o` and its setting among them.
    package let arguments: [String]
    /// Where the entry begins.
    package let line: Int

    /// The socket's or FIFO's path below the queue directory; nil for TCP.
    package var socketPath: Path? {
        if case .inet = endpoint { return nil }
        return Path(isPrivate ? "private" : "public") / name
    }

    /// The settings among the arguments: `-o name=value`.
    package var overrides: [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" { break }
            guard argument.hasPrefix("-o") else { continue }
            let setting = argument == "-o" ? rest.popFirst() ?? "" : String(argument.dropFirst(2))
            if let pair = splitSetting(setting) { found.append(pair) }
        }
        return found
    }
}

/// The two sides of `name=value`, blanks around them removed; nil when there is no name or no `=`.
package func splitSetting(_ text: String) -> (name: String, value: String)? {
    guard let sign = text.utf8.firstIndex(of: 0x3D) else { return nil }
    let name = text[..<sign].utf8.trimmedText
    guard !name.isEmpty else { return nil }
    return (name, text[text.utf8.index(after: sign)...].utf8.trimmedText)
}

extension Substring.UTF8View {
    fileprivate var trimmedText: String { String(decoding: Array(self).trimmed, as: UTF8.self) }
}
