import Bytes
import Posix
import TestSupport

@testable import MailStore

/// A user's Maildir in a directory of its own.
struct MaildirFixture {
    let directory: TemporaryDirectory
    let store: MailStore
    var root: Path { directory.path / "Maildir" }

    init() throws {
        directory = try TemporaryDirectory()
        let root = directory.path / "Maildir"
        for part in ["cur", "new", "tmp"] { try (root / part).makeDirectories() }
        store = MailStore(MailLocation(format: .maildir, root: root))
    }

    /// A message as another program leaves it.
    func put(_ name: String, _ text: String = "Subject: a\n\nbody\n") throws {
        try directory.file("Maildir/\(name)", text)
    }

    func names(_ part: String) throws -> [String] {
        try (root / part).list().map(\.description).sorted()
    }

    func rename(_ name: String, to target: String) throws {
        try (root / name).rename(to: root / target)
    }

    func remove(_ name: String) throws { try (root / name).unlink() }

    func text(_ name: String) throws -> String {
        String(latin1: try directory.content("Maildir/\(name)"))
    }

    /// Adds a message as a client does.
    @discardableResult
    func append(
        _ text: String = "Subject: a\r\n\r\nbody\r\n", to folder: FolderName = .inbox,
        flags: Flags = Flags(), date: Int? = nil
    ) throws -> AppendResult {
        let appender = try store.append(to: folder)
        try appender.beginMessage(flags: flags, internalDate: date)
        try appender.write(Array(text.utf8))
        try appender.endMessage()
        return try appender.commit()
    }
}

extension Mailbox {
    var uids: [UInt32] { messages.map(\.uid) }

    func text(_ uid: UInt32) throws -> String {
        String(latin1: try content(of: uid).whole(limit: 1 << 20))
    }
}
