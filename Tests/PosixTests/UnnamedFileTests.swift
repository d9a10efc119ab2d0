import Posix
import TestSupport
import Testing

@Suite struct UnnamedFileTests {
    @Test func appearsWholeUnderItsName() throws {
        let directory = try TemporaryDirectory()
        let file = try FileDescriptor.unnamed(in: directory.path)
        try file.write(Array("all".utf8))
        #expect(try directory.path.list().isEmpty)
        try file.link(to: directory.path / "name")
        #expect(try directory.content("name") == Array("all".utf8))
        #expect(throws: SystemError.self) { try file.link(to: directory.path / "name") }
    }

    @Test func reservesWithoutChangingTheSize() throws {
        let directory = try TemporaryDirectory()
        let file = try FileDescriptor.open(
            directory.file("file", "0123"), .readWrite)
        try file.reserve(100_000, at: 4)
        #expect(try file.status().size == 4)
    }
}
