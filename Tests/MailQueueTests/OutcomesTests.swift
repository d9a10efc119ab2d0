import Bytes
import Posix
import TestSupport
import Testing

@testable import MailQueue

@Suite struct OutcomesTests {
    static let later = Outcome(
        .deferred, status: "4.4.1", text: "connect to mx[192.0.2.1]:25: (timed\nout) 3:é",
        relay: "none", remoteHost: "mx", diagnostic: "smtp; 450 x")
    static let records: [OutcomeRecord] = [
        .attempt(recipient: 1, at: 1_795_254_065, later), .crashed,
        .attempt(recipient: 0, at: 1_795_254_066, Outcome(.sent, status: "2.0.0", text: "ok")),
        .attempt(
            recipient: 2, at: 5, Outcome(.bounced, status: "5.1.1", text: "no", relay: "local")),
        .notified(recipient: 2), .crashed, .crashed,
    ]

    @Test func `each record is read as it was written`() throws {
        for record in Self.records {
            var cursor = ByteCursor(record.bytes)
            #expect(OutcomeRecord(from: &cursor) == record)
            #expect(cursor.isAtEnd)
        }
    }

    @Test func `the standings are the sum of the records`() {
        let log = Self.records.flatMap(\.bytes)
        let outcomes = Outcomes(log: log, at: 100, recipients: 4)
        #expect(outcomes.standings == [.sent, .pending(Self.later), .notified, .pending(nil)])
        #expect(outcomes.crashes == 2)
        #expect(outcomes.end == 100 + log.count)
        #expect(outcomes.hasPending)
    }

    @Test func `a log cut at any octet is that of the whole records`() {
        let log = Self.records.flatMap(\.bytes)
        var ends = [0]
        for record in Self.records { ends.append((ends.last ?? 0) + record.bytes.count) }
        for length in 0...log.count {
            for tail in [[], [UInt8](repeating: 0, count: 40)] {
                let read = Outcomes(log: Array(log[..<length]) + tail, at: 0, recipients: 4)
                let whole = ends.last { $0 <= length } ?? 0
                #expect(read.end == whole)
                #expect(read == Outcomes(log: Array(log[..<whole]), at: 0, recipients: 4))
            }
        }
    }

    @Test func `a changed octet ends the log before its record`() {
        let log = Self.records.flatMap(\.bytes)
        for place in log.indices {
            var changed = log
            changed[place] ^= 0x01
            #expect(Outcomes(log: changed, at: 0, recipients: 4).end <= place)
        }
    }

    @Test(arguments: ["s9999999999999999999:", "s16385:", "s-1:", "c1:x", "n1:9", "s3:1 2"])
    func `hostile lengths end the log`(_ text: String) {
        let outcomes = Outcomes(log: Array(text.utf8), at: 0, recipients: 1)
        #expect(outcomes == Outcomes(recipients: 1, end: 0))
    }

    @Test func `a recipient that the message does not have ends the log`() {
        let record = OutcomeRecord.notified(recipient: 3).bytes
        #expect(Outcomes(log: record, at: 0, recipients: 3).end == 0)
    }

    @Test func `what a crash tore is cut off before more is written`() throws {
        let directory = try TemporaryDirectory()
        let first = Self.records[0].bytes
        let path = try directory.file("q", "")
        let file = try FileDescriptor.open(path, .readWrite)
        try file.write(first + Self.records[2].bytes.dropLast(3) + [0, 0, 0, 0, 0, 0, 0, 0, 0])
        var outcomes = Outcomes(
            log: try directory.content("q"), at: 0, recipients: 3)
        #expect(outcomes.end == first.count)
        try outcomes.append([Self.records[3]], to: file)
        #expect(try directory.content("q") == first + Self.records[3].bytes)
        #expect(outcomes == Outcomes(log: try directory.content("q"), at: 0, recipients: 3))
    }

    @Test func `marks of crashes are counted without reading the message`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("q", "anything at all\n")
        #expect(try CrashMark.add(to: path) == 1)
        #expect(try CrashMark.add(to: path) == 2)
        #expect(try CrashMark.add(to: path) == 3)
        let file = try FileDescriptor.open(path, .writeOnly, .append)
        try file.write(Self.records[3].bytes)
        #expect(try CrashMark.add(to: path) == 1)
    }

    @Test func `long texts are cut so that a record can be read`() throws {
        let long = String(repeating: "é", count: 5000)
        let outcome = Outcome(
            .deferred, status: long, text: long, relay: long, remoteHost: long, diagnostic: long)
        let record = OutcomeRecord.attempt(recipient: 0, at: 1, outcome)
        let outcomes = Outcomes(log: record.bytes, at: 0, recipients: 1)
        #expect(outcomes.end == record.bytes.count)
    }
}
