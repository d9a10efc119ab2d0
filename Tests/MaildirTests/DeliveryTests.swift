import Bytes
import Maildir
import Posix
import TestSupport
import Testing

@Suite struct DeliveryTests {
    let directory: TemporaryDirectory
    let path: Path

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path / "Maildir"
    }

    private func names(_ part: Path) throws -> [String] {
        try (path / part).list().map(\.description).sorted()
    }

    @Test func deliversPrefixAndPartOfAFile() throws {
        let maildir = try Maildir.openOrCreate(path)
        let source = try FileDescriptor.open(directory.file("source", "xxSubject: a\n\nb\nyy"))
        var names = UniqueNames(host: "host")
        let file = try maildir.deliver(
            prefix: Array("Return-Path: <>\n"), content: source, at: 2, count: 14, names: &names)
        let whole = "Return-Path: <>\nSubject: a\n\nb\n"
        #expect(try directory.content("Maildir/\(file)") == Array(whole))
        let name = MaildirName(file.name.bytes)
        #expect(name.storedSize == whole.utf8.count)
        #expect(name.networkSize == whole.utf8.count + 4)
        #expect(try self.names("tmp").isEmpty)
        #expect(try self.names("new") == ["\(file.name)"])
        #expect(try (path / file).status().mode == 0o600)
    }

    @Test func leavesNothingWhenTheSourceIsTooShort() throws {
        let maildir = try Maildir.openOrCreate(path)
        let source = try FileDescriptor.open(directory.file("source", "short"))
        var names = UniqueNames()
        #expect(throws: SystemError.self) {
            try maildir.deliver(prefix: [], content: source, at: 0, count: 6, names: &names)
        }
        #expect(try self.names("tmp").isEmpty)
        #expect(try self.names("new").isEmpty)
    }

    @Test func makesWhatIsMissingWithRightsForTheOwnerOnly() throws {
        try path.makeDirectory()
        _ = try Maildir.openOrCreate(path)
        #expect(try names(".") == ["cur", "new", "tmp"])
        for part in ["cur", "new", "tmp"] {
            #expect(try (path / part).status().mode & 0o077 == 0)
        }
    }

    @Test(arguments: ["new", "cur", "tmp"])
    func doesNotFollowALinkInThePlaceOfAPart(_ part: String) throws {
        _ = try Maildir.openOrCreate(path)
        let elsewhere = directory.path / "elsewhere"
        try elsewhere.makeDirectory()
        try (path / part).removeDirectory()
        try (path / part).makeSymbolicLink(to: elsewhere)
        #expect(throws: SystemError.self) { _ = try Maildir.openOrCreate(path) }
        #expect(try elsewhere.list().isEmpty)
    }

    @Test func refusesAFolderThatIsALinkOutOfTheRoot() throws {
        _ = try Maildir.openOrCreate(path)
        _ = try Maildir.openOrCreate(directory.path / "other")
        try (path / ".Sent").makeSymbolicLink(to: "../other")
        _ = try Maildir.openOrCreate(path / ".Real")
        let root = try FileDescriptor.open(path, .readOnly, .directory)
        _ = try Maildir.open(".Real", beneath: root, path: path)
        #expect(throws: SystemError.self) {
            _ = try Maildir.open(".Sent", beneath: root, path: path)
        }
        #expect(throws: SystemError.self) {
            _ = try Maildir.open("../other", beneath: root, path: path)
        }
    }

    @Test func neverReplacesAMessage() throws {
        let maildir = try Maildir.openOrCreate(path)
        try directory.file("Maildir/new/taken", "old")
        var names = UniqueNames()
        var draft = try MaildirDraft(in: maildir, names: &names)
        try draft.write(Array("new")[...])
        try draft.finish(arrival: nil)
        var failure: SystemError?
        do throws(SystemError) { try draft.publish(in: maildir.new, as: "taken") } catch {
            failure = error
        }
        #expect(failure?.code == SystemError.exists)
        #expect(try directory.content("Maildir/new/taken") == Array("old"))
    }

    @Test func anAbandonedDraftLeavesNothing() throws {
        let maildir = try Maildir.openOrCreate(path)
        var names = UniqueNames()
        do {
            var draft = try MaildirDraft(in: maildir, names: &names)
            try draft.write(Array("new")[...])
            #expect(try self.names("tmp").count == 1)
        }
        #expect(try self.names("tmp").isEmpty)
    }

    @Test func setsTheArrivalTimeThatItIsGiven() throws {
        let maildir = try Maildir.openOrCreate(path)
        var names = UniqueNames()
        var draft = try MaildirDraft(in: maildir, names: &names)
        try draft.write(Array("a\n")[...])
        try draft.finish(arrival: 1_000_000_000)
        try draft.publish(in: maildir.current, as: "a:2,S")
        #expect(try (path / "cur" / "a:2,S").status().modified.seconds == 1_000_000_000)
    }

    @Test func removesOnlyDraftsThatNobodyTouchedFor36Hours() throws {
        let maildir = try Maildir.openOrCreate(path)
        try directory.file("Maildir/tmp/a", "a")
        let changed = try (path / "tmp" / "a").status().changed.seconds
        #expect(try maildir.removeStaleDrafts(now: changed + 36 * 3600) == 0)
        #expect(try maildir.removeStaleDrafts(now: changed - 10) == 0)
        #expect(try names("tmp") == ["a"])
        #expect(try maildir.removeStaleDrafts(now: changed + 36 * 3600 + 2) == 1)
        #expect(try names("tmp").isEmpty)
    }
}
