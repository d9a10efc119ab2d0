import Bytes
package import Posix

/// Writes one queue file: the envelope, the content in pieces, then the sync that makes it ours.
///
/// Until `finish` the file lies in the directory of unfinished ones under a name that no queue ID has,
/// locked by this process; a writer that is dropped or killed leaves nothing that qmgr looks at.
package final class QueueFileWriter {
    /// Octets that are gathered before a write: most letters go out in one.
    private static let bufferLimit = 131_072
    /// Names tried when another process has made the same one in the same microsecond.
    private static let nameAttempts = 100

    /// The name that the message will have in the queue.
    package let id: QueueID
    /// Octets of content so far.
    package private(set) var contentSize = 0
    private let base: Path
    private let file: FileDescriptor
    private let unfinished: Path
    private var state = State.empty
    private var buffer: [UInt8]
    private var written = 0
    private var contentOffset = 0
    private var checksum = Checksum()
    private var loggedSize = LoggedSize()

    private enum State { case empty, content, ended }

    /// Makes the file, and locks it so that nobody takes it for an abandoned one.
    ///
    /// `base` is the queue directory; empty when it is the working directory.
    package init(in base: Path = Path("")) throws(SystemError) {
        self.base = base
        var path = Self.name(in: base / QueueDirectories.unfinished)
        file = try Self.make(&path)
        unfinished = path
        let inode: UInt64
        do throws(SystemError) {
            inode = try file.status().inode
            _ = try file.tryLock(.exclusive)
        } catch {
            Self.remove(unfinished)
            throw error
        }
        id = QueueID(microseconds: ArrivalTime.now.microseconds, inode: inode)
        buffer = [UInt8](repeating: .space, count: QueueFileHeader.length)
    }

    deinit { abort() }

    /// Writes the records of the envelope; the content comes next.
    package func begin(_ envelope: Envelope) throws(SystemError) {
        precondition(state == .empty)
        state = .content
        try putRecords(envelope.recordBytes)
        try put([.lf])
        contentOffset = written + buffer.count
    }

    /// Adds a piece of the content; lines end in LF.
    package func append(_ content: some Collection<UInt8>) throws(SystemError) {
        precondition(state == .content)
        contentSize += content.count
        loggedSize.add(content)
        try put(content)
    }

    /// Makes the message ours: when this returns, file and name are on the disk.
    ///
    /// What was only learnt from the content comes along as `attributes` and `recipients`. After an
    /// error nothing is queued, and the file is gone.
    package func finish(
        to queue: QueueDirectory = .incoming, attributes: [Attribute] = [],
        recipients: [QueueRecipient] = []
    ) throws(SystemError) {
        precondition(state == .content)
        do throws(SystemError) {
            let trailerOffset = written + buffer.count
            try putRecords(Envelope.recordBytes(attributes: attributes, recipients: recipients))
            try seal(trailerSize: written + buffer.count - trailerOffset)
            try file.sync()
            try unfinished.rename(toNew: base / queue.file(id))
        } catch {
            abort()
            throw error
        }
        state = .ended
        do throws(SystemError) { try (base / queue.path).syncDirectory() } catch {
            // The name may or may not survive a power cut: it must not be acknowledged.
            Self.remove(base / queue.file(id))
            throw error
        }
    }

    /// Gives the message up and removes the file.
    package func abort() {
        guard state != .ended else { return }
        state = .ended
        Self.remove(unfinished)
    }

    /// Writes the first line, in memory when all of the file is still there.
    private func seal(trailerSize: Int) throws(SystemError) {
        let header = QueueFileHeader(
            contentOffset: contentOffset, contentSize: contentSize, trailerSize: trailerSize,
            loggedSize: loggedSize.value, checksum: checksum.value
        ).bytes
        if written == 0 {
            buffer.replaceSubrange(..<QueueFileHeader.length, with: header)
            try flush()
        } else {
            try flush()
            try file.write(header, at: 0)
        }
        // A file system that lies about a write is found out before the answer.
        guard try file.status().size == written else {
            throw SystemError(SystemError.inputOutput, "write \(unfinished)")
        }
    }

    private func putRecords(_ bytes: [UInt8]) throws(SystemError) {
        checksum.update(bytes)
        try put(bytes)
    }

    private func put(_ bytes: some Collection<UInt8>) throws(SystemError) {
        buffer += bytes
        if buffer.count >= Self.bufferLimit { try flush() }
    }

    private func flush() throws(SystemError) {
        try file.write(buffer)
        written += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the file, under the next name that is free.
    private static func make(_ path: inout Path) throws(SystemError) -> FileDescriptor {
        var attempts = 0
        while true {
            do throws(SystemError) {
                return try FileDescriptor.open(path, .readWrite, .exclusive, mode: 0o600)
            } catch {
                attempts += 1
                guard error.code == SystemError.exists, attempts < nameAttempts else { throw error }
                path = name(in: path.parent)
            }
        }
    }

    private static func name(in directory: Path) -> Path {
        let time = ArrivalTime.now
        return directory / "\(time.seconds).\(time.microseconds).\(Process.id)"
    }

    private static func remove(_ path: Path) {
        do throws(SystemError) { try path.unlinkIfPresent() } catch {
            // It stays in incoming/tmp, which is swept, or in incoming/, where it is a whole message
            // that is delivered although its sender was told to try again.
        }
    }
}
