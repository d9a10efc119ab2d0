import Posix
import TestSupport
import Testing

@Suite struct NewNameTests {
    private func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        _ = try directory.file("old", "letter")
        return directory
    }

    @Test func endsAMoveThatWasCutOff() throws {
        let directory = try directory()
        let opened = try FileDescriptor.open(directory.path, .readOnly, .directory)
        try (directory.path / "old").link(to: directory.path / "new")
        try opened.rename("old", toNew: opened, "new")
        #expect(try directory.path.list() == ["new"])
        try (directory.path / "new").link(to: directory.path / "newer")
        try (directory.path / "new").rename(toNew: directory.path / "newer")
        #expect(try directory.path.list() == ["newer"])
    }

    @Test func replacesNoOtherFile() throws {
        let directory = try directory()
        let opened = try FileDescriptor.open(directory.path, .readOnly, .directory)
        _ = try directory.file("new", "other")
        #expect(throws: SystemError.self) { try opened.rename("old", toNew: opened, "new") }
        #expect(try directory.content("old") == Array("letter".utf8))
        #expect(try directory.content("new") == Array("other".utf8))
    }

    @Test func removesNoNameThatIsMovedToItself() throws {
        let directory = try directory()
        let opened = try FileDescriptor.open(directory.path, .readOnly, .directory)
        try (directory.path / "old").link(to: directory.path / "elsewhere")
        #expect(throws: SystemError.self) { try opened.rename("old", toNew: opened, "old") }
        #expect(throws: SystemError.self) {
            try (directory.path / "old").rename(toNew: directory.path / "old")
        }
        #expect(try directory.content("old") == Array("letter".utf8))
    }
}
