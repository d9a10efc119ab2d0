import Glibc

/// Nanoseconds of processor time that `body` takes on this thread: what a busy machine does not
/// change.
package func processorTime(_ body: () throws -> Void) rethrows -> Int {
    func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
    let start = now()
    try body()
    return now() - start
}

/// Whether four times the input take less than ten times as long: linear is 4, quadratic 16.
package func isLinear(upTo size: Int, _ body: (Int) throws -> Void) rethrows -> Bool {
    let quarter = try (0..<3).map { _ in try processorTime { try body(size / 4) } }.min() ?? 0
    let whole = try (0..<3).map { _ in try processorTime { try body(size) } }.min() ?? 0
    return whole < quarter * 10 + 20_000_000
}
