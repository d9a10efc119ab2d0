import Bytes
package import Posix

/// Where one user's mail lies and in which format: a `mail_location` of Dovecot's, read for that
/// user.
package struct MailLocation: Equatable, Sendable {
    package enum Format: Equatable, Sendable {
        case maildir
        case mbox
    }

    package let format: Format
    /// The directory with the folders.
    package let root: Path
    /// INBOX: the Maildir or the mbox file.
    package let inbox: Path
    /// The file with the subscriptions, below `root`.
    package let subscriptions: Path
    /// Parts of the setting that have no effect here, each as a sentence for the log.
    package let warnings: [String]

    package init(
        format: Format, root: Path, inbox: Path? = nil, subscriptions: Path? = nil,
        warnings: [String] = []
    ) {
        self.format = format
        self.root = root
        self.warnings = warnings
        switch format {
        case .maildir:
            self.inbox = inbox ?? root
            self.subscriptions = subscriptions ?? "subscriptions"
        case .mbox:
            self.inbox = inbox ?? root / "inbox"
            self.subscriptions = subscriptions ?? ".subscriptions"
        }
    }

    /// Reads `FORMAT:ROOT[:KEY=VALUE…]` for one user: `%u`, `%n`, `%d`, `%h`, `%%` and `~/` are
    /// filled in, `::` is a colon.
    ///
    /// No text, or `auto`, is the house's default. What is not built is `.notSupported`, what
    /// cannot be understood `.corrupt`.
    package static func parse(
        _ text: String, user: String, home: Path
    ) throws(StoreError) -> MailLocation {
        let trimmed = Array(text.utf8.trimmed)
        if trimmed.isEmpty || trimmed == Array("auto".utf8) {
            return detect(user: user, home: home)
        }
        let variables = LocationVariables(user: user, home: home)
        var parts: [[UInt8]] = []
        for part in split(trimmed) { parts.append(try variables.expand(part)) }
        let format: Format
        switch parts[0] {
        case Array("maildir".utf8): format = .maildir
        case Array("mbox".utf8): format = .mbox
        default: throw .notSupported("mail_location \(String(printable: trimmed))")
        }
        guard parts.count > 1, !parts[1].isEmpty else {
            return MailLocation(
                format: format, root: format == .mbox ? home / "mail" : home / "Maildir")
        }
        return try MailLocation(format, root: Path(parts[1]), options: parts.dropFirst(2), home)
    }

    /// Reads a location whose variables are filled in already: what looks like one now came from a
    /// name.
    package static func parse(
        filledIn text: [UInt8], user: [UInt8], home: Path
    ) throws(StoreError) -> MailLocation {
        let percent = UInt8(ascii: "%")
        let setting = text.flatMap { $0 == percent ? [percent, percent] : [$0] }
        return try parse(
            String(decoding: setting, as: UTF8.self), user: String(decoding: user, as: UTF8.self),
            home: home)
    }

    /// INBOX is `~/Maildir` where that exists, else the spool file; folders are in `~/mail` then.
    package static func detect(user: String, home: Path) -> MailLocation {
        let maildir = home / "Maildir"
        do throws(SystemError) {
            if try (maildir / "cur").statusIfPresent() != nil {
                return MailLocation(format: .maildir, root: maildir)
            }
        } catch {
            // What cannot be looked at is no Maildir of the user's.
        }
        let spool = Path("/var/mail") / Path(user.utf8.filter { $0 != UInt8(ascii: "/") })
        return MailLocation(format: .mbox, root: home / "mail", inbox: spool)
    }

    private init(
        _ format: Format, root: Path, options: ArraySlice<[UInt8]>, _ home: Path
    ) throws(StoreError) {
        var inbox: Path?
        var subscriptions: Path?
        var warnings: [String] = []
        for option in options {
            let (key, value) = Self.keyAndValue(option)
            switch String(printable: key) {
            case "INBOX": inbox = root.appending(Path(value))
            case "SUBSCRIPTIONS": subscriptions = try Self.fileName(value)
            case "LAYOUT":
                let usual = format == .maildir ? "maildir++" : "fs"
                guard value.equalsIgnoringCase(Array(usual.utf8)) else {
                    throw .notSupported("LAYOUT=\(String(printable: value))")
                }
            case "INDEX", "INDEXPVT", "INDEXCACHE", "VOLATILEDIR", "LISTINDEX", "ITERINDEX":
                warnings.append("mail_location: \(String(printable: key)) has no effect")
            default: throw .notSupported("mail_location: \(String(printable: option))")
            }
        }
        self.init(
            format: format, root: root, inbox: inbox, subscriptions: subscriptions,
            warnings: warnings)
    }

    private static func keyAndValue(_ option: [UInt8]) -> (key: [UInt8], value: [UInt8]) {
        guard let equals = option.firstIndex(of: UInt8(ascii: "=")) else { return (option, []) }
        return (Array(option[..<equals]), Array(option[(equals + 1)...]))
    }

    private static func fileName(_ value: [UInt8]) throws(StoreError) -> Path {
        guard !value.isEmpty, !value.contains(UInt8(ascii: "/")), value != [.dot],
            value != [.dot, .dot]
        else { throw .corrupt("mail_location: SUBSCRIPTIONS=\(String(printable: value))") }
        return Path(value)
    }

    /// The parts between single colons.
    private static func split(_ text: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var cursor = ByteCursor(text)
        while let byte = cursor.next() {
            if byte != .colon {
                parts[parts.count - 1].append(byte)
            } else if cursor.take(.colon) {
                parts[parts.count - 1].append(.colon)
            } else {
                parts.append([])
            }
        }
        return parts
    }
}

/// What stands for `%u` and the like in a location.
private struct LocationVariables {
    let user: [UInt8]
    let home: Path

    init(user: String, home: Path) {
        self.user = Array(user.utf8)
        self.home = home
    }

    /// A part with its variables filled in, and `~/` at its start or behind `=`.
    func expand(_ part: [UInt8]) throws(StoreError) -> [UInt8] {
        var out: [UInt8] = []
        var cursor = ByteCursor(part)
        while let byte = cursor.next() {
            if byte == UInt8(ascii: "%") {
                out += try variable(&cursor)
            } else if byte == UInt8(ascii: "~"), out.isEmpty || out.last == UInt8(ascii: "="),
                cursor.peek == nil || cursor.peek == UInt8(ascii: "/")
            {
                out += home.bytes
            } else {
                out.append(byte)
            }
        }
        return out
    }

    private func variable(_ cursor: inout ByteCursor) throws(StoreError) -> [UInt8] {
        let name = user.prefix { $0 != .at }
        switch cursor.next() {
        case UInt8(ascii: "%"): return [UInt8(ascii: "%")]
        case UInt8(ascii: "u"): return try checked(user)
        case UInt8(ascii: "n"): return try checked(Array(name))
        case UInt8(ascii: "d"): return try checked(Array(user.dropFirst(name.count + 1)))
        case UInt8(ascii: "h"): return home.bytes
        case let other:
            throw .notSupported("%\(String(printable: other.map { [$0] } ?? [])) in mail_location")
        }
    }

    /// A user's name must not lead elsewhere when it is part of a path.
    private func checked(_ name: [UInt8]) throws(StoreError) -> [UInt8] {
        guard !name.contains(UInt8(ascii: "/")), !name.contains(0), name != [.dot],
            name != [.dot, .dot]
        else { throw .invalidName("user name \(String(printable: name)) in a path") }
        return name
    }
}

extension MailLocation {
    /// Opens the directory of the folders; `.missing` when there is none.
    func openRoot() throws(StoreError) -> FileDescriptor {
        guard let root = try openRootIfPresent() else { throw .missing }
        return root
    }

    func openRootIfPresent() throws(StoreError) -> FileDescriptor? {
        do throws(SystemError) {
            return try FileDescriptor.open(root, .readOnly, .directory)
        } catch {
            if error.isMissing { return nil }
            throw StoreError(error)
        }
    }
}
