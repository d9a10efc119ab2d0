import Bytes
import Mbox
import Posix
import TestSupport
import Testing

private func edit(_ text: String, _ edits: [Edit]) throws -> String {
    let directory = try TemporaryDirectory()
    let path = try directory.file("mbox", text)
    do {
        var mailbox = try LockedMbox.open(path, for: .writing)
        try mailbox.apply(edits)
    }
    // Nothing is pending afterwards, and nothing is left.
    #expect(try directory.path.list() == ["mbox"])
    return String(latin1: try directory.content("mbox"))
}

@Suite struct RewriteTests {
    @Test func replacesInsertsAndRemoves() throws {
        let x = Array("X".utf8)
        let y = Array("YY".utf8)
        #expect(try edit("0123456789", []) == "0123456789")
        #expect(try edit("0123456789", [Edit(2..<3, x), Edit(5..<7, y)]) == "01X34YY789")
        #expect(try edit("0123456789", [Edit(2..<3, x), Edit(5..<6, y)]) == "01X34YY6789")
        #expect(try edit("0123456789", [Edit(0..<3), Edit(5..<5, y), Edit(9..<10)]) == "34YY5678")
        #expect(try edit("0123456789", [Edit(7..<10)]) == "0123456")
        #expect(try edit("0123456789", [Edit(0..<10)]) == "")
        #expect(try edit("", [Edit(0..<0, y)]) == "YY")
        #expect(try edit("0123456789", [Edit(10..<10, x)]) == "0123456789X")
    }

    @Test func movesLongParts() throws {
        let long = String(repeating: "0123456789abcdef", count: 200_000)
        let result = try edit(
            long, [Edit(3..<5), Edit(100..<100, [0x21]), Edit(2_000_000..<2_000_010)])
        let bytes = Array(long.utf8)
        let wanted =
            bytes[..<3] + bytes[5..<100] + [0x21] + bytes[100..<2_000_000]
            + bytes[2_000_010...]
        #expect(Array(result.utf8) == Array(wanted))
    }

    @Test func keepsTheMarkOfNewMail() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", from + "\na\n\n")
        var text = LetterText()
        text.begin(sender: [], date: 0)
        text.write(Array("S: 1\n\nb\n".utf8))
        text.end()
        do {
            var mailbox = try LockedMbox.open(path, for: .writing)
            try mailbox.append(text)
        }
        let status = try path.status()
        #expect(status.accessed < status.modified)
        try path.setTimes(accessed: FileTime(seconds: Clock.now + 5), modified: nil)
        do {
            var mailbox = try LockedMbox.open(path, for: .writing)
            try mailbox.apply([Edit(0..<1, Array("F".utf8))])
        }
        let read = try path.status()
        #expect(read.accessed >= read.modified)
    }

    @Test func partsWhatAnotherWriterHasLeftOpen() throws {
        for (old, gap) in [
            ("", ""), ("x", "\n\n"), ("x\n", "\n"), ("x\n\n", ""),
            (from + "Content-Length: 39\n\n" + from + "last\n", ""),
        ] {
            let directory = try TemporaryDirectory()
            let path = try directory.file("mbox", old)
            var text = LetterText()
            text.put(Array("letter\n\n".utf8))
            do {
                var mailbox = try LockedMbox.open(path, for: .writing)
                try mailbox.append(text)
            }
            #expect(try directory.content("mbox") == Array((old + gap + "letter\n\n").utf8))
        }
    }

    @Test func believesNoJournalOfAnotherFile() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", from + "\na\n\n")
        for size in [0, 1, 15, 100, 511, 512, 600] {
            // Whatever stands in the side file: neither a trap nor a change.
            let noise = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let side = try FileDescriptor.open(path.mboxSideFile, .readWrite, [.create, .truncate])
            try side.write(Array("mbox-journal 1\n".utf8).prefix(size) + noise)
            _ = try LockedMbox.open(path, for: .writing)
            #expect(try directory.content("mbox") == Array((from + "\na\n\n").utf8))
            #expect(try directory.path.list() == ["mbox"])
        }
    }
}
