import Bytes
import Posix

/// A count of all messages of a Maildir and its folders.
struct QuotaCount {
    private(set) var octets = 0
    private(set) var messages = 0
    /// The directories that were read, with their times before.
    private var times: [Path: FileTime] = [:]

    init() {}

    init(_ root: Path) throws(SystemError) {
        try take(root)
        for name in try root.list() where Self.isFolderName(name) {
            guard try (root / name / "cur").statusIfPresent()?.kind == .directory else { continue }
            try take(root / name)
        }
    }

    /// `.Name`; two dots are folders that are being removed.
    private static func isFolderName(_ name: Path) -> Bool {
        name.bytes.first == .dot && name.bytes.count > 1 && name.bytes[1] != .dot
    }

    private mutating func take(_ maildir: Path) throws(SystemError) {
        for part in ["new", "cur"] as [Path] {
            let directory: FileDescriptor
            do throws(SystemError) {
                directory = try FileDescriptor.open(
                    maildir / part, .readOnly, [.directory, .noFollow])
            } catch {
                if error.isMissing { continue }
                throw error
            }
            times[maildir / part] = try directory.status().modified
            for name in try directory.names() where MaildirName.isMessage(name) {
                guard let size = try Self.size(of: name, in: directory) else { continue }
                messages += 1
                let (sum, isOver) = octets.addingReportingOverflow(size)
                // A name that lies about its size must not trap: it is the most that there is.
                octets = isOver ? .max : sum
            }
        }
    }

    /// The size that the name tells, else that of the file; nil when it has gone meanwhile.
    private static func size(
        of name: Path, in directory: borrowing FileDescriptor
    ) throws(SystemError) -> Int? {
        if let size = MaildirName(name.bytes).storedSize { return size }
        return try directory.statusIfPresent(of: name)?.size
    }

    /// Whether no directory has changed since it was read.
    func isUnchanged() throws(SystemError) -> Bool {
        for (path, time) in times {
            guard try path.statusIfPresent()?.modified == time else { return false }
        }
        return true
    }
}
