import Bytes
import Maildir
import Posix

/// Where a message's file lies now and what it is called.
struct MaildirFile: Equatable {
    let name: MaildirName
    /// In `new/`, not yet in `cur/`.
    let isNew: Bool
}

/// One reading of `new/` and `cur/`.
///
/// While it reads, others rename, deliver and remove. So it also says whether it was steady: only
/// then is a name that it did not find not there.
struct MaildirScan {
    private(set) var files: [BaseName: MaildirFile] = [:]
    /// Base names of the messages that this reading moved to `cur/`: they are recent here.
    private(set) var claimed: Set<BaseName> = []
    /// The directories' times before they were read.
    private(set) var newTime = FileTime(seconds: 0)
    private(set) var currentTime = FileTime(seconds: 0)
    private(set) var isSteady = false

    /// Reads the directories; with `claims`, what is in `new/` is moved to `cur/` first.
    init(
        _ maildir: borrowing Maildir, claims: Bool, names: inout UniqueNames
    ) throws(SystemError) {
        try readNew(maildir, claims, &names)
        currentTime = try maildir.current.status().modified
        for path in try maildir.current.names() where MaildirName.isMessage(path) {
            try take(MaildirName(path.bytes), maildir, claims, &names)
        }
        let after = try maildir.current.status().modified
        isSteady = after == currentTime && !Self.isFresh(after)
    }

    /// Whether something may still happen in the same tick of the file system's clock.
    static func isFresh(_ time: FileTime) -> Bool {
        let now = Clock.precise
        let age =
            (now.seconds - time.seconds) * 1_000_000 + now.microseconds
            - time.nanoseconds / 1000
        // Times without a fraction come from a file system that keeps whole seconds.
        return age < (time.nanoseconds == 0 ? 2_000_000 : Self.tick)
    }

    /// Microseconds; the kernel's clock ticks at least every 10 milliseconds.
    private static let tick = 20_000

    private mutating func readNew(
        _ maildir: borrowing Maildir, _ claims: Bool, _ names: inout UniqueNames
    ) throws(SystemError) {
        // Again until nothing is left to move: what comes later changes the time noted last.
        for _ in 0..<Self.newPasses {
            newTime = try maildir.new.status().modified
            let found = try maildir.new.names().filter(MaildirName.isMessage)
            guard claims, !found.isEmpty else {
                for path in found {
                    let name = MaildirName(path.bytes)
                    files[name.key] = MaildirFile(name: name, isNew: true)
                }
                return
            }
            for path in found { try claim(MaildirName(path.bytes), maildir, &names) }
        }
    }

    /// Enough to empty `new/` even while mail comes in.
    private static let newPasses = 5

    /// Moves a message to `cur/`: only one session succeeds in that.
    private mutating func claim(
        _ name: MaildirName, _ maildir: borrowing Maildir, _ names: inout UniqueNames
    ) throws(SystemError) {
        var target = MaildirName(base: name.base, info: name.info)
        do throws(SystemError) {
            try maildir.new.rename(name.path, toNew: maildir.current, target.path)
        } catch {
            if error.isMissing { return }
            guard error.code == SystemError.exists else { throw error }
            // Another message has the name: this one gets one of its own.
            target = MaildirName(base: try names.next(), info: name.info)
            do throws(SystemError) {
                try maildir.new.rename(name.path, toNew: maildir.current, target.path)
            } catch {
                if error.isMissing { return }
                throw error
            }
        }
        claimed.insert(target.key)
    }

    /// Enters a name of `cur/`; of two names with one base, one is stale or a message of its own.
    private mutating func take(
        _ name: MaildirName, _ maildir: borrowing Maildir, _ claims: Bool,
        _ names: inout UniqueNames
    ) throws(SystemError) {
        let base = name.key
        guard let other = files[base] else {
            files[base] = MaildirFile(name: name, isNew: false)
            return
        }
        let status = try maildir.current.statusIfPresent(of: name.path)
        let otherStatus =
            other.isNew
            ? try maildir.new.statusIfPresent(of: other.name.path)
            : try maildir.current.statusIfPresent(of: other.name.path)
        guard let status else { return }
        guard let otherStatus else {
            files[base] = MaildirFile(name: name, isNew: false)
            return
        }
        guard claims else { return }
        if status.isSameFile(as: otherStatus) {
            // One file under two names, of an interrupted link and unlink: one is enough.
            try maildir.current.unlinkIfPresent(name.path)
            return
        }
        let fresh = MaildirName(base: try names.next(), info: name.info)
        do throws(SystemError) {
            try maildir.current.rename(name.path, toNew: maildir.current, fresh.path)
            files[fresh.key] = MaildirFile(name: fresh, isNew: false)
        } catch {
            if !error.isMissing { throw error }
        }
    }

    /// Adds what an earlier reading found and this one did not: a rename may have hidden it.
    mutating func add(_ earlier: MaildirScan) {
        files.merge(earlier.files) { mine, _ in mine }
        claimed.formUnion(earlier.claimed)
    }
}
