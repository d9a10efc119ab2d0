import Bytes
import MailStore
import Posix
import Wire

/// IDLE (RFC 2177): changes are told as they come, until the client says DONE.
extension IMAPSession {
    /// Octets of the line that ends IDLE.
    private static let doneLimit = 1000

    func idle() throws(Interruption) -> Completion {
        try write([UInt8]("+ idling\r\n"))
        try flush()
        let end = Deadline.after(seconds: limits.idleTime)
        var keepAlive = Deadline.after(seconds: limits.keepAlive)
        stream.deadline = end
        while !stream.hasBufferedInput {
            try tellChanges(.allowed)
            if keepAlive.hasPassed {
                try untagged("OK Still here")
                keepAlive = .after(seconds: limits.keepAlive)
            }
            try flush()
            if try waitForEvent(until: min(end, keepAlive)) { break }
            if end.hasPassed { throw .wire(.timedOut) }
        }
        let line: Line
        do throws(WireError) { line = try stream.readLine(limit: Self.doneLimit) } catch {
            throw .wire(error)
        }
        guard line.ending != .none else { throw .bye("Cannot tell commands from data any more") }
        guard line.bytes.equalsIgnoringCase("DONE") else { return .bad("expected DONE") }
        try tellChanges(.allowed)
        return .ok("IDLE completed")
    }

    /// Waits for the client, the mailbox or the time; true when the client has something to say.
    private func waitForEvent(until deadline: Deadline) throws(Interruption) -> Bool {
        var waits: [(descriptor: Int32, interest: Readiness)] = [
            (stream.inputDescriptor, .readable)
        ]
        var deadline = deadline
        var watched: Mailbox?
        if case .selected(let mailbox) = state {
            if let descriptor = mailbox.changeDescriptor {
                waits.append((descriptor, .readable))
                watched = mailbox
            } else {
                deadline = min(deadline, .after(seconds: limits.checkInterval))
            }
        }
        let ready: [Readiness]
        do throws(SystemError) { ready = try poll(waits, until: deadline) } catch {
            throw .wire(.failed(error))
        }
        if let watched, ready.count > 1, !ready[1].isEmpty { watched.acknowledgeChanges() }
        return !ready[0].isEmpty
    }
}
