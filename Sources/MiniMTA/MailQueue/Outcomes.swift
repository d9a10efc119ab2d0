import Bytes
package import Posix

/// What became of a message's recipients so far: the sum of the records that follow the message.
package struct Outcomes: Equatable, Sendable {
    /// Where one recipient stands.
    package enum Standing: Equatable, Sendable {
        /// Not delivered yet; with the last attempt that failed, if there was one.
        case pending(Outcome?)
        case sent
        /// Will not have the message, and the sender has still to be told.
        case bounced(Outcome)
        /// Will not have the message, and the sender knows.
        case notified

        package var isPending: Bool {
            switch self {
            case .pending: true
            case .sent, .bounced, .notified: false
            }
        }
    }

    /// One standing a recipient, in the order of the envelope.
    package private(set) var standings: [Standing]
    /// Starts of qmgr that found the message active, since the last attempt that ended.
    package private(set) var crashes = 0
    /// Where the next record goes: behind the last whole one.
    package private(set) var end: Int

    /// No attempt yet.
    package init(recipients: Int, end: Int) {
        standings = Array(repeating: .pending(nil), count: recipients)
        self.end = end
    }

    /// Reads the records in `log`, which begins at `offset` of the file, up to the first that is not
    /// whole.
    init(log: [UInt8], at offset: Int, recipients: Int) {
        self.init(recipients: recipients, end: offset)
        var cursor = ByteCursor(log)
        while !cursor.isAtEnd {
            guard let record = OutcomeRecord(from: &cursor), apply(record) else { return }
            end = offset + cursor.position
        }
    }

    /// Something is still to be delivered.
    package var hasPending: Bool { standings.contains { $0.isPending } }

    /// The recipients of whom the sender has still to be told.
    package var unnotified: [(recipient: Int, outcome: Outcome)] {
        standings.enumerated().compactMap { index, standing in
            if case .bounced(let outcome) = standing { (index, outcome) } else { nil }
        }
    }

    /// Adds one record; false when it speaks of a recipient that the message does not have.
    @discardableResult
    package mutating func apply(_ record: OutcomeRecord) -> Bool {
        switch record {
        case .crashed: crashes += 1
        case .notified(let recipient):
            guard standings.indices.contains(recipient) else { return false }
            standings[recipient] = .notified
        case .attempt(let recipient, _, let outcome):
            guard standings.indices.contains(recipient) else { return false }
            crashes = 0
            standings[recipient] =
                switch outcome.kind {
                case .sent: .sent
                case .deferred: .pending(outcome)
                case .bounced: .bounced(outcome)
                }
        }
        return true
    }

    /// Writes `records` behind the last whole one and forces them to the disk, all with one sync.
    ///
    /// What a crash has left behind the last whole record is cut off first. After an error nothing
    /// is known to be written, and the standings are as before.
    package mutating func append(
        _ records: [OutcomeRecord], to file: borrowing FileDescriptor
    ) throws(SystemError) {
        guard !records.isEmpty else { return }
        try file.truncate(to: end)
        let bytes = records.flatMap(\.bytes)
        try file.write(bytes, at: end)
        try file.syncData()
        end += bytes.count
        for record in records { apply(record) }
    }
}
