import Bytes
import Mbox
import Posix
import TestSupport
import Testing

/// Few attempts, so that a busy lock is told at once.
private let quick = LockPolicy(timeoutMilliseconds: 60, pauseMilliseconds: 20)

private func opened(
    _ path: Path, _ policy: LockPolicy = quick, _ rules: OpeningRules = OpeningRules()
) -> String {
    do throws(MboxError) {
        _ = try LockedMbox.open(path, for: .writing, rules: rules, locks: policy)
        return "opened"
    } catch {
        switch error {
        case .busy: return "busy"
        case .missing: return "missing"
        case .unsafe: return "unsafe"
        case .damaged: return "damaged"
        case .failed(let failure): return failure.reason
        }
    }
}

/// A process number that was just in use and is no more.
private func deadProcess() throws -> Int32 {
    guard let child = try Process.fork() else { Process.leave(0) }
    _ = try Process.wait(child)
    return child
}

@Suite struct LockTests {
    @Test func leavesNoLock() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", from + "\na\n\n")
        #expect(opened(path) == "opened")
        #expect(try directory.path.list().map(\.description) == ["mbox"])
    }

    @Test func takesOverWhatTheDeadHaveLeft() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", "")
        let dead = try deadProcess()
        try directory.file("mbox.lock", "\(dead):\(hostName)")
        #expect(opened(path) == "opened")
        // Of another machine the number says nothing, and without a machine neither.
        for content in ["\(dead):elsewhere.example", "\(dead)\n", "0", "", "x:\(hostName)"] {
            try directory.file("mbox.lock", content)
            #expect(opened(path) == "busy", "\(content)")
            try (directory.path / "mbox.lock").unlink()
        }
        try directory.file("mbox.lock", "\(Process.id):\(hostName)")
        #expect(opened(path) == "busy")
    }

    @Test func takesOverWhatWasLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", "")
        try directory.file("mbox.lock", "")
        var policy = quick
        policy.staleSeconds = 1
        policy.timeoutMilliseconds = 3500
        #expect(opened(path, policy) == "opened")
    }

    @Test func respectsWhateverStandsThere() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", "")
        let lock = directory.path / "mbox.lock"
        var policy = quick
        policy.staleSeconds = 1
        try lock.makeDirectory()
        #expect(opened(path, policy) == "busy")
        try lock.removeDirectory()
        try lock.makeSymbolicLink(to: directory.path / "target")
        #expect(opened(path, policy) == "busy")
        #expect(try lock.linkStatus().kind == .symbolicLink)
        #expect(try (directory.path / "target").statusIfPresent() == nil)
    }

    @Test func respectsTheKernelsLocks() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", "")
        let held = try FileDescriptor.open(path, .readWrite)
        #expect(try held.tryLock(.shared))
        #expect(opened(path) == "busy")
        // What was given back before the next attempt is not left behind.
        #expect(try (directory.path / "mbox.lock").statusIfPresent() == nil)
        let reader = try LockedMbox.open(path, for: .reading, locks: quick)
        #expect(try reader.status().size == 0)
        try held.unlock()
        #expect(try held.tryFlock(.exclusive))
        var policy = quick
        policy.methods = [.flock]
        #expect(opened(path, policy) == "busy")
    }

    @Test func readsTheNamesOfLocks() {
        #expect(LockPolicy.methods(named: Array("fcntl, dotlock".utf8)) == [.fcntl, .dotlock])
        #expect(
            LockPolicy.methods(named: Array("dotlock_try lockf flock".utf8))
                == [.dotlockIfPossible, .fcntl, .flock])
        #expect(LockPolicy.methods(named: Array("fcntl, semaphore".utf8)) == nil)
    }
}

@Suite struct OpeningTests {
    private let making = OpeningRules(creation: OpeningRules.Creation())

    @Test func makesWhatIsMissing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path / "mbox"
        #expect(opened(path) == "missing")
        #expect(opened(path, quick, making) == "opened")
        #expect(try path.linkStatus().mode == 0o600)
    }

    @Test func touchesNothingThatMayBeAnothers() throws {
        let directory = try TemporaryDirectory()
        let victim = try directory.file("victim", "secret")
        let path = directory.path / "mbox"
        try path.makeSymbolicLink(to: victim)
        // A link of root's in a directory of root's is the administrator's will.
        if Rights.effectiveUser == 0 {
            #expect(opened(path, quick, making) == "opened")
            try path.setOwner(54321, group: 54321)
        }
        #expect(opened(path, quick, making) == "unsafe")
        try path.unlink()
        try path.makeSymbolicLink(to: directory.path / "nowhere")
        #expect(opened(path, quick, making) == "unsafe")
        try path.unlink()
        try victim.link(to: path)
        #expect(opened(path, quick, making) == "unsafe")
        try path.unlink()
        try path.makeFIFO(mode: 0o600)
        #expect(opened(path, quick, making) == "unsafe")
        try path.unlink()
        try path.makeDirectory()
        #expect(opened(path, quick, making) == "unsafe")
        #expect(try directory.content("victim") == Array("secret".utf8))
    }

    @Test func asksForItsOwner() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", "")
        #expect(opened(path, quick, OpeningRules(owner: Rights.effectiveUser)) == "opened")
        #expect(opened(path, quick, OpeningRules(owner: 54321)) == "unsafe")
    }

    @Test func refusesASideFileOfOthers() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("mbox", from + "\na\n\n")
        let side = try directory.file(".mbox.journal", "")
        #expect(path.mboxSideFile == side)
        try side.setMode(0o666)
        #expect(opened(path) == "unsafe")
        try side.unlink()
        try side.makeSymbolicLink(to: path)
        #expect(opened(path) == "unsafe")
    }
}
