import Bytes
import IMAPGrammar
import MailStore
import Message
import Posix
import Wire

/// APPEND (RFC 3501 section 6.3.11, RFC 4315): the message goes to the store as it comes.
extension IMAPSession {
    /// Octets of the message that are read at once.
    private static let block = 65_536
    /// A message that is not wanted is read all the same when the client sends it unasked; beyond
    /// this the connection is closed.
    private static let swallowLimit = 64 << 20

    func append(
        _ command: AppendCommand, _ literal: CommandReader.MessageLiteral
    ) throws(Interruption) -> Completion {
        let appender: Appender
        do throws(Interruption) {
            appender = try beginAppend(command, size: literal.count)
        } catch {
            try decline(literal)
            throw error
        }
        defer { appender.abandon() }
        if literal.isSynchronizing { try waitFor { () throws(WireError) in try reader.proceed() } }
        let failure = try receive(literal.count, into: appender)
        try endOfCommand()
        if let failure { throw failure.appending }
        let result = try storing { () throws(StoreError) in
            try appender.endMessage()
            return try appender.commit()
        }
        try tellChanges(.allowed)
        let uids = SequenceSet.text(of: result.uids)
        return .ok(code: "APPENDUID \(result.uidValidity) \(uids)", "APPEND completed")
    }

    private func beginAppend(
        _ command: AppendCommand, size: Int
    ) throws(Interruption) -> Appender {
        guard size <= limits.appendSize else {
            throw .refused(
                .no(code: "TOOBIG", "Message is larger than \(limits.appendSize) octets"))
        }
        let name = try folder(command.mailbox)
        do throws(StoreError) {
            let appender = try store.append(to: name)
            do throws(StoreError) {
                try appender.beginMessage(
                    flags: FlagText.flags(command.flags),
                    internalDate: command.date?.secondsSince1970)
            } catch {
                appender.abandon()
                throw error
            }
            return appender
        } catch {
            note(error)
            throw error.appending
        }
    }

    /// Reads past a message that is not wanted.
    private func decline(_ literal: CommandReader.MessageLiteral) throws(Interruption) {
        guard !literal.isSynchronizing else { return }
        guard literal.count <= Self.swallowLimit else {
            throw .bye("[TOOBIG] Message is too large")
        }
        _ = try receive(literal.count, into: nil)
        try endOfCommand()
    }

    /// Takes the literal; when the store fails the rest is read all the same.
    private func receive(_ count: Int, into appender: Appender?) throws(Interruption) -> StoreError?
    {
        var left = count
        var failure: StoreError?
        while left > 0 {
            // Each block has its time: a slow line is no silent one.
            stream.deadline = .after(seconds: limits.idleTime)
            var octets: [UInt8] = []
            try waitFor { () throws(WireError) in
                octets = try stream.read(limit: min(left, Self.block))
            }
            left -= octets.count
            guard failure == nil, let appender else { continue }
            do throws(StoreError) { try appender.write(octets) } catch {
                note(error)
                failure = error
            }
        }
        return failure
    }

    /// What follows the literal must be the end of the command.
    private func endOfCommand() throws(Interruption) {
        var line = Line(bytes: [], ending: .none)
        try waitFor { () throws(WireError) in line = try stream.readLine(limit: 1000) }
        guard line.ending != .none else { throw .bye("Cannot tell commands from data any more") }
        guard line.bytes.isEmpty else { throw .refused(.bad("unexpected text behind the message")) }
    }

    private func waitFor(_ body: () throws(WireError) -> Void) throws(Interruption) {
        do throws(WireError) { try body() } catch { throw .wire(error) }
    }
}

extension StoreError {
    /// A missing folder is one that the client may create (RFC 3501 section 7.1).
    var appending: Interruption {
        self == .missing ? .refused(.no(code: "TRYCREATE", "No such mailbox")) : interruption
    }
}
