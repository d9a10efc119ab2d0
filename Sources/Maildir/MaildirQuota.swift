import Bytes
package import Posix

/// What a user's Maildirs may hold together and what they hold: the file `maildirsize` in the first of
/// them, which Courier and Dovecot keep as well.
///
/// The sum is as good as the programs that write it: what is wrong in it is found by counting when it
/// says that there is no room, as the others do. Courier does not count the folder Trash and messages
/// marked for deletion; like Dovecot we do, so that removing a message always gives its room back.
package struct MaildirQuota: Sendable {
    static let name: Path = "maildirsize"
    /// Others' file that tells a folder from the Maildir that it belongs to.
    package static let folderMark: Path = "maildirfolder"
    /// A longer file is counted anew, and short again.
    static let sizeLimit = 5120
    /// Seconds for which a count that says "no room" is believed.
    static let trustedSeconds = 15 * 60

    /// The Maildir with the file.
    private let root: Path

    /// The quota of the Maildir at `path`, or of the one that this is a folder of; nil when there is
    /// none.
    package init?(governing path: Path) throws(SystemError) {
        try self.init(in: Self.isFolder(path) ? path.parent : path)
    }

    /// The quota whose file lies in `root`.
    package init?(in root: Path) throws(SystemError) {
        guard try (root / Self.name).statusIfPresent()?.kind == .regular else { return nil }
        self.root = root
    }

    /// Whether the Maildir at `path` is a folder of the Maildir that it lies in.
    static func isFolder(_ path: Path) throws(SystemError) -> Bool {
        if try (path / folderMark).statusIfPresent() != nil { return true }
        let name = path.name.bytes
        guard name.first == .dot, name.count > 1, name[1] != .dot else { return false }
        return try (path.parent / "cur").statusIfPresent()?.kind == .directory
    }

    /// EDQUOT when so much more would be too much.
    package func check(adding octets: Int, messages: Int = 1) throws(SystemError) {
        guard var text = try read() else { return }
        let isExceeded = text.text.isExceeded(octets: octets, messages: messages)
        if text.mustCount || isExceeded && text.mayCount {
            guard let counted = try recount() else { return }
            text.text = counted
        }
        guard text.text.isExceeded(octets: octets, messages: messages) else { return }
        throw SystemError(SystemError.overQuota, "quota of \(root)")
    }

    /// Writes down what was added, or with negative numbers removed.
    ///
    /// The messages are on the disk or gone already: a note that cannot be written is found by the
    /// next count.
    package func note(octets: Int, messages: Int) {
        guard messages != 0 else { return }
        do throws(SystemError) {
            let file = try FileDescriptor.open(
                root / Self.name, .writeOnly, [.append, .nonBlocking])
            try file.write(QuotaText.line(octets: octets, messages: messages))
        } catch {
            // See above.
        }
    }

    /// Counts the messages of all folders and writes the file anew; nil when there is no quota.
    @discardableResult
    func recount() throws(SystemError) -> QuotaText? {
        guard let old = try read() else { return nil }
        var count = QuotaCount()
        // What came or went meanwhile is in no line: counted again, but not for ever. The file stays
        // in any case, for the limits stand nowhere else.
        for _ in 0..<Self.countPasses {
            count = try QuotaCount(root)
            let text = old.text.counted(octets: count.octets, messages: count.messages)
            try replace(with: text, mode: old.status.mode)
            if try count.isUnchanged() { break }
        }
        return QuotaText(
            parsing: old.text.counted(octets: count.octets, messages: count.messages))
    }

    /// Counts anew after a folder has gone with all its messages.
    ///
    /// When that fails the next one who finds no room will count.
    package func forgetFolder() {
        do throws(SystemError) { try recount() } catch {
            // See above.
        }
    }

    private static let countPasses = 3

    private func replace(with text: [UInt8], mode: UInt32) throws(SystemError) {
        var names = UniqueNames()
        let temporary = root / "tmp" / Path(try names.next())
        do throws(SystemError) {
            let file = try FileDescriptor.open(temporary, .writeOnly, .exclusive)
            try file.setMode(mode)
            try file.write(text)
            try file.sync()
            try temporary.rename(to: root / Self.name)
        } catch {
            try temporary.unlinkIfPresent()
            throw error
        }
    }

    // MARK: Reading

    private struct File {
        var text: QuotaText
        let status: FileStatus

        /// What it says cannot be used.
        var mustCount: Bool {
            text.isDamaged || text.entries == 0 || status.size > MaildirQuota.sizeLimit
        }

        /// It may be wrong: it is a sum of changes, or old.
        var mayCount: Bool {
            text.entries > 1
                || Clock.now - status.modified.seconds > MaildirQuota.trustedSeconds
        }
    }

    /// The file; nil when there is none or it sets no limit.
    private func read() throws(SystemError) -> File? {
        do throws(SystemError) {
            let file = try FileDescriptor.open(root / Self.name, .readOnly, .nonBlocking)
            let status = try file.status()
            guard status.kind == .regular else { return nil }
            // A longer one is counted anew; its beginning has the limits.
            let text = try file.read(limit: Self.sizeLimit + 1)
            return QuotaText(parsing: text).map { File(text: $0, status: status) }
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }
}
