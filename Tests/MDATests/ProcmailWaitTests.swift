import Bytes
import LocalDelivery
import Posix
import TestSupport
import Testing

/// What mda waits for and how long, and that its locks stay new meanwhile.
///
/// The numbers are those of docs/PROCMAIL.md.
@Suite struct ProcmailWaitTests {
    private static let noProcess = "-e inject=clone,clone3,vfork:error=EAGAIN"

    private func strace(_ words: String) -> String { "strace -f -qq -o trace \(words)" }

    /// What is short twice and then there: the strace options, the recipes, the file that gets the letter.
    struct Shortage: Sendable {
        let options: String
        let recipes: String
        let place: String
    }

    @Test(arguments: [
        Shortage(options: "\(noProcess):when=1..2", recipes: ":0 w\n| tee out\n", place: "out"),
        Shortage(
            options: "-e inject=clone,clone3,vfork:error=ENOMEM:when=1..2",
            recipes: ":0 fw\n| sed s/body/BODY/\n:0\nbox\n", place: "box"),
        Shortage(
            options: "-e inject=pipe2:error=ENFILE:when=1..2",
            recipes: "A=`echo said`\n:0\n* A ?? ^^said^^\nbox\n", place: "box"),
        Shortage(
            options: "\(noProcess):when=1..2",
            recipes: ":0 cw\n{\n:0\ncopy\n}\n:0\n/dev/null\n", place: "copy"),
        Shortage(
            options: "\(noProcess):when=1..2", recipes: "DELIVERED=yes\n:0\nbox\n", place: "box"),
        Shortage(
            options: "-P box -e inject=openat,open:error=ENFILE:when=1..2",
            recipes: ":0:\nbox\n", place: "box"),
        Shortage(
            options: "-P mh -e inject=openat,open:error=ENFILE:when=1..2",
            recipes: ":0\nmh/.\n", place: "mh/1"),
        Shortage(
            options: "-P inc -e inject=openat,open:error=ENFILE:when=1..2",
            recipes: "INCLUDERC=inc\n", place: "included"),
        Shortage(
            options: "-P log2 -e inject=openat,open:error=ENFILE:when=1..2",
            recipes: "LOGFILE=log2\n:0\nbox\n", place: "box"),
    ])
    func b51WhatTheMachineHasNoRoomForIsTriedAgain(_ shortage: Shortage) throws {
        var mda = try BuiltProgram()
        try mda.directory.file("inc", ":0\nincluded\n")
        mda.wrapper = strace(shortage.options)
        let begin = Clock.monotonic
        #expect(try mda.deliver("SUSPEND=1\nNORESRETRY=2\n" + shortage.recipes) == 0)
        // As often as NORESRETRY allows, and SUSPEND seconds apart.
        #expect(mda.text("trace")?.split(separator: "\n").count { $0.contains("INJECTED") } == 2)
        #expect(Clock.monotonic - begin >= 2000)
        try mda.waitFor(shortage.place)
        #expect(mda.text(shortage.place)?.lowercased().contains("body") == true)
    }

    @Test(arguments: [
        ":0 w\n| tee out\n", ":0\n| tee out\n", ":0\n* ? true\nno\n", ":0 c\n{\n:0\nno\n}\n",
        ":0 fw\n| sed d\n", "A=old\n:0 w\nA=| echo new\n:0\n* ! A ?? ^^old^^\nno\n",
        "DELIVERED=yes\n",
    ])
    func b51WhatCannotBeStartedHasDoneNothing(_ recipes: String) throws {
        var mda = try BuiltProgram()
        mda.wrapper = strace(Self.noProcess)
        #expect(try mda.deliver("SUSPEND=1\nNORESRETRY=1\n\(recipes):0:\nbox\n") == 0)
        #expect(mda.log.contains("Failed forking \""))
        #expect(mda.text("no") == nil)
        #expect(mda.text("out") == nil)
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test func b51ALetterWaitsForAMachineWithoutRoom() throws {
        var mda = try BuiltProgram()
        mda.wrapper = strace("-P default -P orgmail -e inject=openat,open:error=ENFILE")
        #expect(try mda.deliver("SUSPEND=0\nNORESRETRY=1\n") == 75)
        mda.wrapper = strace(Self.noProcess)
        #expect(try mda.deliver("SUSPEND=0\nNORESRETRY=0\nDEFAULT=\nORGMAIL=\n:0\n| cat\n") == 75)
    }

    @Test func b51AProgramWithoutDescriptorsHasNotTakenTheLetter() throws {
        var mda = try BuiltProgram()
        // Only the new process opens it.
        mda.wrapper = strace("-P /dev/null -e inject=openat,open:error=ENFILE")
        #expect(try mda.deliver("SUSPEND=0\nNORESRETRY=1\n:0\n| tee out\n") == 0)
        #expect(mda.text("default")?.contains("body") == true)
        #expect(mda.text("trace")?.split(separator: "\n").count { $0.contains("INJECTED") } == 2)
    }

    @Test func aSignalEndsTheWaitForRoom() throws {
        var mda = try BuiltProgram()
        mda.wrapper = strace(Self.noProcess)
        mda.setting =
            "{ (until grep -qs INJECTED trace; do sleep 0.1; done; pkill -TERM -P $$) & };"
        let recipes = "SUSPEND=60\nNORESRETRY=-1\nLOCKFILE=g.lock\n:0\n| cat\n"
        #expect(try mda.deliver(recipes) == 75)
        #expect(mda.log.contains("Terminating prematurely whilst waiting for fork"))
        #expect(mda.text("g.lock") == nil)
    }

    @Test func whatTheCallerIgnoresIsHeardHereAndByPrograms() throws {
        var mda = try BuiltProgram()
        mda.setting = "trap '' HUP INT QUIT TERM ALRM USR1 USR2;"
        let show = "sed -n 's/SigIgn.*\\(.......\\)$/\\1/p' /proc/self/status > ignored"
        let recipes = ":0 w\n| \(show); kill -TERM $PPID; sleep 5\n"
        #expect(try mda.deliver(recipes) == 75)
        #expect(mda.text("ignored") == "0000000\n")
    }

    /// A program that has the kernel's lock on `box` for so many seconds, or until mda ends.
    private func holder(_ seconds: Int) -> String {
        """
        { python3 -c 'import fcntl, os, time
        f = open("box", "a"); fcntl.lockf(f, fcntl.LOCK_EX)
        open("locked", "w"); end = time.time() + \(seconds); parent = os.getppid()
        while time.time() < end and os.getppid() == parent: time.sleep(0.05)' & };
        until [ -e locked ]; do sleep 0.05; done;
        """
    }

    @Test func b52TheWaitForTheKernelsLockEndsByTIMEOUT() throws {
        var mda = try BuiltProgram()
        mda.setting = holder(20)
        let begin = Clock.monotonic
        #expect(try mda.deliver("TIMEOUT=2\nLOCKSLEEP=1\n:0:\nbox\n") == 0)
        #expect((2000..<10000).contains(Clock.monotonic - begin))
        #expect(mda.log.contains("Timeout, was waiting for \"box\""))
        #expect(mda.text("box") == "")
        #expect(mda.text("box.lock") == nil)
        #expect(mda.text("default")?.contains("body") == true)
    }

    @Test func b52AnAlarmEndsItToo() throws {
        var mda = try BuiltProgram()
        mda.setting = holder(20) + "{ (sleep 2; kill -ALRM $$) & };"
        #expect(try mda.deliver("LOCKSLEEP=1\n:0:\nbox\n") == 0)
        #expect(mda.log.contains("Timeout, was waiting for \"box\""))
        #expect(mda.text("default")?.contains("body") == true)
    }

    @Test func withoutTIMEOUTTheKernelsLockIsWaitedFor() throws {
        var mda = try BuiltProgram()
        mda.setting = holder(4)
        #expect(try mda.deliver("TIMEOUT=0\nLOCKSLEEP=1\n:0:\nbox\n") == 0)
        #expect(mda.text("box")?.contains("body") == true)
    }

    @Test(arguments: ["<&-", "<&- >&-", "<&- >&- 2>&-"])
    func b2AStandardInputThatIsNotOpenIsNoLetter(_ closed: String) throws {
        var mda = try BuiltProgram()
        mda.setting = "exec \(closed);"
        #expect(try mda.deliver(":0:\nbox\n") == 75)
        #expect(mda.text("box") == nil)
    }

    @Test func whatIsOpenedDoesNotTakeAStandardPlace() throws {
        var mda = try BuiltProgram()
        mda.setting = "exec >&- 2>&-;"
        let recipes = "LOGFILE\n:0 c\n| cat; ls /proc/self/fd > fds; echo said >&2\n:0\nbox\n"
        #expect(try mda.deliver(recipes) == 0)
        #expect(mda.text("box") == BuiltProgram.letter + "\n")
    }

    /// In each, `my.lock` is held for five seconds while mda waits for something.
    private static let slow = "SHELLMETAS=;\nLOCKSLEEP=1\nLOCKTIMEOUT=2\n"

    @Test(arguments: [
        // A program, a copy, another lock, the kernel's lock.
        ":0 w: my.lock\n| sleep 5; cat > out\n",
        ":0 cw: my.lock\n{\n:0 w\n| sleep 5; cat > out\n}\n:0\n/dev/null\n",
        "LOCKFILE=my.lock\n:0: other.lock\nout\n",
        "LOCKFILE=my.lock\n:0\nbox\n",
    ])
    func b29ALockThatIsHeldStaysNew(_ recipes: String) throws {
        var mda = try BuiltProgram()
        let lockfile = try Process.programPath.parent / "mda"
        try (mda.directory.path / "lockfile").makeSymbolicLink(to: lockfile)
        // A second user of the lock, for whom it is old after two seconds.
        mda.setting =
            holder(5) + "echo longer than a lock that is taken over > other.lock;"
            + "{ (sleep 5; rm other.lock) & };"
            + "{ (sleep 4.5; ./lockfile -l 2 -r 0 my.lock; echo $? > told) & };"
        #expect(try mda.deliver(Self.slow + recipes) == 0)
        try mda.waitFor("told")
        #expect(mda.text("told") == "73\n")
        #expect(mda.text("my.lock") == nil)
    }
}

extension BuiltProgram {
    /// Waits for a file with something in it, which a process nobody waits for writes.
    fileprivate func waitFor(_ name: String) throws {
        let end = Deadline.after(seconds: 10)
        while (text(name) ?? "").isEmpty, !end.hasPassed { Process.sleep(milliseconds: 50) }
    }
}
