import Bytes
package import Posix

/// Reads records from a descriptor: standard input of `postdrop`, or a file in maildrop/.
package struct MaildropReader: ~Copyable {
    private let input: FileDescriptor
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    package enum Fault: Error, Equatable, Sendable {
        /// Octets that are no record, or an end within one.
        case malformed
        case failed(SystemError)
    }

    package init(_ input: consuming FileDescriptor) { self.input = input }

    /// The next record; nil at the end.
    package mutating func next() throws(Fault) -> MaildropRecord? {
        guard try fill(MaildropRecord.headerLength) else {
            guard start == buffer.count else { throw .malformed }
            return nil
        }
        let header = Array(buffer[start..<(start + MaildropRecord.headerLength)])
        guard let (kind, length) = MaildropRecord.announced(header),
            try fill(MaildropRecord.headerLength + length)
        else { throw .malformed }
        start += MaildropRecord.headerLength
        defer { start += length }
        guard let record = MaildropRecord(kind: kind, body: Array(buffer[start..<(start + length)]))
        else { throw .malformed }
        return record
    }

    /// Nothing may follow the last record.
    package mutating func expectEnd() throws(Fault) {
        if try next() != nil { throw .malformed }
    }

    /// The descriptor to wait on before `next` when a signal must be noticed meanwhile; nil when
    /// octets are at hand already.
    package var waitsFor: Int32? { start < buffer.count || isAtEnd ? nil : input.number }

    /// Has at least `count` octets at hand, unless the input ends before.
    private mutating func fill(_ count: Int) throws(Fault) -> Bool {
        while buffer.count - start < count, !isAtEnd {
            buffer.removeFirst(start)
            start = 0
            do throws(SystemError) {
                let more = try input.read(limit: MaildropRecord.pieceLimit)
                isAtEnd = more.isEmpty
                buffer += more
            } catch { throw .failed(error) }
        }
        return buffer.count - start >= count
    }
}
