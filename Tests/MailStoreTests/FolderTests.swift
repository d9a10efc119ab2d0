import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore

/// Folder operations, which both layouts do alike but for the separator.
@Suite struct FolderTests {
    enum Layout: CaseIterable { case maildir, mbox }

    struct Home {
        let directory: TemporaryDirectory
        let store: MailStore
        let separator: String

        init(_ layout: Layout) throws {
            directory = try TemporaryDirectory()
            let path = directory.path
            switch layout {
            case .maildir:
                store = MailStore(MailLocation(format: .maildir, root: path / "Maildir"))
                separator = "."
            case .mbox:
                store = MailStore(
                    MailLocation(format: .mbox, root: path / "mail", inbox: path / "spool"))
                separator = "/"
            }
        }

        func name(_ text: String) -> FolderName {
            FolderName(text.replacing("/", with: separator))
        }

        /// Each folder, with `-` in front of a mere level and `+` behind one that has children.
        func listing() throws -> [String] {
            try store.folders().map { entry in
                (entry.isSelectable ? "" : "-")
                    + String(latin1: entry.name.bytes).replacing(separator, with: "/")
                    + (entry.hasChildren ? "+" : "")
            }
        }
    }

    @Test(arguments: Layout.allCases)
    func createsListsAndDeletes(_ layout: Layout) throws {
        let home = try Home(layout)
        #expect(try home.listing() == ["INBOX"])
        try home.store.create(home.name("Work/Old"))
        try home.store.create(home.name("Sent Items"))
        try home.store.create(home.name("&AOk-t&AOk-"))
        #expect(try home.listing() == ["INBOX", "&AOk-t&AOk-", "Sent Items", "-Work+", "Work/Old"])
        #expect(throws: StoreError.exists) { try home.store.create(home.name("Sent Items")) }
        #expect(throws: StoreError.exists) { try home.store.create(FolderName("inbox")) }
        #expect(throws: StoreError.missing) { try home.store.delete(home.name("None")) }
        #expect(throws: StoreError.self) { try home.store.delete(.inbox) }
        try home.store.delete(home.name("Work/Old"))
        try home.store.delete(home.name("Sent Items"))
        #expect(try home.listing().contains("Sent Items") == false)
        #expect(throws: StoreError.missing) {
            try home.store.open(home.name("Sent Items"), .readWrite)
        }
    }

    @Test(arguments: Layout.allCases)
    func renamesAFolderWithItsChildren(_ layout: Layout) throws {
        let home = try Home(layout)
        try home.store.create(home.name("A/B/C"))
        try home.store.create(home.name("A/D"))
        try home.store.create(home.name("Other"))
        try home.store.rename(home.name("A"), to: home.name("X/Y"))
        #expect(
            try home.listing() == [
                "INBOX", "Other", "-X+", "-X/Y+", "-X/Y/B+", "X/Y/B/C", "X/Y/D",
            ])
        #expect(throws: StoreError.exists) {
            try home.store.rename(home.name("X/Y/D"), to: home.name("Other"))
        }
        #expect(throws: StoreError.missing) {
            try home.store.rename(home.name("None"), to: home.name("New"))
        }
        #expect(throws: StoreError.self) {
            try home.store.rename(home.name("X"), to: home.name("X/Z"))
        }
        #expect(throws: StoreError.exists) {
            try home.store.rename(home.name("Other"), to: .inbox)
        }
    }

    @Test(arguments: Layout.allCases)
    func namesDoNotLeadOutOfTheRoot(_ layout: Layout) throws {
        let home = try Home(layout)
        try home.directory.file("outside", "")
        for text in ["../outside", "a/../../outside", "..", "&AC4ALg-/x", "/etc/x", "~/x", ""] {
            let name = FolderName(text)
            #expect(throws: StoreError.self) { try home.store.create(name) }
            #expect(throws: StoreError.self) { try home.store.open(name, .readWrite) }
            #expect(throws: StoreError.self) { try home.store.delete(name) }
            #expect(throws: StoreError.self) { try home.store.status(of: name) }
            #expect(throws: StoreError.self) { try home.store.subscribe(name) }
            #expect(throws: StoreError.self) { try home.store.append(to: name) }
            #expect(throws: StoreError.self) { try home.store.rename(.inbox, to: name) }
        }
        #expect(try home.directory.path.list().count <= 3)
    }

    @Test(arguments: Layout.allCases)
    func linksOutOfTheRootAreNoFolders(_ layout: Layout) throws {
        let home = try Home(layout)
        try home.store.create(home.name("Real"))
        let outside = home.directory.path / "outside"
        for part in ["cur", "new", "tmp"] { try (outside / part).makeDirectories() }
        try home.directory.file("outside/box", "From a@b  Sat Nov 21 09:00:00 2026\n\nx\n")
        let root = home.store.location.root
        try (root / ".Link").makeSymbolicLink(to: outside)
        try (root / "Link").makeSymbolicLink(to: outside)
        try (root / "File").makeSymbolicLink(to: outside / "box")
        #expect(try home.listing() == ["INBOX", "Real"])
        for name in ["Link", "Link/box", "File"] {
            #expect(throws: StoreError.self) { try home.store.open(home.name(name), .readWrite) }
            #expect(throws: StoreError.self) { try home.store.delete(home.name(name)) }
            #expect(throws: StoreError.self) { try home.store.append(to: home.name(name)) }
        }
        if layout == .mbox {
            #expect(throws: StoreError.self) { try home.store.create(home.name("Link/new")) }
        }
        #expect(try outside.list().count == 4)
    }

    @Test(arguments: Layout.allCases)
    func subscriptionsNeedNoFolder(_ layout: Layout) throws {
        let home = try Home(layout)
        #expect(try home.store.subscriptions().isEmpty)
        try home.store.subscribe(home.name("A/B"))
        try home.store.subscribe(.inbox)
        try home.store.subscribe(home.name("A/B"))
        #expect(try home.store.subscriptions() == [home.name("A/B"), .inbox])
        try home.store.unsubscribe(home.name("A/B"))
        try home.store.unsubscribe(home.name("None"))
        #expect(try home.store.subscriptions() == [.inbox])
        #expect(try home.listing() == ["INBOX"])
    }

    @Test func aFolderMadeAgainHasAGreaterUIDValidity() throws {
        let home = try Home(.maildir)
        var last: UInt32 = 0
        for _ in 0..<3 {
            try home.store.create(home.name("A"))
            let box = try home.store.open(home.name("A"), .readWrite)
            #expect(box.uidValidity > last)
            last = box.uidValidity
            try home.store.delete(home.name("A"))
        }
    }

    @Test func renamingInboxMovesItsMessages() throws {
        let mail = try MaildirFixture()
        try mail.put("cur/1.a:2,S", "one\n")
        try mail.put("new/2.b", "two\n")
        try mail.store.create(FolderName("Child"))
        let before = try mail.store.status(of: .inbox)
        try mail.store.rename(.inbox, to: FolderName("Old"))
        let old = try mail.store.open(FolderName("Old"), .readWrite)
        #expect(old.messages.map(\.flags.system) == [.seen, []])
        #expect(try old.text(2) == "two\r\n")
        let after = try mail.store.status(of: .inbox)
        #expect(after.messages == 0 && after.uidNext == before.uidNext)
        #expect(after.uidValidity == before.uidValidity)
        #expect(throws: StoreError.exists) {
            try mail.store.rename(.inbox, to: FolderName("Child"))
        }
    }

    @Test func deletingKeepsTheChildren() throws {
        let home = try Home(.maildir)
        try home.store.create(home.name("A"))
        try home.store.create(home.name("A/B"))
        try home.store.delete(home.name("A"))
        #expect(try home.listing() == ["INBOX", "-A+", "A/B"])
        let mbox = try Home(.mbox)
        try mbox.store.create(mbox.name("A/B"))
        #expect(throws: StoreError.hasChildren) { try mbox.store.delete(mbox.name("A")) }
        #expect(throws: StoreError.self) { try mbox.store.create(mbox.name("A/B/C")) }
    }

    @Test func whatIsLeftOfADeletionIsNoFolder() throws {
        let home = try Home(.maildir)
        try home.store.create(home.name("A"))
        try home.store.create(home.name("B"))
        let root = home.store.location.root
        try (root / ".A").rename(to: root / "..DELETED-1")
        #expect(try home.listing() == ["INBOX", "B"])
        try home.store.delete(home.name("B"))
        #expect(try root.list().contains("..DELETED-1") == false)
    }

    @Test func anUnfinishedFolderIsFinishedByCreate() throws {
        let home = try Home(.maildir)
        try home.store.create(home.name("A"))
        let root = home.store.location.root
        try (root / ".A" / "cur").removeDirectory()
        #expect(try home.listing() == ["INBOX"])
        try home.store.create(home.name("A"))
        #expect(try home.listing() == ["INBOX", "A"])
    }
}
