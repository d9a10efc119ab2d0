import Bytes
package import Posix

/// A file in maildrop/ while it is written; it is gone again unless `commit` was called.
///
/// Its writer is any user's `postdrop`. The file has its final name from the start and mode 0600;
/// the mode says that it is whole, as Postfix has it.
package struct MaildropFile: ~Copyable {
    /// A complete file: readable by pickup, which is another user.
    package static let completeMode: UInt32 = 0o744
    private static let unfinishedMode: UInt32 = 0o600
    /// How many taken names are tried past.
    private static let attempts = 100

    private let directory: Path
    private let file: FileDescriptor
    package let name: Path
    private let microseconds: Int
    private var isCommitted = false

    /// Makes a file in `directory`.
    package init(in directory: Path) throws(SystemError) {
        self.directory = directory
        for attempt in 1...Self.attempts {
            let time = Clock.precise
            let name = Path("\(time.seconds).\(time.microseconds).\(Process.id).\(attempt)")
            do throws(SystemError) {
                file = try FileDescriptor.open(
                    directory / name, .writeOnly, .exclusive, mode: Self.unfinishedMode)
                self.name = name
                microseconds = time.microseconds
                return
            } catch {
                guard error.code == SystemError.exists, attempt < Self.attempts else { throw error }
            }
        }
        throw SystemError(SystemError.exists, "create \(directory)")
    }

    deinit {
        guard !isCommitted else { return }
        do throws(SystemError) { try (directory / name).unlinkIfPresent() } catch {
            // pickup removes what is left unfinished.
        }
    }

    /// What the submission is called until it is in the queue, in the form of a queue ID: five
    /// hexadecimal digits of microseconds and the file's inode number.
    package func id() throws(SystemError) -> String {
        microseconds.padded(to: 5, radix: 16) + (try file.status().inode).padded(to: 1, radix: 16)
    }

    package func write(_ bytes: [UInt8]) throws(SystemError) { try file.write(bytes) }

    /// Makes the message safe: only after this has it been submitted.
    package mutating func commit() throws(SystemError) {
        // The content first: after a power cut a file whose mode came to the disk before it would
        // be taken for whole, with zeros where a page was lost.
        try file.syncData()
        try file.setMode(Self.completeMode)
        try file.sync()
        do throws(SystemError) { try directory.syncDirectory() } catch {
            // postdrop may make names in the directory but not open it: mode 0730. Syncing a new
            // file brings its name to the disk with it on Linux's journalling file systems.
            guard error.isDenied else { throw error }
        }
        isCommitted = true
    }
}
