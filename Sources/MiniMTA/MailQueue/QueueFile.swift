import Bytes
package import Posix

/// A queue file as it was read: its envelope, where its content lies, and what became of each
/// recipient so far.
package struct QueueFile: Equatable, Sendable {
    /// The most octets of records, before and after the content.
    ///
    /// All recipients that a file may have, with addresses of 100 octets.
    package static let recordsLimit = 1 << 24
    /// The most octets of outcomes that are read: years of attempts.
    package static let outcomesLimit = 1 << 26

    package let header: QueueFileHeader
    package let envelope: Envelope
    package var outcomes: Outcomes

    package init(header: QueueFileHeader, envelope: Envelope, outcomes: Outcomes) {
        self.header = header
        self.envelope = envelope
        self.outcomes = outcomes
    }

    /// Reads the file from an open descriptor, without moving its position.
    ///
    /// A torn end of the outcomes is what a crash leaves and is passed over; anything else that is
    /// not as it was written is `damaged`.
    package static func read(_ file: borrowing FileDescriptor) throws(QueueFileError) -> QueueFile {
        let first = try bytes(of: file, 0..<QueueFileHeader.length)
        let header = try QueueFileHeader(first)
        let size = try size(of: file)
        guard header.contentOffset <= recordsLimit, header.trailerSize <= recordsLimit,
            header.outcomesOffset <= size
        else { throw .damaged("parts that the file does not have") }
        let records = try bytes(of: file, QueueFileHeader.length..<header.contentOffset)
        let end = header.outcomesOffset
        let trailer = try bytes(of: file, end - header.trailerSize..<end)
        guard records.last == .lf else { throw .damaged("the envelope has no end") }
        var sum = Checksum(records.dropLast())
        sum.update(trailer)
        guard sum.value == header.checksum else { throw .damaged("a wrong checksum") }
        let envelope = try Envelope(records: records.dropLast(), trailer: trailer)
        let log = try bytes(of: file, end..<end + min(size - end, outcomesLimit))
        return QueueFile(
            header: header, envelope: envelope,
            outcomes: Outcomes(log: log, at: end, recipients: envelope.recipients.count))
    }

    private static func size(of file: borrowing FileDescriptor) throws(QueueFileError) -> Int {
        let status: FileStatus
        do throws(SystemError) { status = try file.status() } catch { throw .system(error) }
        guard status.kind == .regular else { throw .damaged("not a regular file") }
        return status.size
    }

    /// The octets in `range`, all of them.
    private static func bytes(
        of file: borrowing FileDescriptor, _ range: Range<Int>
    ) throws(QueueFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        do throws(SystemError) {
            while bytes.count < range.count {
                let part = try file.read(
                    limit: range.count - bytes.count, at: range.lowerBound + bytes.count)
                guard !part.isEmpty else { break }
                bytes += part
            }
        } catch { throw .system(error) }
        guard bytes.count == range.count else { throw .damaged("the file is cut") }
        return bytes
    }
}

extension QueueFile {
    /// Opens and reads a file of the queue by its path.
    package static func read(inQueueAt path: Path) throws(QueueFileError) -> QueueFile {
        let file: FileDescriptor
        do throws(SystemError) {
            file = try FileDescriptor.open(path, .readOnly, [.noFollow, .nonBlocking])
        } catch { throw .system(error) }
        return try read(file)
    }
}
