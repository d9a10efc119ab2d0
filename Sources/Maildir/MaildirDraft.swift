import Bytes
package import Posix

/// A message being written: a file in `tmp/` that nobody reads.
///
/// It becomes a message with `publish`; a draft that goes without it removes its file. A killed
/// process leaves the file, which `removeStaleDrafts` finds after 36 hours.
package struct MaildirDraft: ~Copyable {
    /// The unique part of the name, without sizes.
    package let name: [UInt8]
    package private(set) var sizes = MessageSizes()
    private var isKept = false
    private let file: FileDescriptor
    private let temporary: FileDescriptor

    /// Makes an empty file in `tmp/` under a name that is new there.
    package init(
        in maildir: borrowing Maildir, names: inout UniqueNames, mode: UInt32 = 0o600
    ) throws(SystemError) {
        let name = try names.next()
        let temporary = try maildir.temporary.duplicate()
        let file = try maildir.temporary.open(
            Path(name), .readWrite, [.exclusive, .noFollow], mode: mode)
        self.name = name
        self.temporary = temporary
        self.file = file
    }

    deinit {
        guard !isKept else { return }
        // After `publish` the name is gone; a draft that cannot be removed is only litter.
        do throws(SystemError) { try temporary.unlinkIfPresent(Path(name)) } catch { return }
    }

    package mutating func write(_ bytes: ArraySlice<UInt8>) throws(SystemError) {
        try file.write(bytes)
        sizes.count(bytes)
    }

    /// Writes `count` octets of `source` from `offset` on.
    ///
    /// They come through memory, because the size with CRLF is counted on the way. Fewer octets in
    /// `source` are EIO.
    package mutating func copy(
        from source: borrowing FileDescriptor, at offset: Int, count: Int
    ) throws(SystemError) {
        var (place, left) = (offset, count)
        while left > 0 {
            let part = try source.read(limit: min(left, Self.pieceSize), at: place)
            guard !part.isEmpty else {
                throw SystemError(SystemError.inputOutput, "copy: source ended early")
            }
            try write(part[...])
            place += part.count
            left -= part.count
        }
    }

    /// Sets the arrival time, which readers take from the file's modification time, and forces the
    /// content to the disk.
    package func finish(arrival: Int?) throws(SystemError) {
        if let arrival {
            let time = FileTime(seconds: arrival)
            try file.setTimes(accessed: time, modified: time)
        }
        try file.sync()
    }

    /// Leaves the file in `tmp/` when this draft goes: whoever asks for it publishes or removes it.
    package mutating func keep() { isKept = true }

    /// The base name that the message will have: the unique part and both sizes.
    package var base: [UInt8] {
        name + Array(",S=\(sizes.stored),W=\(sizes.network)")
    }

    /// Moves the finished file into `new/` or `cur/`; the directory still has to be synced.
    ///
    /// Never replaces a message: a taken name is EEXIST.
    package func publish(
        in directory: borrowing FileDescriptor, as target: Path
    ) throws(SystemError) {
        try temporary.rename(Path(name), toNew: directory, target)
    }

    private static let pieceSize = 131_072
}

extension Maildir {
    /// Moves a finished file from `tmp/` to `new/` or `cur/`; EEXIST when the name is taken.
    package func publish(
        _ name: Path, in directory: borrowing FileDescriptor, as target: Path
    ) throws(SystemError) { try temporary.rename(name, toNew: directory, target) }
}
