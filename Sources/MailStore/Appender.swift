import Bytes
import Maildir
import Posix

/// Adds one or more messages to a folder: all of them, durably, or none.
///
/// Until `commit` no reader sees anything; an appender that goes without it leaves nothing.
package final class Appender {
    package let folder: FolderName
    private let backend: AppendBackend
    private var form = StoredForm()
    private var sizes = MessageSizes()

    init(folder: FolderName, _ backend: AppendBackend) {
        self.folder = folder
        self.backend = backend
    }

    /// Begins the next message; `internalDate` nil is now.
    ///
    /// `.limit` when a keyword is one too many for the folder.
    package func beginMessage(
        flags: Flags = Flags(), internalDate: Int? = nil
    ) throws(StoreError) {
        form = StoredForm()
        sizes = MessageSizes()
        let date = internalDate ?? Clock.now
        switch backend {
        case .maildir(let append): try append.beginMessage(flags: flags, internalDate: date)
        case .mbox(let append): try append.beginMessage(flags: flags, internalDate: date)
        }
    }

    /// Adds octets of the message; lines end in CRLF, pieces may be cut anywhere.
    ///
    /// A bare LF is taken as a line end, a bare CR stays, a NUL becomes 0x80.
    package func write(_ bytes: some Collection<UInt8>) throws(StoreError) {
        try put(form.convert(Array(bytes)))
    }

    /// Ends the message; an empty one is `.limit`.
    package func endMessage() throws(StoreError) {
        try put(form.finish())
        guard sizes.stored > 0 else { throw .limit("a message of no octets") }
        switch backend {
        case .maildir(let append): try append.endMessage()
        case .mbox(let append): try append.endMessage(size: sizes.network)
        }
    }

    /// Makes all ended messages part of the folder and tells their UIDs, in order.
    package func commit() throws(StoreError) -> AppendResult {
        switch backend {
        case .maildir(let append): try append.commit()
        case .mbox(let append): try append.commit()
        }
    }

    /// Removes what was written; harmless after `commit`.
    package func abandon() {
        switch backend {
        case .maildir(let append): append.abandon()
        case .mbox(let append): append.abandon()
        }
    }

    /// Adds a copy of a message: as a second name for its file where both are Maildirs.
    func add(_ uid: UInt32, of mailbox: Mailbox) throws(StoreError) {
        if case .maildir(let append) = backend, case .maildir(let source) = mailbox.backend,
            try append.link(uid, of: source)
        {
            return
        }
        let content = try mailbox.content(of: uid)
        try beginMessage(
            flags: mailbox.flags(of: uid) ?? Flags(),
            internalDate: try mailbox.internalDate(of: uid))
        var place = 0
        while true {
            let part = try content.read(at: place, count: Self.pieceSize)
            if part.isEmpty { break }
            try write(part)
            place += part.count
        }
        try endMessage()
    }

    private func put(_ bytes: [UInt8]) throws(StoreError) {
        guard !bytes.isEmpty else { return }
        sizes.count(bytes[...])
        switch backend {
        case .maildir(let append): try append.write(bytes)
        case .mbox(let append): try append.write(bytes[...])
        }
    }

    private static let pieceSize = 65536
}

/// What APPEND tells of its result (RFC 4315).
package struct AppendResult: Equatable, Sendable {
    package let uidValidity: UInt32
    package let uids: [UInt32]

    package init(uidValidity: UInt32, uids: [UInt32]) {
        self.uidValidity = uidValidity
        self.uids = uids
    }
}
