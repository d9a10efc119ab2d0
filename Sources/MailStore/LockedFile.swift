import Mbox
import Posix

/// A small file that several programs change in turn: each under its dotlock, and as a whole.
enum LockedFile {
    /// Dovecot's own: a lock that nobody has touched for two minutes is a dead program's.
    private static let staleSeconds = 120
    /// How long to wait for the lock before the client is told to try again.
    private static let waitSeconds = 30
    /// The longest pause between two attempts, in milliseconds.
    private static let longestPause = 100

    /// Runs `body` while `FILE.lock` is ours.
    static func perform<Result>(
        on file: Path, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let deadline = Deadline.after(seconds: waitSeconds)
        var pause = 1
        while true {
            let lock = try translating { () throws(SystemError) in
                try Dotlock.take(beside: file, staleSeconds: staleSeconds)
            }
            if let lock {
                let result = try body()
                _ = consume lock
                return result
            }
            guard !deadline.hasPassed else { throw .busy("\(file).lock") }
            Process.sleep(milliseconds: pause)
            pause = min(pause * 2, longestPause)
        }
    }

    /// Replaces a file of an open directory, durably: readers see the old text or the new one.
    static func replace(
        _ name: Path, with text: [UInt8], in directory: borrowing FileDescriptor
    ) throws(SystemError) {
        let temporary = name.adding(suffix: ".tmp")
        try directory.unlinkIfPresent(temporary)
        let file = try directory.open(temporary, .writeOnly, .exclusive, mode: 0o600)
        do throws(SystemError) {
            try file.write(text)
            try file.sync()
            try directory.rename(temporary, to: directory, name)
        } catch {
            try directory.unlinkIfPresent(temporary)
            throw error
        }
        try directory.syncNames()
    }
}
