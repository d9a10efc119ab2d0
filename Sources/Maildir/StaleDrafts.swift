package import Posix

/// Cleaning of `tmp/`.
extension Maildir {
    /// Removes files in `tmp/` that nobody has touched for 36 hours, as the Maildir specification
    /// asks, and yields how many there were.
    ///
    /// A younger file may be a delivery that is still going on, however slowly.
    @discardableResult
    package func removeStaleDrafts(now: Int) throws(SystemError) -> Int {
        var removed = 0
        for name in try temporary.names() {
            guard let status = try temporary.statusIfPresent(of: name), status.kind == .regular
            else { continue }
            let touched = max(
                status.accessed.seconds, status.modified.seconds, status.changed.seconds)
            guard touched <= now, now - touched > Self.staleAfter else { continue }
            if try temporary.unlinkIfPresent(name) { removed += 1 }
        }
        return removed
    }

    /// 36 hours in seconds.
    static let staleAfter = 36 * 3600
}
