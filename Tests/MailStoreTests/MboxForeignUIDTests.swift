import Posix
import TestSupport
import Testing

@testable import MailStore

/// Another server gives UIDs in the same mbox, by a count of its own.
@Suite struct MboxForeignUIDTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func letter(_ name: String, second: Int, _ lines: String = "") -> String {
        "From a@b  Sat Nov 21 09:00:0\(second) 2026\nSubject: \(name)\n\(lines)\nbody\n\n"
    }

    private func opened() throws -> MboxFolder {
        try MboxFolder(
            file: directory.path / "box", access: .readWrite, privilegedGroup: nil)
    }

    private func uids(_ backend: MboxFolder) throws -> [UInt32] {
        try #require(try backend.refresh()).messages.map(\.uid)
    }

    private var base: String {
        get throws {
            let text = String(decoding: try directory.content("box"), as: UTF8.self)
            let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("X-IMAP") })
            return line.split(separator: " ").dropFirst().joined(separator: " ")
        }
    }

    /// The validity that the mailbox has been given.
    private func begin(_ backend: MboxFolder) throws -> String {
        try directory.file("box", letter("one", second: 1) + letter("two", second: 2))
        #expect(try uids(backend) == [1, 2])
        return String(try #require(try base.split(separator: " ").first))
    }

    @Test func aUIDOfALetterThatIsGoneIsNotTakenOver() throws {
        let backend = try opened()
        let validity = try begin(backend)
        // The letters and the count with them are gone; the other server has only ever seen one.
        try directory.file(
            "box", letter("new", second: 5, "X-IMAPbase: \(validity) 2\nX-UID: 2\n"))
        #expect(try uids(backend) == [3])
        #expect(try base.hasSuffix(" 0000000003"))
        #expect(try uids(opened()) == [3])
    }

    @Test func inAnEmptyMailboxNeither() throws {
        let backend = try opened()
        let validity = try begin(backend)
        try directory.file("box", "")
        #expect(try uids(backend) == [])
        try directory.file(
            "box", letter("one", second: 1, "X-IMAPbase: \(validity) 1\nX-UID: 1\n"))
        #expect(try uids(backend) == [3])
    }

    @Test func theLettersThatAreThereKeepTheirs() throws {
        let backend = try opened()
        let validity = try begin(backend)
        try directory.file(
            "box",
            letter("two", second: 2, "X-IMAPbase: \(validity) 3\nX-UID: 2\n")
                + letter("three", second: 3, "X-UID: 3\n"))
        #expect(try uids(backend) == [2, 3])
    }

    @Test func theNextUIDIsAboveTheOneNoted() throws {
        let validity = try begin(try opened())
        let file = directory.path / "box"
        let note = try FileDescriptor.open(file, .readWrite)
        guard MboxUIDNote.read(note) != nil else { return }
        // Rewritten in place, as other programs do.
        try note.truncate(to: 0)
        try note.write(
            Array(
                (letter("two", second: 2, "X-IMAPbase: \(validity) 1\nX-UID: 1\n")
                    + letter("three", second: 3)).utf8))
        #expect(try uids(opened()) == [1, 3])
    }

    @Test(arguments: ["4294967295", "4294967294", "99999999999"])
    func aNoteThatLeavesNoRoomIsNone(_ last: String) throws {
        let validity = try begin(try opened())
        let file = try FileDescriptor.open(directory.path / "box", .readWrite)
        guard MboxUIDNote.read(file) != nil else { return }
        try file.setAttribute("user.malleposte.uids", to: Array("\(validity) \(last)".utf8))
        #expect(MboxUIDNote.read(file) == nil)
        try file.write(Array(letter("three", second: 3).utf8), at: try file.status().size)
        #expect(try uids(opened()) == [1, 2, 3])
    }
}
