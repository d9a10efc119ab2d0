import LocalSubmission
import Posix
import TestSupport
import Testing

private let whole: [MaildropRecord] = [
    .sender(Array("stagiaire".utf8)), .fullName(Array("A. Stagiaire".utf8)),
    .attribute("encoding", Array("8bit".utf8)), .recipient(Array("alice".utf8)),
    .recipient(Array("bob@example.org".utf8)), .content(Array("Subject: x\n\n".utf8)),
    .content([0, 255, 10]), .end,
]

/// The records that a file with these octets yields, or why it yields none.
private func records(_ octets: some Collection<UInt8>) throws -> [MaildropRecord] {
    let directory = try TemporaryDirectory()
    let path = try directory.file("submission", "")
    try FileDescriptor.open(path, .writeOnly).write(Array(octets))
    var reader = MaildropReader(try FileDescriptor.open(path))
    var found: [MaildropRecord] = []
    while let record = try reader.next() { found.append(record) }
    return found
}

@Suite struct MaildropRecordTests {
    @Test func recordsSurviveTheFile() throws {
        #expect(try records(whole.flatMap(\.octets)) == whole)
    }

    @Test func aSubmissionCutAnywhereIsNeverComplete() throws {
        let octets = whole.flatMap(\.octets)
        for end in octets.indices {
            var check = SubmissionCheck()
            if let found = try? records(octets[..<end]) {
                for record in found { try check.take(record) }
            }
            #expect(!check.isComplete)
        }
    }

    static let malformed: [[UInt8]] = [
        Array("Z".utf8) + [0, 0, 0, 0], Array("S".utf8) + [255, 255, 255, 255],
        Array("S".utf8) + [0, 0, 16, 1] + [UInt8](repeating: 65, count: 4097),
        Array("E".utf8) + [0, 0, 0, 1, 0], Array("A".utf8) + [0, 0, 0, 1, 65], [0],
    ]

    @Test(arguments: malformed)
    func refusesOctetsThatAreNoRecord(_ octets: [UInt8]) {
        #expect(throws: MaildropReader.Fault.malformed) { try records(octets) }
    }

    static let disorder: [[MaildropRecord]] = [
        [.recipient([65])], [.content([65])], [.end], [.sender([]), .sender([])],
        [.sender([]), .content([]), .recipient([65])], [.sender([]), .end, .end],
        [.sender([]), .recipient([])], [.sender(Array("a\nb".utf8))],
        [.sender([]), .recipient(Array("a\rb".utf8))], [.sender([]), .recipient([65, 0])],
        [.sender([]), .fullName([10])], [.sender([]), .attribute("client_name", [65])],
        [.sender([]), .attribute("encoding", [10])],
    ]

    @Test(arguments: disorder)
    func refusesWhatAUserMayNotSay(_ records: [MaildropRecord]) {
        var check = SubmissionCheck()
        #expect(throws: SubmissionCheck.Fault.self) {
            for record in records { try check.take(record) }
        }
    }

    @Test func aFileIsCompleteOnlyAfterItsCommit() throws {
        let directory = try TemporaryDirectory()
        do {
            let file = try MaildropFile(in: directory.path)
            try file.write([1])
            let mode = try (directory.path / file.name).status().mode
            #expect(mode == 0o600)
        }
        #expect(try directory.path.list().isEmpty)
        var kept = try MaildropFile(in: directory.path)
        try kept.write([1, 2])
        try kept.commit()
        let status = try (directory.path / kept.name).status()
        #expect(status.mode == 0o744)
        #expect(status.size == 2)
    }
}
