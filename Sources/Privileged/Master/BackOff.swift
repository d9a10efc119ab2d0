import Posix

/// How long a service waits before its next process after one that failed at once.
///
/// Doubles from one second to a minute, so that a broken program neither spins nor stays away.
struct BackOff {
    private static let first = 1
    /// Postfix's `service_throttle_time`.
    private static let last = 60

    private var seconds = 0
    private(set) var until: Deadline?

    /// A process ended without ever having been free for work.
    mutating func failed(now: Int) {
        seconds = seconds == 0 ? Self.first : min(seconds * 2, Self.last)
        until = Deadline(milliseconds: now + seconds * 1000)
    }

    /// A process came up.
    mutating func worked() {
        seconds = 0
        until = nil
    }

    func isOver(now: Int) -> Bool { until.map { $0.milliseconds <= now } ?? true }
}
