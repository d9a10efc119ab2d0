import Bytes
import Posix
import TestSupport
import Testing

@testable import MailStore
@testable import Mbox

private let from = "From a@b  Sat Nov 21 09:00:00 2026\n"

private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

/// An mbox in a directory of its own and the sessions on it.
private struct Spool {
    let directory: TemporaryDirectory
    var path: Path { directory.path / "mbox" }

    init(_ text: String) throws {
        directory = try TemporaryDirectory()
        try directory.file("mbox", text)
    }

    func folder(_ access: BackendAccess = .readWrite) throws -> MboxFolder {
        try MboxFolder(file: path, access: access, privilegedGroup: nil)
    }

    func text() throws -> String { String(latin1: try directory.content("mbox")) }

    func replace(_ text: String) throws { try directory.file("mbox", text) }

    /// A delivery by another program: added at the end, without a note.
    func deliver(_ text: String) throws {
        let file = try FileDescriptor.open(path, .writeOnly, .append)
        try file.write(octets(from + text + "\n\n"))
    }
}

extension MboxFolder {
    fileprivate func state() throws -> FolderState {
        try #require(
            try refresh()
                ?? { () throws in
                    var again: FolderState?
                    try locked(.reading) { (_, _) throws(StoreError) in }
                    again = FolderState(
                        uidValidity: index?.base.validity ?? 0, uidNext: index?.uidNext ?? 0,
                        keywords: index?.keywords ?? [],
                        messages: index?.entries.map {
                            MessageSummary(uid: $0.uid, flags: index?.flags(of: $0) ?? Flags())
                        } ?? [])
                    return again
                }())
    }

    fileprivate func text(_ uid: UInt32) throws -> String {
        let stored = try content(of: uid)
        var bytes: [UInt8] = []
        for part in stored.parts {
            bytes += try stored.descriptor.read(limit: part.count, at: part.lowerBound)
        }
        return String(latin1: bytes)
    }
}

@Suite struct MboxFolderTests {
    @Test func whatReadingALetterFoundIsToldByTheNextRefresh() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n")
        let folder = try spool.folder()
        _ = try folder.refresh()
        try spool.deliver("S: 2\n\nb")
        // Until the file's times are trusted.
        Process.sleep(milliseconds: 50)
        #expect(try folder.text(1).contains("a\n"))
        #expect(try folder.refresh()?.messages.map(\.uid) == [1, 2])
    }

    @Test func givesUIDsThatStay() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n" + from + "Status: R\nS: 2\n\nb\n\n")
        let first = try spool.folder()
        let state = try first.state()
        #expect(state.messages.map(\.uid) == [1, 2])
        #expect(state.messages.map(\.isRecent) == [true, true])
        #expect(state.messages.map(\.flags.system) == [[], .seen])
        #expect(state.uidNext == 3)
        try spool.deliver("S: 3\n\nc")
        let second = try spool.folder()
        let other = try second.state()
        #expect(other.messages.map(\.uid) == [1, 2, 3])
        #expect(other.messages.map(\.isRecent) == [false, false, true])
        #expect(other.uidValidity == state.uidValidity)
        let seen = try first.state()
        #expect(seen.messages.map(\.uid) == [1, 2, 3])
        #expect(seen.messages.map(\.isRecent) == [true, true, false])
        #expect(try first.text(2) == "S: 2\n\nb\n")
        #expect(try first.size(of: 3) == 6 + 2 + 3)
    }

    @Test func takesTheBaseThatOthersWrote() throws {
        let spool = try Spool(
            from + "X-IMAPbase: 1234 7 work\nX-UID: 5\nX-Keywords: work\nS: 1\n\na\n\n" + from
                + "Status: O\nS: 2\nX-UID: 7\n\nb\n\n")
        let folder = try spool.folder()
        let state = try folder.state()
        #expect(state.uidValidity == 1234 && state.uidNext == 8)
        #expect(state.messages.map(\.uid) == [5, 7])
        #expect(state.keywords == [Keyword(octets("work"))])
        try folder.expunge([7])
        try spool.deliver("S: 3\n\nc")
        #expect(try folder.state().messages.map(\.uid) == [5, 8])
    }

    @Test func changesFlagsInPlace() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n" + from + "S: 2\n\nb\n\n")
        let (one, two) = (try spool.folder(), try spool.folder())
        _ = try one.state()
        _ = try two.state()
        let size = try spool.text().utf8.count
        let flags = Flags([.seen, .flagged], keywords: [Keyword(octets("$Forwarded"))])
        #expect(try one.store(.add(flags), to: [2, 9]).map(\.uid) == [2])
        #expect(try spool.text().utf8.count == size)
        #expect(try two.state().messages.last?.flags == flags)
        #expect(try two.store(.remove(Flags(.flagged)), to: [1, 2]).count == 2)
        #expect(try one.state().messages.last?.flags.system == .seen)
        #expect(try one.state().keywords == [Keyword(octets("$Forwarded"))])
        #expect(try one.text(2) == "S: 2\n\nb\n")
    }

    @Test func keepsEveryKeywordThatFits() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n" + from + "S: 2\n\nb\n\n")
        let folder = try spool.folder()
        _ = try folder.state()
        for number in 0..<30 {
            let keyword = Keyword(octets("a-long-keyword-number-\(number)"))
            try #expect(!folder.store(.add(Flags(keywords: [keyword])), to: [1, 2]).isEmpty)
        }
        #expect(throws: StoreError.limit("more than 30 keywords")) {
            try folder.store(.add(Flags(keywords: [Keyword(octets("x"))])), to: [1])
        }
        let again = try spool.folder().state()
        #expect(again.messages.map(\.flags.keywords.count) == [30, 30])
        #expect(again.messages.map(\.uid) == [1, 2])
    }

    @Test func expungesAndGoesOn() throws {
        let spool = try Spool((1...4).map { from + "S: \($0)\n\n\($0)\n\n" }.joined())
        let folder = try spool.folder()
        let validity = try folder.state().uidValidity
        try folder.expunge([1, 3, 77])
        #expect(try folder.state().messages.map(\.uid) == [2, 4])
        #expect(try folder.text(4) == "S: 4\n\n4\n")
        #expect(throws: StoreError.expunged(3)) { _ = try folder.content(of: 3) }
        try folder.expunge([2, 4])
        #expect(try folder.state().messages.isEmpty)
        #expect(try spool.text().contains("\nX-IMAP: "))
        try spool.deliver("S: 5\n\n5")
        let state = try spool.folder().state()
        #expect(state.messages.map(\.uid) == [5] && state.uidValidity == validity)
        #expect(try !spool.text().contains("X-IMAP: "))
        #expect(try folder.state().messages.map(\.uid) == [5])
    }

    @Test func believesNoForgedNotes() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n" + from + "S: 2\n\nb\n\n")
        let folder = try spool.folder()
        let validity = try folder.state().uidValidity
        try spool.deliver(
            "X-UID: 4294967294\nX-IMAPbase: 1 4294967290 evil\nX-IMAP: 2 3\nContent-Length: 0\nS: 3\n\nc"
        )
        try spool.deliver("X-UID: 2\nx-uid: 9\nS: 4\n\nd")
        let state = try spool.folder().state()
        #expect(state.messages.map(\.uid) == [1, 2, 3, 4])
        #expect(state.uidNext == 5 && state.uidValidity == validity && state.keywords.isEmpty)
        #expect(try folder.state().messages.map(\.uid) == [1, 2, 3, 4])
        #expect(try folder.text(3) == "S: 3\n\nc\n")
    }

    @Test func keepsItsNumbersWhenAnotherProgramRewrites() throws {
        let spool = try Spool((1...3).map { from + "S: \($0)\n\n\($0)\n\n" }.joined())
        let folder = try spool.folder()
        let state = try folder.state()
        // The first letter, which has the base, is deleted, as mailx does it.
        let text = try spool.text()
        let second = try #require(text.dropFirst().range(of: from))
        try spool.replace(String(text[second.lowerBound...]))
        let after = try folder.state()
        #expect(after.messages.map(\.uid) == [2, 3] && after.uidValidity == state.uidValidity)
        #expect(try spool.folder().state().uidValidity == state.uidValidity)
        try spool.replace("something else\n")
        #expect(throws: StoreError.self) { try folder.refresh() }
    }

    @Test func keepsItsNumbersWhenNobodyWasLooking() throws {
        let spool = try Spool((1...3).map { from + "S: \($0)\n\n\($0)\n\n" }.joined())
        let validity = try spool.folder().state().uidValidity
        let text = try spool.text()
        let second = try #require(text.dropFirst().range(of: from))
        // In place, as mailx writes it; the session begins in another second.
        try spool.replace(String(text[second.lowerBound...]))
        while Clock.now == Int(validity) { Process.sleep(milliseconds: 50) }
        try spool.deliver("S: 4\n\n4")
        let state = try spool.folder().state()
        #expect(state.messages.map(\.uid) == [2, 3, 4] && state.uidValidity == validity)
        #expect(try spool.text().contains("X-IMAPbase: \(validity) 0000000004"))
        // The last letter, too: its number is not given again.
        try spool.replace(String(text[second.lowerBound...]))
        try spool.deliver("S: 5\n\n5")
        #expect(try spool.folder().state().messages.map(\.uid) == [2, 3, 5])
    }

    @Test func trustsNoNumbersThatItDidNotGive() throws {
        let spool = try Spool(from + "S: 1\n\n1\n\n")
        let validity = try spool.folder().state().uidValidity
        while Clock.now == Int(validity) { Process.sleep(milliseconds: 50) }
        try spool.replace(from + "X-UID: 9\nS: 9\n\n9\n\n")
        let state = try spool.folder().state()
        #expect(state.uidValidity > validity && state.messages.map(\.uid) == [1])
    }

    @Test func goesOnWhenAnotherSessionNumbersWhatWasEmpty() throws {
        let spool = try Spool("")
        let store = MailStore(
            MailLocation(format: .mbox, root: spool.directory.path / "mail", inbox: spool.path))
        let mailbox = try store.open(.inbox, .readWrite)
        let told = mailbox.uidValidity
        while Clock.now == Int(told) { Process.sleep(milliseconds: 50) }
        let append = try store.append(to: .inbox)
        try append.beginMessage()
        try append.write(octets("S: 1\r\n\r\n1\r\n"))
        try append.endMessage()
        let result = try append.commit()
        #expect(try mailbox.synchronise(mayExpunge: true) == [.appeared(total: 1)])
        #expect(mailbox.uidValidity == result.uidValidity && result.uidValidity > told)
        #expect(mailbox.messages.map(\.uid) == result.uids)
    }

    @Test func tellsWhatRecoveryDid() throws {
        let spool = try Spool(from + "S: 1\n\n1\n\n")
        let before = try spool.path.status()
        // A delivery was cut off: the journal says how it begins, the mailbox has a part of it.
        let head = octets(from + "S: 2\n\nnever to be whole\n\n")
        guard
            var journal = try SideFile.open(
                for: spool.path, owner: before.owner, create: true, .own)
        else {
            Issue.record("no journal could be made")
            return
        }
        let context = Checksum(octets(try spool.text())).value
        let record = JournalRecord(
            kind: .append(checksum: 1), of: before, newSize: before.size + head.count,
            contextChecksum: context)
        try journal.write(head, at: 0)
        try journal.commit(record, payload: head.count, checksum: Checksum(head).value)
        let file = try FileDescriptor.open(spool.path, .writeOnly, .append)
        try file.write(head[..<45])
        var notes: [String] = []
        let store = MailStore(
            MailLocation(format: .mbox, root: spool.directory.path / "mail", inbox: spool.path),
            note: { notes.append($0) })
        let mailbox = try store.open(.inbox, .readWrite)
        #expect(mailbox.messages.map(\.uid) == [1])
        #expect(notes.count == 1)
        #expect(notes.first?.contains("45 octets of an interrupted delivery") == true)
        let names = try spool.directory.path.list().map { String(latin1: $0.bytes) }
        #expect(names.contains { $0.hasPrefix(".mbox.torn.") })
        #expect(!names.contains(".mbox.journal"))
    }

    @Test func endsWhenItWasRenumbered() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n")
        let folder = try spool.folder()
        _ = try folder.state()
        try spool.replace(from + "X-IMAPbase: 77 1\nX-UID: 1\nS: 9\n\nz\n\n")
        #expect(throws: StoreError.replaced) { try folder.refresh() }
    }

    @Test func appendsWhatComesBack() throws {
        let spool = try Spool("")
        let body = "From x\n>From y\n>>From z\n From w\n\nFrom a@b  Sat Nov 21 09:00:00 2026\nend"
        let append = try MboxAppend(file: spool.path, privilegedGroup: nil)
        for number in 1...3 {
            try append.beginMessage(
                flags: Flags(.flagged, keywords: [Keyword(octets("k\(number)"))]),
                internalDate: 1_795_251_600)
            try append.write(octets("X-UID: 99\nS: \(number)\nStatus: D\n\n")[...])
            try append.write(octets(body)[...])
            try append.endMessage(size: 0)
        }
        let result = try append.commit()
        #expect(result.uids == [1, 2, 3])
        let folder = try spool.folder()
        let state = try folder.state()
        #expect(state.messages.map(\.uid) == [1, 2, 3] && state.uidValidity == result.uidValidity)
        #expect(state.messages.map(\.isRecent) == [true, true, true])
        #expect(state.messages.map(\.flags.system) == [.flagged, .flagged, .flagged])
        #expect(state.keywords.count == 3)
        let stored = try folder.content(of: 2)
        let quoted = body.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.drop { $0 == ">" }.hasPrefix("From ") ? ">" + $0 : String($0)
        }.joined(separator: "\n")
        let isQuoted = stored.hasQuotedFromLines
        #expect(isQuoted)
        #expect(try folder.text(2) == "S: 2\n\n" + quoted + "\n")
        #expect(try folder.internalDate(of: 2) == 1_795_251_600)
        #expect(
            try folder.size(of: 2)
                == ("S: 2\n\n" + body + "\n").utf8.count + 2 + body.filter { $0 == "\n" }.count + 1)
        let more = try MboxAppend(file: spool.path, privilegedGroup: nil)
        try more.beginMessage(flags: Flags(), internalDate: 0)
        try more.write(octets("S: 4\n\n4\n")[...])
        #expect(try more.commit().uids == [4])
        #expect(try folder.state().messages.map(\.uid) == [1, 2, 3, 4])
    }

    @Test func letsOnePOP3SessionIn() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n")
        let one = try spool.folder(.maildrop)
        #expect(throws: StoreError.inUse) { try spool.folder(.maildrop) }
        #expect(try one.state().messages.map(\.uid) == [1])
        #expect(try !spool.text().contains("Status: O"))
        #expect(try spool.folder().state().messages.map(\.isRecent) == [true])
        try one.close()
        _ = try spool.folder(.maildrop)
    }

    @Test func changesNothingWhenItOnlyReads() throws {
        let spool = try Spool(from + "S: 1\n\na\n\n" + from + "S: 2\n\nb")
        let before = try spool.text()
        let folder = try spool.folder(.readOnly)
        #expect(try folder.state().messages.map(\.uid) == [1, 2])
        #expect(try folder.text(2) == "S: 2\n\nb")
        #expect(throws: StoreError.readOnly) { try folder.expunge([1]) }
        #expect(try spool.text() == before)
    }

    @Test func sessionsSeeEachOthersWork() throws {
        let spool = try Spool("")
        let (one, two) = (try spool.folder(), try spool.folder())
        var wanted: [UInt32] = []
        for round in 1...12 {
            try spool.deliver("S: \(round)\n\n\(round)")
            wanted.append(UInt32(round))
            #expect(try one.state().messages.map(\.uid) == wanted)
            if round % 3 == 0 {
                try two.expunge([UInt32(round - 1)])
                wanted.removeAll { $0 == round - 1 }
            }
            #expect(try one.store(.add(Flags(.answered)), to: [UInt32(round)]).count == 1)
            #expect(try two.state().messages.map(\.uid) == wanted)
            #expect(try two.state().messages.last?.flags.system == .answered)
        }
        for uid in wanted { #expect(try two.text(uid) == "S: \(uid)\n\n\(uid)\n") }
    }
}

extension StringProtocol {
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
