import Glibc

/// Waiting for descriptors.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: Int16
    package init(rawValue: Int16) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: Int16(POLLIN))
    package static let writable = Readiness(rawValue: Int16(POLLOUT))
    /// The other side closed, or the descriptor failed: a read will say which.
    package static let ended = Readiness(
        rawValue: Int16(POLLHUP) | Int16(POLLERR) | Int16(POLLNVAL))
}

/// Waits until one of the descriptors is ready as asked, a signal comes or the deadline passes, and
/// yields what each is ready for; all empty when none is.
package func poll(
    _ waits: [(descriptor: Int32, interest: Readiness)], until deadline: Deadline
) throws(SystemError) -> [Readiness] {
    var entries = waits.map { pollfd(fd: $0.descriptor, events: $0.interest.rawValue, revents: 0) }
    let milliseconds = deadline == .never ? -1 : Int32(deadline.remaining)
    let ready = unsafe entries.withUnsafeMutableBufferPointer {
        unsafe pollCall($0.baseAddress, UInt($0.count), milliseconds)
    }
    if ready < 0, ready != -EINTR { throw SystemError(-ready, "poll") }
    return entries.map { ready > 0 ? Readiness(rawValue: $0.revents) : [] }
}

extension FileDescriptor {
    /// Waits until the descriptor is ready or the deadline passes; false in that case.
    package func wait(for interest: Readiness, until deadline: Deadline) throws(SystemError) -> Bool
    {
        while true {
            if try !poll([(number, interest)], until: deadline)[0].isEmpty { return true }
            if deadline.hasPassed { return false }
        }
    }
}

@inline(never) private func pollCall(
    _ entries: UnsafeMutablePointer<pollfd>?, _ count: UInt, _ milliseconds: Int32
) -> Int32 { outcome(unsafe Glibc.poll(entries, count, milliseconds)) }
