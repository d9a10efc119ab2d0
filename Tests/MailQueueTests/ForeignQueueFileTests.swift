import Bytes
import Posix
import TestSupport
import Testing

@testable import MailQueue

@Suite struct ForeignQueueFileTests {
    /// The first record of a queue file of Postfix 3.7, and the beginning of the next.
    static let postfix = Array(
        ("C_            6410             685               1               0"
            + "            6410               0T\u{11}1795254065 000007").utf8)

    @Test(arguments: [
        (postfix, true), (Array(postfix.prefix(60)), true),
        (Array("CO            6410             685               1               0".utf8), true),
        ([], false), (Array("C".utf8), false), (Array("C_  1".utf8), false),
        (Array("C_            x410             685".utf8), false),
        (Array("C\u{0}            6410             685".utf8), false),
        (Array("mq1 0000000214 000000000000345 0000000000".utf8), false),
    ])
    func `tells Postfix's files by their first record`(start: [UInt8], isForeign: Bool) {
        #expect(ForeignQueueFile.isPostfix(start) == isForeign)
    }

    @Test func `what is no regular file is nobody's`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path / "0A1B2C3D"
        #expect(try !ForeignQueueFile.lies(at: path))
        try path.makeDirectory(mode: 0o700)
        #expect(try !ForeignQueueFile.lies(at: path))
    }

    @Test func `keeps its name when others are put right`() throws {
        let directory = try TemporaryDirectory()
        let start = directory.path
        try QueueDirectories.create(at: start, owner: nil, dropGroup: nil)
        let path = start / QueueDirectory.deferred.file(try #require(QueueID("0A1B21")))
        try FileDescriptor.open(path, .readWrite, .exclusive, mode: 0o700).write(Self.postfix)
        #expect(try ForeignQueueFile.lies(at: path))
    }
}
