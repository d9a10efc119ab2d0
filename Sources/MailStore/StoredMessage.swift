import Posix

/// The octets of a message as a backend has stored them: parts of an open file, in order.
///
/// The descriptor keeps them readable when the name is gone. A backend whose file is rewritten in
/// place hands out a copy (a memory file), made under its lock.
struct StoredMessage: ~Copyable {
    let descriptor: FileDescriptor
    /// What of the file belongs to the message; lines that clients must not see are left out.
    let parts: [Range<Int>]
    /// Lines of the form `>*From ` after the header have one `>` more than the message.
    let hasQuotedFromLines: Bool
    /// The size with CRLF line ends when the backend knows it for certain.
    let knownSize: Int?

    init(
        descriptor: consuming FileDescriptor, parts: [Range<Int>],
        hasQuotedFromLines: Bool = false, knownSize: Int? = nil
    ) {
        self.descriptor = descriptor
        self.parts = parts
        self.hasQuotedFromLines = hasQuotedFromLines
        self.knownSize = knownSize
    }
}
