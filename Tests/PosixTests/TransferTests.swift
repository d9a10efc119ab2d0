import Posix
import TestSupport
import Testing

@Suite struct TransferTests {
    @Test func copiesAPartOfAFile() throws {
        let directory = try TemporaryDirectory()
        let source = try FileDescriptor.open(directory.file("source", "0123456789"))
        let target = try FileDescriptor.open(
            directory.path / "target", .readWrite, [.create, .append])
        try target.copy(from: source, at: 3, count: 4)
        #expect(try directory.content("target") == Array("3456".utf8))
    }

    @Test func refusesACopyThatIsNotWhole() throws {
        let directory = try TemporaryDirectory()
        let source = try FileDescriptor.open(directory.file("source", "0123"))
        let target = try FileDescriptor.open(directory.path / "target", .readWrite, .create)
        #expect(throws: SystemError.self) { try target.copy(from: source, at: 0, count: 5) }
    }

    @Test func refusesToReadMoreThanItsLimit() throws {
        let directory = try TemporaryDirectory()
        let file = try FileDescriptor.open(directory.file("file", "0123456789"))
        #expect(throws: SystemError(SystemError.tooLarge, "read")) { try file.readAll(limit: 9) }
    }
}
