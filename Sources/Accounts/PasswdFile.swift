import Bytes
package import Posix

/// A file of users in the form of Dovecot's passwd-file; it is read again when it has changed.
///
/// Names are compared octet by octet. Nothing is ever written.
package final class PasswdFile {
    /// Larger files belong into a database: a million users of 64 octets.
    static let sizeLimit = 64 << 20

    package let path: Path
    /// What was wrong in the file, each with its line, since the warnings were last taken.
    private var warnings: [String] = []
    private var entries: [[UInt8]: PasswdEntry] = [:]
    private var seen: FileStatus?
    private let isOnlyText: Bool

    package init(_ path: Path) {
        self.path = path
        isOnlyText = false
    }

    /// For tests: a file that is only its text.
    package init(text: [UInt8]) {
        path = "passwd-file"
        isOnlyText = true
        load(text)
    }

    /// The entry of `name`; `.unknown` when there is none, or no file.
    package func entry(_ name: [UInt8]) throws(AccountError) -> PasswdEntry {
        do throws(SystemError) { try refresh() } catch {
            if error.isMissing { throw .unknown }
            throw .unavailable(error.description)
        }
        guard let entry = entries[name] else { throw .unknown }
        return entry
    }

    /// The warnings that came up since the last call.
    package func takeWarnings() -> [String] {
        defer { warnings = [] }
        return warnings
    }

    private func refresh() throws(SystemError) {
        if isOnlyText { return }
        let file = try FileDescriptor.open(path, .readOnly, .nonBlocking)
        let status = try file.status()
        if let seen, seen.isSameFile(as: status), seen.modified == status.modified,
            seen.size == status.size
        {
            return
        }
        guard status.kind == .regular else {
            throw SystemError(SystemError.invalid, "\(path) is not a regular file")
        }
        load(try file.readAll(limit: Self.sizeLimit))
        seen = status
    }

    private func load(_ text: [UInt8]) {
        entries = [:]
        var cursor = ByteCursor(text)
        var number = 0
        while let line = cursor.takeLine() {
            number += 1
            guard let entry = PasswdEntry(line: line) else { continue }
            if let fault = entry.fault {
                warn(number, fault)
            } else if entries[entry.name] != nil {
                warn(number, "a second entry for the same user; the first one counts")
            } else {
                entries[entry.name] = entry
            }
        }
    }

    private func warn(_ line: Int, _ text: String) {
        warnings.append("\(path), line \(line): \(text)")
    }
}
