package import Posix

/// A letter on its way into a mailbox: a read-only descriptor, where the content lies in it, and what
/// goes in front.
///
/// It is lent to each delivery; its file position is never used, so processes may share it.
package struct DeliveredLetter: ~Copyable {
    package let content: FileDescriptor
    package let offset: Int
    package let size: Int
    /// The envelope sender, for the From_ line; empty for a notice.
    package let sender: [UInt8]
    /// Header lines in front of the content, each with its LF.
    package var headers: [UInt8]

    package init(
        content: consuming FileDescriptor, offset: Int, size: Int, sender: [UInt8],
        headers: [UInt8] = []
    ) {
        self.content = content
        self.offset = offset
        self.size = size
        self.sender = sender
        self.headers = headers
    }

    /// Octets read at once: few system calls, little memory.
    static let pieceSize = 131_072

    /// Calls `body` with one piece of the content after the other.
    ///
    /// A file shorter than it should be is EIO: a letter is whole or not delivered.
    package borrowing func forEachPiece(
        _ body: ([UInt8]) throws(SystemError) -> Void
    ) throws(SystemError) {
        var (place, left) = (offset, size)
        while left > 0 {
            let piece = try content.read(limit: min(left, Self.pieceSize), at: place)
            guard !piece.isEmpty else {
                throw SystemError(SystemError.inputOutput, "read: letter ended early")
            }
            try body(piece)
            place += piece.count
            left -= piece.count
        }
    }
}
