import Bytes
import Posix

/// `pid/master.pid` below the queue directory: locked while a master runs, and its process number.
struct MasterLock: ~Copyable {
    private static let path: Path = "pid/master.pid"
    private let file: FileDescriptor

    /// Takes the lock, or yields nil when another master holds it.
    static func take() throws(SystemError) -> MasterLock? {
        let file = try FileDescriptor.open(path, .readWrite, [.create, .noFollow], mode: 0o644)
        guard try file.tryFlock(.exclusive) else { return nil }
        return MasterLock(file: file)
    }

    /// Writes this process's number, right-aligned as Postfix does, for `postfix stop`.
    func writeProcessNumber() throws(SystemError) {
        let number = "\(Process.id)"
        let line = String(repeating: " ", count: max(0, 10 - number.utf8.count)) + number + "\n"
        try file.truncate(to: 0)
        try file.write(Array(line.utf8), at: 0)
    }
}
