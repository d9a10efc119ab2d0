import MailQueue

/// When a message is tried again, and what becomes of it after an attempt at each recipient.
struct Retry: Equatable {
    /// What to do with a message of which no delivery runs any more.
    enum Verdict: Equatable {
        /// Nobody waits for it any more.
        case remove
        /// The sender must be told first.
        case notify
        /// Not before this second since 1970.
        case deferUntil(Int)
    }

    let minimalBackoff: Int
    let maximalBackoff: Int

    init(_ settings: QueueManagerSettings) {
        minimalBackoff = settings.minimalBackoff
        maximalBackoff = settings.maximalBackoff
    }

    init(minimalBackoff: Int, maximalBackoff: Int) {
        self.minimalBackoff = minimalBackoff
        self.maximalBackoff = maximalBackoff
    }

    /// The message has been here longer than it may.
    ///
    /// The wall clock may have been set back since it came; then it is new.
    static func isExpired(arrival: Int, lifetime: Int, now: Int) -> Bool {
        let (age, over) = now.subtractingReportingOverflow(arrival)
        return !over && age >= lifetime
    }

    /// What becomes of a message; `canNotify` is false after bounce has failed.
    func verdict(_ outcomes: Outcomes, arrival: Int, now: Int, canNotify: Bool) -> Verdict {
        let hasUnnotified = !outcomes.unnotified.isEmpty
        if hasUnnotified, canNotify { return .notify }
        if hasUnnotified || outcomes.hasPending {
            return .deferUntil(nextAttempt(arrival: arrival, now: now))
        }
        return .remove
    }

    /// The message waits as long again as it has been here, within the two bounds: the pauses double.
    func nextAttempt(arrival: Int, now: Int) -> Int {
        let (age, over) = now.subtractingReportingOverflow(arrival)
        let pause = over ? maximalBackoff : max(minimalBackoff, min(age, maximalBackoff))
        return now + pause
    }

    /// A message whose next attempt is noted as `time` is due.
    ///
    /// A time further away than any pause comes of a clock that has been set back.
    func isDue(_ time: Int, now: Int) -> Bool {
        time <= now || time > now + maximalBackoff
    }

    /// How long a message waits that was active in `crashes` crashes one after the other.
    ///
    /// After one it is tried again at once: most crashes are not its fault. From the second on the
    /// pause doubles, so that a message that brings qmgr down does so ever more rarely.
    func quarantine(crashes: Int) -> Int {
        guard crashes > 1 else { return 0 }
        let doublings = min(crashes - 2, 16)
        return min(minimalBackoff << doublings, maximalBackoff)
    }
}
