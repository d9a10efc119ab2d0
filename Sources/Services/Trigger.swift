import Bytes
package import Posix

/// A wake-up call to a service: one octet on a connection that is closed at once.
///
/// `pickup` and `qmgr` look for work when one comes; a call that is lost costs a delay, never mail.
package enum Trigger {
    /// The octet that asks a service to look for work.
    package static let wakeUp: UInt8 = UInt8(ascii: "W")

    /// Calls the service that listens at `path`, and says whether it was reached.
    @discardableResult
    package static func send(_ request: [UInt8] = [wakeUp], to path: Path) -> Bool {
        do throws(SystemError) {
            let deadline = Deadline.after(seconds: 1)
            let socket = try Socket.connect(to: .local(path), deadline: deadline)
            try socket.send(request, until: deadline)
            return true
        } catch { return false }
    }

    /// Every call that waits at the listener, as the octets that came.
    ///
    /// A caller that connects and sends nothing is not waited for longer than `patience`.
    package static func receive(at listener: Int32, patience: Int = 1000) -> [[UInt8]] {
        var calls: [[UInt8]] = []
        // At most this many a time: a flood of calls must not keep the service from its work.
        while calls.count < 100 {
            do throws(SystemError) {
                guard let connection = try Socket.accept(listenerNumber: listener) else { break }
                let deadline = Deadline.after(milliseconds: patience)
                guard try connection.wait(for: .readable, until: deadline) else { continue }
                calls.append(try connection.read(limit: 1024))
            } catch { break }
        }
        return calls
    }
}
