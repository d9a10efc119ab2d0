import Bytes
package import Posix

/// The name of a message's file in `new/` or `cur/`: a base that identifies the message, and the
/// flags.
package struct MaildirName: Hashable, Sendable {
    package let bytes: [UInt8]
    /// Where the base ends: the first colon, or the end.
    private let colon: Int

    package init(_ bytes: some Collection<UInt8>) {
        self.bytes = Array(bytes)
        colon = self.bytes.firstIndex(of: .colon) ?? self.bytes.count
    }

    package init(base: some Collection<UInt8>, info: MaildirInfo) {
        self.init(Array(base) + info.suffix)
    }

    package var path: Path { Path(bytes) }

    /// What stays the same while flags change; unique in the Maildir.
    package var base: [UInt8] { Array(bytes[..<colon]) }

    /// The flags; none when the name has no `:2,`.
    package var info: MaildirInfo { MaildirInfo(parsing: bytes[colon...].dropFirst()) }

    /// The octets of the file, when the name says so (`,S=`): saves a stat(2).
    package var storedSize: Int? { field(UInt8(ascii: "S")) }

    /// The octets with every line ending in CRLF, when the name says so (`,W=`): saves reading.
    package var networkSize: Int? { field(UInt8(ascii: "W")) }

    /// The number of `,KEY=number` in the base; it counts only when the base or another comma ends
    /// it.
    private func field(_ key: UInt8) -> Int? {
        for part in bytes[..<colon].split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false
        )
        .dropFirst() {
            guard part.starts(with: [key, UInt8(ascii: "=")]) else { continue }
            return Int(decimal: part.dropFirst(2))
        }
        return nil
    }

    /// The octets of the message, whose file has the name `file` in `directory`: what the name says,
    /// else what the file system says.
    package func size(
        of file: Path, in directory: borrowing FileDescriptor
    ) throws(SystemError) -> Int {
        if let storedSize { return storedSize }
        return try directory.status(of: file).size
    }

    /// A name that a message can have; names with a dot in front belong to somebody else.
    package static func isMessage(_ name: Path) -> Bool { name.bytes.first != .dot }
}
