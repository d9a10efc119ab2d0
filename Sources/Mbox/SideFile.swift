import Bytes
import Posix

/// The file `.NAME.journal` beside a mailbox, in which a change is written down before it is made.
///
/// It comes and goes with the change: whoever finds one, holding every lock of the mailbox, has found
/// a change that was cut off. It is only touched by whoever holds them all.
///
/// Its name is on the disk before the mailbox changes. Its going is not waited for: after a power
/// cut it may be back, and recovery then sees a change that is complete, or one that is too old to
/// be believed.
struct SideFile: ~Copyable {
    let path: Path
    let descriptor: FileDescriptor
    /// The record that the file held when it was opened.
    private(set) var pending: JournalRecord?
    private let rights: SpoolRights

    static let chunk = 1 << 20

    static func path(for mailbox: Path) -> Path {
        mailbox.parent / Path(Array(".".utf8) + mailbox.name.bytes + Array(".journal".utf8))
    }

    /// Opens the side file; nil when there is none, or when `create` is set and the directory does
    /// not let us make one.
    ///
    /// `owner` is the mailbox's owner: in a directory where everybody may make files, a side file
    /// of somebody else is refused.
    static func open(
        for mailbox: Path, owner: UInt32, create: Bool, _ rights: SpoolRights
    ) throws(MboxError) -> SideFile? {
        try open(at: path(for: mailbox), owner: owner, create: create, rights)
    }

    /// Opens or makes a file beside a mailbox by the same rules, whatever it is for.
    static func open(
        at path: Path, owner: UInt32, create: Bool, _ rights: SpoolRights
    ) throws(MboxError) -> SideFile? {
        for _ in 0..<4 {
            if var file = try existing(path, owner, rights) {
                file.pending = try file.readHeader()
                return file
            }
            guard create else { return nil }
            do throws(SystemError) {
                let made = try rights.perform { () throws(SystemError) in
                    try FileDescriptor.open(path, .readWrite, .exclusive, mode: 0o600)
                }
                if Rights.effectiveUser == 0 { try made.setOwner(owner, group: .max) }
                return SideFile(path: path, descriptor: made, rights: rights)
            } catch {
                if error.isDenied { return nil }
                guard error.code == SystemError.exists else { throw .failed(error) }
            }
        }
        throw .unsafe("\(path): a link that leads nowhere, or a name that comes and goes")
    }

    private init(path: Path, descriptor: consuming FileDescriptor, rights: SpoolRights) {
        self.path = path
        self.descriptor = descriptor
        self.rights = rights
    }

    consuming func takeDescriptor() -> FileDescriptor { descriptor }

    private static func existing(
        _ path: Path, _ owner: UInt32, _ rights: SpoolRights
    ) throws(MboxError) -> SideFile? {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, .readWrite, [.noFollow, .nonBlocking])
            let status = try file.status()
            // Its maker has removed it in this moment.
            if status.links == 0 { return nil }
            let owners = [owner, 0, Rights.effectiveUser]
            guard status.kind == .regular, status.links == 1, owners.contains(status.owner),
                !status.isGroupWritable, !status.isWorldWritable
            else { throw SystemError(SystemError.loop, "open \(path)") }
            return SideFile(path: path, descriptor: file, rights: rights)
        } catch {
            if error.code == SystemError.missing { return nil }
            if error.code == SystemError.loop {
                throw .unsafe("\(path): not a file of the mailbox's owner")
            }
            throw .failed(error)
        }
    }

    private func readHeader() throws(MboxError) -> JournalRecord? {
        let header = try system { () throws(SystemError) in
            try descriptor.read(limit: JournalRecord.headerSize, at: 0)
        }
        guard let record = JournalRecord(header: header) else { return nil }
        return try checksum(record.payload) == record.payloadChecksum ? record : nil
    }

    private func checksum(_ range: Range<Int>) throws(MboxError) -> UInt64? {
        try descriptor.checksum(of: range)
    }

    /// Where the next payload may begin: behind a pending one, which still counts until the new
    /// header stands.
    var payloadStart: Int { pending?.payload.upperBound ?? JournalRecord.headerSize }

    /// Makes the record count: `payload` octets were written from `payloadStart` on.
    mutating func commit(
        _ record: JournalRecord, payload count: Int, checksum: UInt64
    ) throws(MboxError) {
        var record = record
        record.payload = payloadStart..<payloadStart + count
        record.payloadChecksum = checksum
        let isFollowing = pending != nil
        try system { () throws(SystemError) in
            // Nobody knows how far the maker of the name came.
            try path.parent.syncDirectory()
            // The header takes the place of the pending one: only when all it names is there.
            if isFollowing { try descriptor.syncData() }
            try descriptor.write(record.encoded(), at: 0)
            try descriptor.syncData()
        }
        pending = record
    }

    /// Writes a part of the payload, `offset` octets behind its start.
    func write(_ bytes: [UInt8], at offset: Int) throws(MboxError) {
        try system { () throws(SystemError) in
            try descriptor.write(bytes, at: payloadStart + offset)
        }
    }

    /// Takes back what was written for a record that does not come.
    mutating func abandon() {
        guard let pending else { return unlink() }
        // What the new record names stays, too: after a power cut its header may be there.
        do throws(SystemError) { try descriptor.write(pending.encoded(), at: 0) } catch {
            // Then the new header stands, and what it names was written before it.
        }
    }

    /// Removes the file: nothing is pending any more.
    ///
    /// `durably` when a record that comes back after a power cut could do harm: it is made void
    /// first, so that what comes back says nothing.
    mutating func remove(durably: Bool) throws(MboxError) {
        if durably {
            try system { () throws(SystemError) in
                try void()
                try descriptor.syncData()
            }
        }
        pending = nil
        unlink()
    }

    private func void() throws(SystemError) {
        try descriptor.write([UInt8](repeating: 0, count: JournalRecord.headerSize), at: 0)
    }

    private func unlink() {
        do throws(SystemError) {
            let path = path
            _ = try rights.perform { () throws(SystemError) in try path.unlinkIfPresent() }
        } catch {
            // The directory lets nobody remove it: a file that says nothing stays.
            do throws(SystemError) { try void() } catch {
                // Then the next opener finds the change complete.
            }
        }
    }
}

extension FileDescriptor {
    /// The checksum of a part of the file; nil when the file ends before it.
    func checksum(of range: Range<Int>) throws(MboxError) -> UInt64? {
        var checksum = Checksum()
        var offset = range.lowerBound
        while offset < range.upperBound {
            let start = offset
            let part = try system { () throws(SystemError) in
                try read(limit: min(SideFile.chunk, range.upperBound - start), at: start)
            }
            if part.isEmpty { return nil }
            checksum.update(part)
            offset += part.count
        }
        return checksum.value
    }

    /// The octets of a part of the file, fewer when the file ends in it.
    func bytes(_ range: Range<Int>) throws(MboxError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < range.count {
            let start = range.lowerBound + bytes.count
            let part = try system { () throws(SystemError) in
                try read(limit: range.upperBound - start, at: start)
            }
            if part.isEmpty { break }
            bytes = bytes.isEmpty ? part : bytes + part
        }
        return bytes
    }
}
